// Starting the shim and other programs, and pidfds.
//
// The daemon is big and has many threads, so it is never forked: clone3 shares its memory until the exec and stops the calling
// thread that long. In between only plain system calls run, on a stack of their own with all signals blocked.
#include "addon.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4U
#endif

// The child makes a few system calls with small frames.
#define CHILD_STACK_SIZE (32 * 1024)
#define GUARD_SIZE (64 * 1024) // a page of any arm64 kernel

// Descriptor numbers below this one are what the shim starts with.
#define SHIM_CONTROL_FD 3
#define SHIM_FIRST_FREE_FD 4

struct child {
  int program;
  int control;
  int null_device;
  int standard_error;
  // Of a program that is no shim; its descriptors 0 to 2.
  const char *path;
  char *const *arguments;
  char *const *environment;
  int standard[3];
  int error; // set by the child: a positive errno
  const char *step;
};

typedef void child_entry(struct child *child);

// Writes the program to a sealed memfd: nobody can change what will run, even through /proc/PID/exe.
napi_value call_loadShim(napi_env env, napi_callback_info info) {
  struct args args;
  uint8_t *data = NULL;
  size_t length = 0;
  if (!args_read(env, info, &args, 1) || !args_bytes(&args, 0, &data, &length)) return NULL;

  AUTO_CLOSE int fd = memfd_create("nodelet-shim", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
  // Before 6.3 every memfd is executable and the flag is unknown.
  if (fd < 0 && errno == EINVAL) fd = memfd_create("nodelet-shim", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return throw_errno(env, errno, "memfd_create", NULL);
  for (size_t done = 0; done < length;) {
    ssize_t written = write(fd, data + done, length - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return throw_errno(env, errno, "write", "memfd:nodelet-shim");
    done += (size_t)written;
  }
  if (fchmod(fd, 0500) != 0) return throw_errno(env, errno, "fchmod", "memfd:nodelet-shim");
  if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
    return throw_errno(env, errno, "fcntl", "memfd:nodelet-shim");
  }
  int result = fd;
  fd = -1;
  return make_int(env, result);
}

// The real-time signals too: glibc's posix_spawn, which make uses, has its own two ignored in what it starts.
#define SIGNAL_LAST 64

#define CHILD_FAIL(name) \
  do { \
    child->error = errno; \
    child->step = (name); \
    syscall(SYS_exit_group, 127); \
    __builtin_unreachable(); \
  } while (0)

// What runs on the child's stack in the daemon's memory. No instrumentation: the sanitizers' shadow memory is the daemon's too.
#define IN_CHILD no_sanitize("address", "undefined")

// Handlers are gone (CLONE_CLEAR_SIGHAND) but ignored signals would stay ignored in every program.
__attribute__((always_inline, IN_CHILD)) static inline void default_signals(void) {
  struct {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint64_t mask;
  } action = {0};
  for (int number = 1; number <= SIGNAL_LAST; number++) {
    if (number != SIGKILL && number != SIGSTOP) syscall(SYS_rt_sigaction, number, &action, NULL, sizeof action.mask);
  }
}

__attribute__((noreturn, noinline, IN_CHILD)) static void program_main(struct child *child) {
  if (syscall(SYS_setsid) < 0) CHILD_FAIL("setsid");
  default_signals();
  // First out of the way of the numbers 0 to 2, then into place.
  int standard[3];
  for (int number = 0; number < 3; number++) {
    standard[number] = (int)syscall(SYS_fcntl, child->standard[number], F_DUPFD_CLOEXEC, 3);
    if (standard[number] < 0) CHILD_FAIL("fcntl");
  }
  for (int number = 0; number < 3; number++) {
    if (syscall(SYS_dup3, standard[number], number, 0) < 0) CHILD_FAIL("dup3");
  }
  if (syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC) < 0) CHILD_FAIL("close_range");
  if (syscall(SYS_chdir, "/") < 0) CHILD_FAIL("chdir");
  uint64_t none = 0;
  if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none) < 0) CHILD_FAIL("rt_sigprocmask");
  syscall(SYS_execve, child->path, child->arguments, child->environment);
  CHILD_FAIL("execve");
}

__attribute__((noreturn, noinline, IN_CHILD)) static void shim_main(struct child *child) {
  if (syscall(SYS_setsid) < 0) CHILD_FAIL("setsid");
  default_signals();

  // First out of the way of the numbers 0 to 3, then into place.
  int program = (int)syscall(SYS_fcntl, child->program, F_DUPFD_CLOEXEC, SHIM_FIRST_FREE_FD);
  int control = (int)syscall(SYS_fcntl, child->control, F_DUPFD_CLOEXEC, SHIM_FIRST_FREE_FD);
  int null_device = (int)syscall(SYS_fcntl, child->null_device, F_DUPFD_CLOEXEC, SHIM_FIRST_FREE_FD);
  int standard_error = (int)syscall(SYS_fcntl, child->standard_error, F_DUPFD_CLOEXEC, SHIM_FIRST_FREE_FD);
  if (program < 0 || control < 0 || null_device < 0 || standard_error < 0) CHILD_FAIL("fcntl");
  if (syscall(SYS_dup3, null_device, 0, 0) < 0) CHILD_FAIL("dup3");
  if (syscall(SYS_dup3, null_device, 1, 0) < 0) CHILD_FAIL("dup3");
  if (syscall(SYS_dup3, standard_error, 2, 0) < 0) CHILD_FAIL("dup3");
  if (syscall(SYS_dup3, control, SHIM_CONTROL_FD, 0) < 0) CHILD_FAIL("dup3");
  if (syscall(SYS_close_range, SHIM_FIRST_FREE_FD, ~0U, CLOSE_RANGE_CLOEXEC) < 0) CHILD_FAIL("close_range");

  uint64_t none = 0;
  if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none) < 0) CHILD_FAIL("rt_sigprocmask");

  char *const arguments[] = {(char *)(uintptr_t) "nodelet-shim", NULL};
  char *const environment[] = {NULL};
  syscall(SYS_execveat, program, "", arguments, environment, AT_EMPTY_PATH);
  CHILD_FAIL("execveat");
}

// clone3 onto a new stack: the child has no frame to return to, so it calls `main` and never comes back.
__attribute__((no_sanitize("address", "undefined"))) static long clone_child(struct clone_args *options, child_entry *main,
                                                                               struct child *child) {
#if defined(__x86_64__)
  register child_entry *entry __asm__("r8") = main;
  register struct child *argument __asm__("r9") = child;
  long result = SYS_clone3;
  __asm__ volatile("syscall\n\t"
                   "test %%rax, %%rax\n\t"
                   "jnz 1f\n\t"
                   "xor %%ebp, %%ebp\n\t"
                   "mov %%r9, %%rdi\n\t"
                   "call *%%r8\n\t"
                   "ud2\n"
                   "1:"
                   : "+a"(result)
                   : "D"(options), "S"(sizeof *options), "r"(entry), "r"(argument)
                   : "rcx", "r11", "memory", "cc");
  return result;
#elif defined(__aarch64__)
  register long number __asm__("x8") = SYS_clone3;
  register long result __asm__("x0") = (long)options;
  register size_t size __asm__("x1") = sizeof *options;
  register child_entry *entry __asm__("x9") = main;
  register struct child *argument __asm__("x10") = child;
  __asm__ volatile("svc #0\n\t"
                   "cbnz x0, 1f\n\t"
                   "mov x29, xzr\n\t"
                   "mov x30, xzr\n\t"
                   "mov x0, x10\n\t"
                   "blr x9\n\t"
                   "brk #1\n"
                   "1:"
                   : "+r"(result)
                   : "r"(number), "r"(size), "r"(entry), "r"(argument)
                   : "memory", "cc");
  return result;
#else
#error "no clone3 for this architecture"
#endif
}

// One stack for all calls of the process: they come from one thread, or from a few worker threads in turn.
static pthread_mutex_t stack_lock = PTHREAD_MUTEX_INITIALIZER;
static char *stack;

static int start_child(struct child *child, int cgroup, pid_t *pid, int *pidfd) {
  if (stack == NULL) {
    char *memory = mmap(NULL, GUARD_SIZE + CHILD_STACK_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) return -errno;
    if (mprotect(memory + GUARD_SIZE, CHILD_STACK_SIZE, PROT_READ | PROT_WRITE) != 0) {
      int error = errno;
      munmap(memory, GUARD_SIZE + CHILD_STACK_SIZE);
      return -error;
    }
    stack = memory + GUARD_SIZE;
  }
  struct clone_args options = {
      .flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND | (cgroup >= 0 ? CLONE_INTO_CGROUP : 0),
      .pidfd = (uint64_t)(uintptr_t)pidfd,
      .exit_signal = SIGCHLD,
      .stack = (uint64_t)(uintptr_t)stack,
      .stack_size = CHILD_STACK_SIZE,
      .cgroup = cgroup >= 0 ? (uint64_t)cgroup : 0,
  };
  uint64_t all = ~0ULL;
  uint64_t before = 0;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
  long result = clone_child(&options, child->path == NULL ? shim_main : program_main, child);
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
  if (result < 0) return (int)result;
  *pid = (pid_t)result;
  return 0;
}

struct spawn_job {
  struct job job;
  struct child child;
  int cgroup;
  pid_t pid;
  int pidfd;
  // Of a program: its path and environment, and pointers into them.
  char *text;
  char **environment;
  char *arguments[2];
};

static void close_all(struct spawn_job *spawn) {
  int *open[] = {&spawn->child.control, &spawn->child.standard[0], &spawn->child.standard[1], &spawn->child.standard[2]};
  for (size_t index = 0; index < COUNT_OF(open); index++) {
    if (*open[index] >= 0) close(*open[index]);
    *open[index] = -1;
  }
}

static void spawn_run(struct job *job) {
  struct spawn_job *spawn = (struct spawn_job *)job;
  pthread_mutex_lock(&stack_lock);
  int error = start_child(&spawn->child, spawn->cgroup, &spawn->pid, &spawn->pidfd);
  pthread_mutex_unlock(&stack_lock);
  if (error < 0) {
    job_fail(job, error, "clone3", NULL);
  } else if (spawn->child.error != 0) {
    siginfo_t ended;
    waitid(P_PIDFD, (id_t)spawn->pidfd, &ended, WEXITED);
    close(spawn->pidfd);
    job_fail(job, spawn->child.error, spawn->child.step, spawn->child.path == NULL ? "nodelet-shim" : spawn->child.path);
  }
  // At once, so that the other end sees the end of a shim that did not start or has ended.
  close_all(spawn);
}

static napi_value spawn_result(napi_env env, struct job *job) {
  struct spawn_job *spawn = (struct spawn_job *)job;
  napi_value result = NULL;
  if (napi_create_array_with_length(env, 2, &result) != napi_ok) return NULL;
  napi_set_element(env, result, 0, make_int(env, spawn->pid));
  napi_set_element(env, result, 1, make_int(env, spawn->pidfd));
  return result;
}

static void spawn_release(struct job *job) {
  struct spawn_job *spawn = (struct spawn_job *)job;
  if (spawn->child.null_device >= 0) close(spawn->child.null_device);
  close_all(spawn);
  free(spawn->text);
  free(spawn->environment);
}

// spawnShim(program, cgroup or -1, stderr or -1, [control]): a promise of [pid, pidfd]. The start is waited for on another thread;
// what is written to `control` meanwhile reaches the shim.
napi_value call_spawnShim(napi_env env, napi_callback_info info) {
  struct args args;
  int program = -1;
  int cgroup = -1;
  int standard_error = -1;
  int64_t *results = NULL;
  if (!args_read(env, info, &args, 4) || !args_int(&args, 0, &program) || !args_int(&args, 1, &cgroup) ||
      !args_int(&args, 2, &standard_error) || !args_results(&args, 3, 1, &results)) {
    return NULL;
  }
  AUTO_CLOSE int null_device = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null_device < 0) return throw_errno(env, errno, "open", "/dev/null");
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return throw_errno(env, errno, "socketpair", NULL);
  AUTO_CLOSE int ours = pair[0];
  AUTO_CLOSE int theirs = pair[1];
  struct spawn_job *spawn = job_new(env, sizeof *spawn);
  if (spawn == NULL) return NULL;
  spawn->job.run = spawn_run;
  spawn->job.result = spawn_result;
  spawn->job.release = spawn_release;
  spawn->cgroup = cgroup;
  spawn->pidfd = -1;
  spawn->child = (struct child){
      .program = program,
      .control = theirs,
      .null_device = null_device,
      .standard_error = standard_error >= 0 ? standard_error : null_device,
      .standard = {-1, -1, -1},
  };
  theirs = null_device = -1;
  napi_value promise = job_start(env, &spawn->job);
  if (promise == NULL) return NULL;
  results[0] = ours;
  ours = -1;
  return promise;
}

// Keeps `path` and the `count` strings that end with a NUL in `block`.
static bool keep_program(struct spawn_job *spawn, const char *path, const uint8_t *block, size_t length, size_t count) {
  size_t path_size = strlen(path) + 1;
  spawn->text = malloc(path_size + length);
  spawn->environment = calloc(count + 1, sizeof *spawn->environment);
  if (spawn->text == NULL || spawn->environment == NULL) return false;
  memcpy(spawn->text, path, path_size);
  if (length > 0) memcpy(spawn->text + path_size, block, length);
  char *next = spawn->text + path_size;
  for (size_t index = 0; index < count; index++) {
    spawn->environment[index] = next;
    next += strlen(next) + 1;
  }
  spawn->arguments[0] = spawn->text;
  return true;
}

// spawnProgram(path, environment as KEY=VALUE NUL ..., [stdin, stdout, stderr]): a promise of [pid, pidfd]. The program runs in a session of its
// own at the root, with pipes; our ends come in the array.
napi_value call_spawnProgram(napi_env env, napi_callback_info info) {
  struct args args;
  char path[PATH_SIZE];
  uint8_t *block = NULL;
  size_t length = 0;
  int64_t *results = NULL;
  if (!args_read(env, info, &args, 3) || !args_path(&args, 0, path) || !args_bytes(&args, 1, &block, &length) ||
      !args_results(&args, 2, 3, &results)) {
    return NULL;
  }
  if (length > 0 && block[length - 1] != '\0') return throw_errno(env, EINVAL, "execve", path);
  size_t count = 0;
  for (size_t index = 0; index < length; index++) count += block[index] == '\0';

  struct spawn_job *spawn = job_new(env, sizeof *spawn);
  if (spawn == NULL) return NULL;
  spawn->job.run = spawn_run;
  spawn->job.result = spawn_result;
  spawn->job.release = spawn_release;
  spawn->cgroup = -1;
  spawn->pidfd = -1;
  spawn->child = (struct child){.control = -1, .null_device = -1, .standard = {-1, -1, -1}};
  int ours[3] = {-1, -1, -1};
  int error = keep_program(spawn, path, block, length, count) ? 0 : ENOMEM;
  for (int number = 0; number < 3 && error == 0; number++) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
      error = errno;
      break;
    }
    ours[number] = ends[number == 0];
    spawn->child.standard[number] = ends[number != 0];
  }
  if (error != 0) {
    for (int number = 0; number < 3; number++) {
      if (ours[number] >= 0) close(ours[number]);
    }
    spawn_release(&spawn->job);
    free(spawn);
    return throw_errno(env, error, "pipe2", path);
  }
  spawn->child.path = spawn->text;
  spawn->child.arguments = spawn->arguments;
  spawn->child.environment = spawn->environment;
  napi_value promise = job_start(env, &spawn->job);
  for (int number = 0; number < 3; number++) {
    if (promise == NULL) close(ours[number]);
    else results[number] = ours[number];
  }
  return promise;
}

napi_value call_pidfdOpen(napi_env env, napi_callback_info info) {
  struct args args;
  int pid = 0;
  if (!args_read(env, info, &args, 1) || !args_int(&args, 0, &pid)) return NULL;
  int fd = pidfd_open(pid, 0);
  if (fd < 0) return throw_errno(env, errno, "pidfd_open", NULL);
  return make_int(env, fd);
}

napi_value call_pidfdSendSignal(napi_env env, napi_callback_info info) {
  struct args args;
  int pidfd = -1;
  int number = 0;
  if (!args_read(env, info, &args, 2) || !args_int(&args, 0, &pidfd) || !args_int(&args, 1, &number)) return NULL;
  if (pidfd_send_signal(pidfd, number, NULL, 0) != 0) return throw_errno(env, errno, "pidfd_send_signal", NULL);
  return make_undefined(env);
}

// waitPidfd(pidfd, [exit code, signal]): false while it runs.
napi_value call_waitPidfd(napi_env env, napi_callback_info info) {
  struct args args;
  int pidfd = -1;
  int64_t *results = NULL;
  if (!args_read(env, info, &args, 2) || !args_int(&args, 0, &pidfd) || !args_results(&args, 1, 2, &results)) return NULL;
  siginfo_t ended;
  memset(&ended, 0, sizeof ended);
  int status;
  do status = waitid(P_PIDFD, (id_t)pidfd, &ended, WEXITED | WNOHANG | __WALL);
  while (status != 0 && errno == EINTR);
  if (status != 0) return throw_errno(env, errno, "waitid", NULL);
  if (ended.si_pid == 0) return make_bool(env, false);
  bool by_signal = ended.si_code != CLD_EXITED;
  results[0] = by_signal ? 128 + ended.si_status : ended.si_status;
  results[1] = by_signal ? ended.si_status : 0;
  return make_bool(env, true);
}
