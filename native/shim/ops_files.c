/* Operations on descriptors and files. */
#include <string.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "container.h"
#include "run.h"
#include "syscalls.h"

#define RESOLVE_TRIES 32

int op_open(struct run *run, const struct step *step) {
  uint64_t flags = (uint64_t)number_of(step, OPEN_FLAGS);
  int fd, tries = 0;
  do {
    fd = sys_openat2(directory_of(run, step, OPEN_AT), text_of(step, OPEN_PATH), flags, (uint64_t)number_of(step, OPEN_MODE),
                     (uint64_t)number_of(step, OPEN_RESOLVE));
  } while (fd == -EAGAIN && ++tries < RESOLVE_TRIES);
  return register_set(run, step, OPEN_OUT, fd);
}

int op_close(struct run *run, const struct step *step) {
  int fd = register_of(run, step, CLOSE_REG);
  if (fd >= 0 && fd == container.exit_directory) return -EBUSY; /* it is written to when init has ended */
  int rc = sys_close(fd);
  if (rc < 0) return rc;
  run->registers[number_of(step, CLOSE_REG)] = -1;
  for (int who = 0; who < WHO_COUNT; who++) {
    if (run->pidfds[who] == fd) run->pidfds[who] = -1;
  }
  return 0;
}

int op_check_node(struct run *run, const struct step *step) {
  struct stat info;
  int rc = sys_fstat(register_of(run, step, CHECK_NODE_REG), &info);
  if (rc < 0) return rc;
  if ((info.st_mode & S_IFMT) != (mode_t)number_of(step, CHECK_NODE_FORMAT)) return -EINVAL;
  if ((S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode)) &&
      info.st_rdev != makedev((unsigned)number_of(step, CHECK_NODE_MAJOR), (unsigned)number_of(step, CHECK_NODE_MINOR))) {
    return -EINVAL;
  }
  return 0;
}

int file_system_is(int fd, int64_t magic) {
  struct statfs info;
  long rc = checked(syscall(SYS_fstatfs, fd, &info));
  if (rc < 0) return (int)rc;
  return (uint32_t)info.f_type == (uint32_t)magic;
}

int op_check_fs(struct run *run, const struct step *step) {
  int rc = file_system_is(register_of(run, step, CHECK_FS_REG), number_of(step, CHECK_FS_MAGIC));
  return rc < 0 ? rc : rc ? 0 : -EINVAL;
}

int op_refuse_fs(struct run *run, const struct step *step) {
  int rc = file_system_is(register_of(run, step, REFUSE_FS_REG), number_of(step, REFUSE_FS_MAGIC));
  return rc < 0 ? rc : rc ? -ELOOP : 0;
}

int op_ensure(struct run *run, const struct step *step) {
  int fd = ensure_path(directory_of(run, step, ENSURE_AT), text_of(step, ENSURE_PATH), number_of(step, ENSURE_KIND) == 0,
                       (int)number_of(step, ENSURE_MODE));
  return register_set(run, step, ENSURE_OUT, fd);
}

int op_ensure_like(struct run *run, const struct step *step) {
  struct stat info;
  int rc = sys_fstat(register_of(run, step, ENSURE_LIKE_LIKE), &info);
  if (rc < 0) return rc;
  int fd = ensure_path(directory_of(run, step, ENSURE_LIKE_AT), text_of(step, ENSURE_LIKE_PATH), S_ISDIR(info.st_mode),
                       (int)number_of(step, ENSURE_LIKE_MODE));
  return register_set(run, step, ENSURE_LIKE_OUT, fd);
}

/* A name in a directory whose owner is not trusted must not lead anywhere else. */
static bool one_component(const char *path) {
  return path[0] && !strchr(path, '/') && strcmp(path, ".") != 0 && strcmp(path, "..") != 0;
}

int op_mknod(struct run *run, const struct step *step) {
  int at = directory_of(run, step, MKNOD_AT);
  const char *path = text_of(step, MKNOD_PATH);
  unsigned mode = (unsigned)number_of(step, MKNOD_MODE);
  uint32_t uid = (uint32_t)number_of(step, MKNOD_UID), gid = (uint32_t)number_of(step, MKNOD_GID);
  if (!one_component(path)) return -EINVAL;
  int rc = sys_mknodat(at, path, mode, makedev((unsigned)number_of(step, MKNOD_MAJOR), (unsigned)number_of(step, MKNOD_MINOR)));
  if (rc == 0) rc = sys_fchmodat(at, path, mode & 07777);
  if (rc == 0 && (uid || gid)) rc = sys_fchownat(at, path, uid, gid, AT_SYMLINK_NOFOLLOW);
  return rc;
}

int op_symlink(struct run *run, const struct step *step) {
  return (int)checked(
    syscall(SYS_symlinkat, text_of(step, SYMLINK_TARGET), directory_of(run, step, SYMLINK_AT), text_of(step, SYMLINK_PATH)));
}

int op_write(struct run *run, const struct step *step) {
  int cleanup_close fd = sys_openat(directory_of(run, step, WRITE_AT), text_of(step, WRITE_PATH),
                                    O_WRONLY | O_NOCTTY | (int)number_of(step, WRITE_FLAGS), 0644);
  if (fd < 0) return fd;
  ssize_t written = sys_write(fd, text_of(step, WRITE_DATA), length_of(step, WRITE_DATA));
  if (written < 0) return (int)written;
  return written == (ssize_t)length_of(step, WRITE_DATA) ? 0 : -EIO;
}

int op_chown(struct run *run, const struct step *step) {
  return sys_fchownat(register_of(run, step, CHOWN_REG), SELF, (uint32_t)number_of(step, CHOWN_UID),
                      (uint32_t)number_of(step, CHOWN_GID), AT_EMPTY_PATH);
}

int op_chmod(struct run *run, const struct step *step) {
  return sys_fchmodat(directory_of(run, step, CHMOD_AT), text_of(step, CHMOD_PATH), (unsigned)number_of(step, CHMOD_MODE));
}

int op_chdir_fd(struct run *run, const struct step *step) { return sys_fchdir(register_of(run, step, CHDIR_FD_REG)); }
