/* Operations on the streams of a process: pipes, terminal, log, and the shim's own socket. */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "container.h"
#include "log.h"
#include "run.h"
#include "syscalls.h"
#include "text.h"

#define DEVPTS_MAGIC 0x1cd1
#define PROC_SUPER_MAGIC 0x9fa0
#define BACKLOG 64

/* One pipe: the shim's end does not block, so that nobody can stop the shim by emptying or filling it. */
static int open_pipe(int *read_end, int *write_end, int *ours) {
  int ends[2];
  long rc = checked(pipe2(ends, O_CLOEXEC));
  if (rc < 0) return (int)rc;
  *read_end = ends[0];
  *write_end = ends[1];
  return sys_fcntl(*ours, F_SETFL, O_NONBLOCK);
}

int op_io(struct run *run, const struct step *step) {
  struct process *process = run->process;
  const char *log = text_of(step, IO_LOG);
  if (*log && !run->exec_session) {
    int rc = log_open(log);
    if (rc < 0) return rc;
  }
  process->tty = number_of(step, IO_TTY) != 0;
  process->stdin_mode = (int)number_of(step, IO_STDIN);
  process->piped[STREAM_OUT] = process->tty || number_of(step, IO_STDOUT) != 0;
  process->piped[STREAM_ERR] = !process->tty && number_of(step, IO_STDERR) != 0;
  if (process->tty) return 0; /* `console` makes it */

  int null = -1;
  if (process->stdin_mode == STDIN_NULL || !process->piped[STREAM_OUT] || !process->piped[STREAM_ERR]) {
    null = sys_openat(AT_FDCWD, "/dev/null", O_RDWR, 0);
    if (null < 0) {
      set_detail(run, "/dev/null");
      return null;
    }
  }
  /* Set first: whatever fails below, the process owns the descriptor and closes it. */
  for (int i = 0; i < 3; i++) process->theirs[i] = (i ? process->piped[i - 1] : process->stdin_mode != STDIN_NULL) ? -1 : null;
  int rc = 0;
  if (process->stdin_mode != STDIN_NULL) rc = open_pipe(&process->theirs[0], &process->input, &process->input);
  for (int i = 0; rc == 0 && i < STREAM_COUNT; i++) {
    if (process->piped[i]) rc = open_pipe(&process->output[i], &process->theirs[i + 1], &process->output[i]);
  }
  return rc;
}

static bool is_pipe(const struct process *process, int stream) {
  return !process->tty && (stream == 0 ? process->stdin_mode != STDIN_NULL : process->piped[stream - 1]);
}

int op_io_owner(struct run *run, const struct step *step) {
  for (int i = 0; i < 3; i++) {
    if (!is_pipe(run->process, i) || run->process->theirs[i] < 0) continue;
    int rc = sys_fchown(run->process->theirs[i], (uint32_t)number_of(step, IO_OWNER_UID), (uint32_t)number_of(step, IO_OWNER_GID));
    if (rc < 0) return rc;
  }
  return 0;
}

/* The container's own multiplexer of terminals, and nothing that was put in its place. */
static int open_multiplexer(struct run *run, int root) {
  set_detail(run, "/dev/pts/ptmx");
  int cleanup_close fd = sys_openat2(root, "dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK, 0,
                                     RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS);
  if (fd < 0) return fd;
  struct stat info;
  int rc = sys_fstat(fd, &info);
  if (rc < 0) return rc;
  if (!S_ISCHR(info.st_mode) || info.st_rdev != makedev(5, 2)) return -EINVAL;
  rc = file_system_is(fd, DEVPTS_MAGIC);
  if (rc < 0) return rc;
  if (rc == 0) return -EINVAL;
  return keep_descriptor(&fd);
}

static int bind_console(struct run *run, int root, int peer) {
  set_detail(run, "/dev/console");
  int cleanup_close target = ensure_path(root, "dev/console", false, 0600);
  if (target < 0) return target;
  /* A /dev of the pod's own may have a link there, which leads anywhere in the root: but not over what others rely on. */
  int rc = file_system_is(target, PROC_SUPER_MAGIC);
  if (rc < 0) return rc;
  if (rc > 0) return -ELOOP;
  int cleanup_close tree = sys_open_tree(peer, SELF, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
  return tree < 0 ? tree : sys_move_mount(tree, target);
}

int op_console(struct run *run, const struct step *step) {
  int root = directory_of(run, step, CONSOLE_AT);
  int cleanup_close master = open_multiplexer(run, root);
  if (master < 0) return master;
  int unlock = 0;
  long rc = checked(ioctl(master, TIOCSPTLCK, &unlock));
  if (rc < 0) return (int)rc;
  int peer = (int)checked(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (peer < 0) return peer;
  run->process->theirs[0] = peer;
  struct winsize size = {.ws_col = (unsigned short)number_of(step, CONSOLE_COLUMNS),
                         .ws_row = (unsigned short)number_of(step, CONSOLE_ROWS)};
  if (size.ws_col || size.ws_row) rc = checked(ioctl(master, TIOCSWINSZ, &size));
  if (rc == 0) rc = channel_send(run, WHO_HOST, MESSAGE_TERMINAL, master);
  if (rc < 0) return (int)rc;
  return run->exec_session ? 0 : bind_console(run, root, peer);
}

int op_stdio(struct run *run, const struct step *step) {
  struct process *process = run->process;
  uint32_t uid = (uint32_t)number_of(step, STDIO_UID), gid = (uint32_t)number_of(step, STDIO_GID);
  if (process->tty) {
    int peer = process->theirs[0];
    long rc = checked(ioctl(peer, TIOCSCTTY, 0));
    if (rc < 0) {
      set_detail(run, "the terminal");
      return (int)rc;
    }
    process->theirs[1] = process->theirs[2] = peer;
  }
  for (int i = 0; i < 3; i++) {
    if (process->theirs[i] < 0) continue;
    long rc = checked(syscall(SYS_dup3, process->theirs[i], i, 0));
    if (rc < 0) return (int)rc;
    if (!is_pipe(process, i) && !(process->tty && i == 0)) continue;
    /* So that the user can open /dev/stdout again. In a user namespace `io_owner` has done it. */
    int owned = sys_fchown(i, uid, gid);
    if (owned < 0 && owned != -EPERM && owned != -EINVAL) return owned;
  }
  return sys_close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
}

int op_listen(struct run *run, const struct step *step) {
  int at = directory_of(run, step, LISTEN_AT);
  const char *name = text_of(step, LISTEN_NAME);
  if (container.listener >= 0) return -EEXIST;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct text path = text_in(address.sun_path, sizeof address.sun_path);
  if (at >= 0) {
    text_add(&path, "/proc/self/fd/");
    text_number(&path, (uint64_t)at);
    text_add(&path, "/");
  }
  text_add(&path, name);
  if (path.at == path.end || strchr(name, '/')) return -ENAMETOOLONG;
  int cleanup_close fd = (int)checked(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd < 0) return fd;
  long rc = checked(bind(fd, (struct sockaddr *)&address, sizeof address));
  if (rc < 0) return (int)rc;
  rc = sys_fchmodat(at, name, 0600); /* nobody can connect before the listen below */
  if (rc == 0) rc = checked(listen(fd, BACKLOG));
  if (rc < 0) {
    sys_unlinkat(at, name);
    return (int)rc;
  }
  container.listener = keep_descriptor(&fd);
  return 0;
}

int op_exit_record(struct run *run, const struct step *step) {
  int directory = register_of(run, step, EXIT_RECORD_AT);
  if (directory < 0) return -EBADF;
  if (length_of(step, EXIT_RECORD_NAME) >= sizeof container.exit_name - sizeof ".tmp") return -ENAMETOOLONG;
  strcpy(container.exit_name, text_of(step, EXIT_RECORD_NAME));
  container.exit_directory = directory;
  return 0;
}
