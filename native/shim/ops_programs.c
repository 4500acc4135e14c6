/* Operations that run something: the workload, a hook, a pod's first process. */
#include <limits.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "run.h"
#include "syscalls.h"
#include "text.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define KERNEL_SIGSET_BYTES 8
#define HOOK_FAILED_TO_START 127
#define WAIT_BY_PIDFD 3

static int sys_execve(const char *path, char **argv, char **env) { return (int)checked(syscall(SYS_execve, path, argv, env)); }

/* The shim blocks every signal; a program starts with none blocked. */
static void unblock_signals(void) {
  uint64_t none = 0;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, KERNEL_SIGSET_BYTES);
}

static const char *path_of(char **env) {
  for (; *env; env++) {
    if (strncmp(*env, "PATH=", 5) == 0) return *env + 5;
  }
  return DEFAULT_PATH;
}

/* Returns only when no program could be started. As execvp: a place that is denied is remembered while others are tried. */
static int exec_searching(const char *name, char **argv, char **env) {
  static char candidate[PATH_MAX];
  if (!*name) return -ENOENT;
  if (strchr(name, '/')) return sys_execve(name, argv, env);
  int denied = 0;
  for (const char *at = path_of(env);; at++) {
    size_t length = strcspn(at, ":");
    struct text path = text_in(candidate, sizeof candidate);
    text_bytes(&path, at, length);
    text_add(&path, length ? "/" : "./");
    text_add(&path, name);
    if (path.at < path.end) {
      int rc = sys_execve(candidate, argv, env);
      if (rc == -EACCES) denied = rc;
      else if (rc != -ENOENT && rc != -ENOTDIR) return rc;
    }
    at += length;
    if (!*at) break;
  }
  return denied ? denied : -ENOENT;
}

int op_exec(struct run *run, const struct step *step) {
  char **argv = list_of(step, EXEC_ARGV);
  run->shared->ending[run->me] = ENDING_EXEC;
  unblock_signals();
  int rc = exec_searching(argv[0], argv, list_of(step, EXEC_ENV));
  run->shared->ending[run->me] = ENDING_NONE;
  return rc;
}

int op_pause(struct run *run, const struct step *step) {
  (void)step;
  sys_prctl(PR_SET_NAME, (unsigned long)"nodelet-init", 0, 0, 0);
  run->shared->ending[run->me] = ENDING_PAUSE;
  run_unmap(run);
  sys_chdir("/");
  sys_close_range(0, ~0u, 0); /* the end of its channel tells the host that it is in place */

  /* All signals are blocked, so even as the first process of its namespace it gets the ones it waits for. */
  uint64_t awaited = 1ull << (SIGCHLD - 1) | 1ull << (SIGTERM - 1) | 1ull << (SIGINT - 1);
  for (;;) {
    long signal = checked(syscall(SYS_rt_sigtimedwait, &awaited, NULL, NULL, KERNEL_SIGSET_BYTES));
    if (signal == SIGTERM || signal == SIGINT) _exit(0);
    siginfo_t ended = {0};
    while (signal == SIGCHLD && waitid(P_ALL, 0, &ended, WEXITED | WNOHANG) == 0 && ended.si_pid != 0) ended.si_pid = 0;
  }
}

_Noreturn static void hook_main(struct run *run, const struct step *step, int input) {
  int rc = (int)checked(syscall(SYS_dup3, input, STDIN_FILENO, 0));
  if (rc >= 0) rc = sys_chdir("/");
  if (rc >= 0) rc = sys_close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
  unblock_signals();
  if (rc >= 0) rc = sys_execve(text_of(step, HOOK_PATH), list_of(step, HOOK_ARGV), list_of(step, HOOK_ENV));
  run->shared->hook_error = -rc;
  _exit(HOOK_FAILED_TO_START);
}

/* The container's state, with the pid of init where the plan could not know it. A hook need not read it. */
static void write_state(struct run *run, const struct step *step, int fd) {
  const char *mark = "@PID@";
  const char *at = text_of(step, HOOK_STATE), *end = at + length_of(step, HOOK_STATE);
  char digits[24];
  text_join(digits, sizeof digits, "", (uint64_t)actor_pid(run, WHO_CHILD), "");
  while (at < end) {
    const char *found = memmem(at, (size_t)(end - at), mark, strlen(mark));
    if (sys_write(fd, at, (size_t)((found ? found : end) - at)) < 0 || !found) return;
    if (sys_write(fd, digits, strlen(digits)) < 0) return;
    at = found + strlen(mark);
  }
}

/* Waits for a hook to end, and makes it end after `timeout` ms (0: no limit). */
static int await_hook(struct run *run, const struct step *step, int pidfd) {
  int64_t limit = number_of(step, HOOK_TIMEOUT);
  struct pollfd end = {.fd = pidfd, .events = POLLIN};
  struct timespec left = {.tv_sec = (time_t)(limit / 1000), .tv_nsec = (long)(limit % 1000) * 1000000};
  long rc;
  do rc = checked(ppoll(&end, 1, limit > 0 ? &left : NULL, NULL));
  while (rc == -EINTR);
  if (rc == 0) syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
  siginfo_t info = {0};
  waitid((idtype_t)WAIT_BY_PIDFD, (id_t)pidfd, &info, WEXITED | __WALL);
  if (rc == 0) return -ETIMEDOUT;
  if (run->shared->hook_error) return -run->shared->hook_error;
  if (info.si_code == CLD_EXITED && info.si_status == 0) return 0;
  struct text detail = text_in(run->detail, sizeof run->detail);
  text_add(&detail, text_of(step, HOOK_PATH));
  text_add(&detail, info.si_code == CLD_EXITED ? ": exit code " : ": killed by signal ");
  text_number(&detail, (uint64_t)info.si_status);
  return -EIO;
}

int op_hook(struct run *run, const struct step *step) {
  int ends[2];
  long rc = checked(pipe2(ends, O_CLOEXEC));
  if (rc < 0) return (int)rc;
  int cleanup_close input = ends[0], state = ends[1], pidfd = -1;
  run->shared->hook_error = 0;
  struct clone_args args = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD};
  long pid = checked(syscall(SYS_clone3, &args, sizeof args));
  if (pid == 0) hook_main(run, step, input);
  close_descriptor(&input);
  if (pid < 0) return (int)pid;
  write_state(run, step, state);
  close_descriptor(&state);
  return await_hook(run, step, pidfd);
}
