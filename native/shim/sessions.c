#include "sessions.h"

#include <signal.h>
#include <string.h>

#include "connections.h"
#include "container.h"
#include "run.h"
#include "syscalls.h"

/* How long the steps of an exec may take: the container's output is not read meanwhile. */
#define PLAN_LIMIT_MS 10000
/* A process that was left behind may keep the output open: it is given up once nothing has come for a while. */
#define QUIET_MS 200
#define DRAIN_MS 2000

struct session sessions[SESSIONS_MAX];

static struct session *session_new(void) {
  for (int i = 0; i < SESSIONS_MAX; i++) {
    if (sessions[i].used) continue;
    sessions[i] = (struct session){.used = true};
    process_init(&sessions[i].process);
    return &sessions[i];
  }
  return NULL;
}

static void session_free(struct session *session) {
  process_close(&session->process);
  if (session->connection) session->connection->session = NULL;
  session->used = false;
}

static void refuse(struct connection *connection, int step, const char *message) {
  struct report report;
  if (report_refused(step, message, &report) < 0) return;
  connection_send(connection, FRAME_FAILED, report.bytes, report.size);
  report_free(&report);
}

static void tell_outcome(struct connection *connection, struct run *run, int rc) {
  struct report report = {0};
  if (!run->shared) {
    refuse(connection, 0, "there is no memory for the plan");
    return;
  }
  int made = rc == 0 ? report_started(run, (uint32_t)actor_pid(run, WHO_CHILD), clock_ns(CLOCK_REALTIME), &report)
                     : report_failed(run, &report);
  if (made == 0) connection_send(connection, rc == 0 ? FRAME_STARTED : FRAME_FAILED, report.bytes, report.size);
  report_free(&report);
}

/* The plan was accepted: memory for its steps, then the steps. Frees the encoded plan. */
static int execute(struct connection *connection, struct session *session, uint8_t *data, size_t size, size_t arena_size) {
  void *arena = arena_size ? pages_map(arena_size) : NULL;
  if (!arena) {
    pages_unmap(data, size);
    refuse(connection, 0, "there is no memory for the plan");
    return -ENOMEM;
  }
  static struct run run;
  memset(&run, 0, sizeof run);
  run_hold(data, size, arena, arena_size);
  plan_decode(data, size, arena, &run.plan);
  run.exec_session = true;
  run.control = -1;
  run.deadline = monotonic_ms() + PLAN_LIMIT_MS;
  run.process = &session->process;
  int rc = run_plan(&run);
  tell_outcome(connection, &run, rc);
  if (rc == 0) session->process.pid = actor_pid(&run, WHO_CHILD);
  run_release(&run);
  sys_chdir("/");
  return rc;
}

void session_start(struct connection *connection, uint8_t *plan, size_t size) {
  struct plan_size needed;
  struct plan_fault fault = {.step = 0, .message = "there is no memory for the plan"};
  struct session *session = NULL;
  if (container.state != STATE_RUNNING) fault.message = "the container is not running";
  else if (connection->session) fault.message = "the connection has a session already";
  else if (plan && plan_check(plan, size, PLAN_EXEC, &needed, &fault) == 0) {
    session = session_new();
    fault = (struct plan_fault){.message = "there are too many sessions"};
  }
  if (!session) {
    pages_unmap(plan, size);
    refuse(connection, fault.step, fault.message);
    return;
  }
  if (execute(connection, session, plan, size, needed.arena) < 0) {
    session_free(session);
    return;
  }
  process_close_theirs(&session->process);
  session->connection = connection;
  connection->session = session;
  connection->attached = 0;
}

struct session *session_of_pid(pid_t pid) {
  for (int i = 0; i < SESSIONS_MAX; i++) {
    if (sessions[i].used && !sessions[i].ended && sessions[i].process.pid == pid) return &sessions[i];
  }
  return NULL;
}

void exit_status(const siginfo_t *info, int *code, int *signal) {
  *signal = info->si_code == CLD_EXITED ? 0 : info->si_status;
  *code = info->si_code == CLD_EXITED ? info->si_status : 128 + info->si_status;
}

static void reap(struct session *session) {
  siginfo_t info = {0};
  if (checked(waitid(P_PID, (id_t)session->process.pid, &info, WEXITED | WNOHANG | __WALL)) < 0 || info.si_pid == 0) return;
  exit_status(&info, &session->code, &session->signal);
  uint64_t now = monotonic_ms();
  session->ended = true;
  session->ended_at = clock_ns(CLOCK_REALTIME);
  session->quiet_until = now + QUIET_MS;
  session->drain_until = now + DRAIN_MS;
}

bool session_reap(pid_t pid) {
  struct session *session = session_of_pid(pid);
  if (session) reap(session);
  return session != NULL;
}

void sessions_reap(void) {
  for (int i = 0; i < SESSIONS_MAX; i++) {
    if (sessions[i].used && !sessions[i].ended) reap(&sessions[i]);
  }
}

void session_output(struct session *session, int stream, const uint8_t *data, size_t size) {
  session->quiet_until = monotonic_ms() + QUIET_MS;
  if (session->connection) connection_send(session->connection, stream == STREAM_OUT ? FRAME_STDOUT : FRAME_STDERR, data, size);
}

static void finish(struct session *session) {
  struct connection *connection = session->connection;
  for (int stream = 0; stream < STREAM_COUNT; stream++) {
    if (session->process.output[stream] < 0) continue;
    process_close_output(&session->process, stream);
    session_output(session, stream, NULL, 0);
  }
  session_free(session);
  if (connection) connection_send_exited(connection, session->code, session->signal, session->ended_at);
}

static bool complete(const struct session *session, uint64_t now) {
  const struct process *process = &session->process;
  if (process->output[STREAM_OUT] < 0 && process->output[STREAM_ERR] < 0) return true;
  if (session->connection && connection_blocked(session->connection)) return false; /* it is the reader who is slow */
  return now >= session->quiet_until || now >= session->drain_until;
}

void sessions_sweep(uint64_t now, bool all) {
  for (int i = 0; i < SESSIONS_MAX; i++) {
    struct session *session = &sessions[i];
    if (session->used && session->ended && (all || complete(session, now))) finish(session);
  }
}

uint64_t sessions_deadline(void) {
  uint64_t earliest = UINT64_MAX;
  for (int i = 0; i < SESSIONS_MAX; i++) {
    const struct session *session = &sessions[i];
    if (!session->used || !session->ended) continue;
    if (session->connection && connection_blocked(session->connection)) continue;
    uint64_t due = session->quiet_until < session->drain_until ? session->quiet_until : session->drain_until;
    if (due < earliest) earliest = due;
  }
  return earliest;
}

bool sessions_active(void) {
  for (int i = 0; i < SESSIONS_MAX; i++) {
    if (sessions[i].used) return true;
  }
  return false;
}
