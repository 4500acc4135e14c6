/* nodelet-shim: runs one launch plan, then holds the container that came of it. See docs/shim-protocol.md. */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "connections.h"
#include "container.h"
#include "helper.h"
#include "log.h"
#include "loop.h"
#include "protocol.h"
#include "run.h"
#include "syscalls.h"
#include "volume.h"

#define CONTROL 3
#define KERNEL_SIGSET_BYTES 8
#define SIGNAL_LAST 64
#define DEFAULT_UMASK 022

/* Whatever the daemon's own dispositions and mask are: a container starts with none of them. Everything is blocked as long as
 * the shim lives, so that a stray signal neither ends it nor interrupts a call. */
static void reset_signals(void) {
  struct { /* the kernel's struct sigaction */
    uintptr_t handler;
    unsigned long flags;
    uintptr_t restorer;
    uint64_t mask;
  } found, standard = {0};
  uint64_t all = ~0ull;
  /* No handler survives an exec, but what was ignored still is. A sanitizer's own handlers stay. */
  for (int number = 1; number <= SIGNAL_LAST; number++) {
    if (syscall(SYS_rt_sigaction, number, NULL, &found, KERNEL_SIGSET_BYTES) == 0 && found.handler == (uintptr_t)SIG_IGN)
      syscall(SYS_rt_sigaction, number, &standard, NULL, KERNEL_SIGSET_BYTES);
  }
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, KERNEL_SIGSET_BYTES);
}

static int set_up_self(void) {
  sys_prctl(PR_SET_NAME, (unsigned long)"nodelet-shim", 0, 0, 0);
  int rc = sys_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (rc == 0) rc = sys_prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  if (rc == 0) rc = sys_chdir("/");
  if (rc == 0) rc = sys_fcntl(CONTROL, F_SETFD, FD_CLOEXEC);
  if (rc == 0) rc = sys_close_range(CONTROL + 1, ~0u, 0); /* what whoever started the agent left open */
  for (int fd = 0; rc >= 0 && fd < 3; fd++) {
    if (sys_fcntl(fd, F_GETFD, 0) >= 0) continue;
    rc = (int)checked(syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR, 0)); /* takes the lowest number: this one */
  }
  if (rc >= 0) rc = scratch_map();
  syscall(SYS_umask, DEFAULT_UMASK);
  reset_signals();
  return rc < 0 ? rc : 0;
}

/* Waits for the PLAN frame. */
static int receive_plan(uint8_t **plan, size_t *size) {
  uint8_t header[FRAME_HEADER];
  for (;;) {
    int rc = receive_all(CONTROL, header, sizeof header);
    if (rc < 0) return rc;
    *size = (size_t)get_number(header, 4);
    if (*size > FRAME_PAYLOAD_MAX) return frame_error(CONTROL, "a frame that is too long"), -EPROTO;
    uint8_t *payload = pages_map(*size + 1);
    if (!payload) return -ENOMEM;
    rc = receive_all(CONTROL, payload, *size);
    if (rc == 0 && get_number(header + 4, 2) == FRAME_PLAN) {
      *plan = payload;
      return 0;
    }
    pages_unmap(payload, *size + 1);
    if (rc == 0) rc = frame_error(CONTROL, "a plan is expected first");
    if (rc < 0) return rc;
  }
}

static int refuse_plan(int step, const char *message) {
  struct report report;
  if (report_refused(step, message, &report) == 0) frame_send(CONTROL, FRAME_FAILED, report.bytes, report.size);
  return -EPROTO;
}

/* What stays of the plan's registers: the cgroup and the root's mount, if the host has them. */
static void keep_registers(const struct run *run) {
  for (size_t i = 0; i < run->plan.count; i++) {
    const struct step *step = &run->plan.steps[i];
    if (step->code == OP_PIVOT_ROOT) container.root = register_of(run, step, PIVOT_ROOT_ROOT);
    /* The child's own, or that of the actor it was started by. */
    if (step->code == OP_FORK && register_of(run, step, FORK_CGROUP) >= 0) {
      container.cgroup = register_of(run, step, FORK_CGROUP);
    }
  }
  container.pidfd = run->pidfds[WHO_CHILD];
}

/* The container runs: tells it, gives back the plan, and stays until it ends. */
static int hold_container(struct run *run) {
  struct report report;
  container.process.pid = actor_pid(run, WHO_CHILD);
  container.started_at = clock_ns(CLOCK_REALTIME);
  container.state = STATE_RUNNING;
  int rc = report_started(run, (uint32_t)container.process.pid, container.started_at, &report);
  if (rc == 0) {
    rc = frame_send(CONTROL, FRAME_STARTED, report.bytes, report.size);
    report_free(&report);
  }
  if (rc < 0 && !run->committed) {
    run_undo(run);
    return 1;
  }
  keep_registers(run);
  run_release(run);
  process_close_theirs(&container.process);
  sys_chdir("/");
  connections_init();
  connection_add(CONTROL, false);
  loop_run();
  return 0;
}

/* A plan without a workload, such as a sandbox's, is over when its steps are. */
static int finish_plan(struct run *run) {
  uint32_t stays = run->shared->ending[WHO_CHILD] == ENDING_PAUSE ? (uint32_t)actor_pid(run, WHO_CHILD) : 0;
  struct report report;
  int rc = report_pid(run, stays, &report);
  if (rc == 0) rc = frame_send(CONTROL, FRAME_FINISHED, report.bytes, report.size);
  if (rc < 0) run_undo(run); /* nobody knows of it */
  return rc < 0;
}

static int execute(struct run *run) {
  int rc = run_plan(run);
  if (rc == 0) return run->plan.exec_at >= 0 ? hold_container(run) : finish_plan(run);
  struct report report;
  commit_drain(run);
  if (run->shared && report_failed(run, &report) == 0) frame_send(CONTROL, FRAME_FAILED, report.bytes, report.size);
  return 1;
}

int main(int argc, char **argv) {
  static struct run run;
  struct plan_size needed;
  struct plan_fault fault;
  uint8_t *plan;
  size_t size;

  if (argc > 1 && strcmp(argv[1], "volume") == 0) return volume_main(argc - 2, argv + 2);
  if (argc > 1 && strcmp(argv[1], "helper") == 0) return helper_main(argc - 2, argv + 2);
  if (set_up_self() < 0) return 1;
  uint8_t hello[HELLO_BYTES];
  hello_encode(hello, STATE_NEW, 0);
  if (frame_send(CONTROL, FRAME_HELLO, hello, sizeof hello) < 0 || receive_plan(&plan, &size) < 0) return 0;
  if (plan_check(plan, size, PLAN_MAIN, &needed, &fault) < 0) return refuse_plan(fault.step, fault.message) < 0;
  void *arena = pages_map(needed.arena ? needed.arena : 1);
  if (!arena) return refuse_plan(0, "there is no memory for the plan") < 0;
  run_hold(plan, size + 1, arena, needed.arena ? needed.arena : 1);
  plan_decode(plan, size, arena, &run.plan);
  run.control = CONTROL;
  run.process = &container.process;
  process_init(&container.process);
  return execute(&run);
}
