#include "loop.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "connections.h"
#include "container.h"
#include "exit.h"
#include "log.h"
#include "sessions.h"
#include "syscalls.h"

/* After this long without output the memory of a busy time is given back. */
#define TRIM_MS 1000

/* What a descriptor of the poll set stands for. The listener comes last: a connection that it brings may take the place of one
 * that was closed a moment before. */
enum watched { WATCH_CHILDREN, WATCH_INIT, WATCH_OUTPUT, WATCH_INPUT, WATCH_CONNECTION, WATCH_LISTENER };
struct watch {
  uint8_t what;
  uint8_t stream;
  int16_t index; /* of the connection, or of the session; -1: the container */
};

#define WATCHES_MAX (2 + 3 * (SESSIONS_MAX + 1) + CONNECTIONS_MAX + 1)
static struct pollfd set[WATCHES_MAX];
static struct watch watches[WATCHES_MAX];
static int watch_count;
static int children = -1;

static void watch(int fd, short events, enum watched what, int stream, int index) {
  if (fd < 0) return;
  set[watch_count] = (struct pollfd){.fd = fd, .events = events};
  watches[watch_count++] = (struct watch){(uint8_t)what, (uint8_t)stream, (int16_t)index};
}

static struct process *process_at(int index) { return index < 0 ? &container.process : &sessions[index].process; }

static void watch_process(int index, bool held_up) {
  const struct process *process = process_at(index);
  for (int stream = 0; !held_up && stream < STREAM_COUNT; stream++) {
    watch(process->output[stream], POLLIN, WATCH_OUTPUT, stream, index);
  }
  if (buffer_used(&process->pending)) watch(process->input, POLLOUT, WATCH_INPUT, 0, index);
}

static void watch_all(void) {
  watch_count = 0;
  watch(children, POLLIN, WATCH_CHILDREN, 0, 0);
  if (container.state == STATE_RUNNING) watch(container.pidfd, POLLIN, WATCH_INIT, 0, 0);
  watch_process(-1, connections_hold_output());
  for (int i = 0; i < SESSIONS_MAX; i++) {
    if (!sessions[i].used) continue;
    watch_process(i, sessions[i].connection && connection_blocked(sessions[i].connection));
  }
  for (int i = 0; i < CONNECTIONS_MAX; i++) {
    const struct connection *connection = &connections[i];
    short events = (short)((connection_stalled(connection) ? 0 : POLLIN) | (buffer_used(&connection->out) ? POLLOUT : 0));
    if (events) watch(connection->fd, events, WATCH_CONNECTION, 0, i);
  }
  watch(container.listener, POLLIN, WATCH_LISTENER, 0, 0);
}

/* One batch of output. The end of a terminal is an EIO. */
static void read_output(int index, int stream) {
  struct process *process = process_at(index);
  if (process->output[stream] < 0) return;
  ssize_t got = sys_read(process->output[stream], scratch(), SCRATCH_SIZE);
  if (got == -EAGAIN || got == -EINTR) return;
  size_t size = got > 0 ? (size_t)got : 0;
  if (size == 0) process_close_output(process, stream);
  if (index >= 0) {
    session_output(&sessions[index], stream, scratch(), size);
  } else {
    exit_output();
    if (size == 0) log_end(stream);
    connections_output(stream, scratch(), size);
    if (size) log_write(stream, scratch(), size);
  }
  scratch_used(size);
}

static void check_init(void) {
  siginfo_t info = {0};
  if (container.state != STATE_RUNNING) return;
  long rc = checked(waitid(P_PID, (id_t)container.process.pid, &info, WEXITED | WNOHANG | WNOWAIT | __WALL));
  if (rc == 0 && info.si_pid) exit_begin(&info);
}

/* Sessions' processes, and those whose parents have gone: the shim is the last one to ask after them. */
static void reap_children(void) {
  struct signalfd_siginfo notice;
  while (sys_read(children, &notice, sizeof notice) > 0) continue;
  for (;;) {
    siginfo_t info = {0};
    if (checked(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL)) < 0 || info.si_pid == 0) return;
    if (info.si_pid == container.process.pid) {
      check_init();
      sessions_reap(); /* init stays a zombie, so the rest has to be asked for by name */
      return;
    }
    if (!session_reap(info.si_pid)) waitid(P_PID, (id_t)info.si_pid, NULL, WEXITED | WNOHANG | __WALL);
  }
}

static void serve(struct connection *connection, const struct pollfd *event) {
  if (connection->fd != event->fd || connection->broken) return;
  if (event->revents & (POLLOUT | POLLERR)) connection_flush(connection);
  if (event->revents & (POLLIN | POLLHUP | POLLERR) && !connection_stalled(connection)) connection_read(connection);
}

static void dispatch(const struct pollfd *event, const struct watch *what) {
  switch (what->what) {
  case WATCH_CHILDREN:
    reap_children();
    return;
  case WATCH_INIT:
    check_init();
    return;
  case WATCH_OUTPUT:
    if (what->index < 0 || sessions[what->index].used) read_output(what->index, what->stream);
    return;
  case WATCH_INPUT:
    if (process_at(what->index)->input >= 0) process_flush(process_at(what->index));
    return;
  case WATCH_CONNECTION:
    serve(&connections[what->index], event);
    return;
  default:
    connections_accept(container.listener);
  }
}

static uint64_t earliest(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* Waits for events, no longer than until something is due. */
static long wait_for_events(uint64_t now, uint64_t trim_at) {
  uint64_t due = earliest(connections_deadline(), sessions_deadline());
  if (container.state == STATE_EXITED) due = earliest(due, exit_deadline());
  if (scratch_is_large()) due = earliest(due, trim_at);
  if (due == UINT64_MAX) return checked(ppoll(set, (nfds_t)watch_count, NULL, NULL));
  uint64_t left = due > now ? due - now : 0;
  struct timespec timeout = {.tv_sec = (time_t)(left / 1000), .tv_nsec = (long)(left % 1000) * 1000000};
  return checked(ppoll(set, (nfds_t)watch_count, &timeout, NULL));
}

static int open_children(void) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  return (int)checked(signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
}

void loop_run(void) {
  children = open_children();
  uint64_t busy_at = monotonic_ms();
  for (;;) {
    uint64_t now = monotonic_ms();
    connections_sweep(now);
    sessions_sweep(now, false);
    if (container.state == STATE_EXITED && exit_drained(now)) break;
    watch_all();
    long ready = wait_for_events(now, busy_at + TRIM_MS);
    if (ready > 0) {
      busy_at = monotonic_ms();
    } else if (scratch_is_large() && monotonic_ms() >= busy_at + TRIM_MS) {
      scratch_trim();
    }
    for (int i = 0; ready > 0 && i < watch_count; i++) {
      if (set[i].revents) dispatch(&set[i], &watches[i]);
    }
  }
  exit_finish();
}
