/* System calls that return a negative errno, the raw ones where the C library has none or does more than the call. */
#ifndef NODELET_SYSCALLS_H
#define NODELET_SYSCALLS_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <linux/mount.h>
#include <linux/openat2.h>

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif
/* sys/mount.h and linux/mount.h do not go together. */
#ifndef MNT_DETACH
#define MNT_DETACH 2
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif

static inline long checked(long result) { return result < 0 ? -errno : result; }

/* For `mount`-like calls on descriptors: the empty path means the descriptor itself. */
#define SELF ""

static inline int sys_openat(int at, const char *path, int flags, int mode) {
  return (int)checked(syscall(SYS_openat, at, path, flags | O_CLOEXEC, mode));
}
static inline int sys_openat2(int at, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
  return (int)checked(syscall(SYS_openat2, at, path, &how, sizeof how));
}
static inline int sys_close(int fd) { return (int)checked(syscall(SYS_close, fd)); }
static inline int sys_fstat(int fd, struct stat *into) { return (int)checked(fstat(fd, into)); }
static inline ssize_t sys_read(int fd, void *into, size_t size) { return checked(syscall(SYS_read, fd, into, size)); }
static inline ssize_t sys_write(int fd, const void *from, size_t size) { return checked(syscall(SYS_write, fd, from, size)); }
static inline int sys_fcntl(int fd, int command, long argument) {
  return (int)checked(syscall(SYS_fcntl, fd, command, argument));
}
static inline int sys_mkdirat(int at, const char *path, int mode) { return (int)checked(syscall(SYS_mkdirat, at, path, mode)); }
static inline int sys_mknodat(int at, const char *path, unsigned mode, uint64_t device) {
  return (int)checked(mknodat(at, path, mode, device));
}
static inline int sys_fchmodat(int at, const char *path, unsigned mode) {
  return (int)checked(syscall(SYS_fchmodat, at, path, mode));
}
static inline int sys_fchownat(int at, const char *path, uint32_t uid, uint32_t gid, int flags) {
  return (int)checked(syscall(SYS_fchownat, at, path, uid, gid, flags));
}
static inline int sys_fchown(int fd, uint32_t uid, uint32_t gid) { return (int)checked(syscall(SYS_fchown, fd, uid, gid)); }
static inline int sys_unlinkat(int at, const char *path) { return (int)checked(syscall(SYS_unlinkat, at, path, 0)); }
static inline int sys_chdir(const char *path) { return (int)checked(syscall(SYS_chdir, path)); }
static inline int sys_fchdir(int fd) { return (int)checked(syscall(SYS_fchdir, fd)); }
static inline int sys_close_range(unsigned first, unsigned last, unsigned flags) {
  return (int)checked(syscall(SYS_close_range, first, last, flags));
}
static inline int sys_prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
  return (int)checked(syscall(SYS_prctl, option, a, b, c, d));
}

static inline int sys_mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data) {
  return (int)checked(syscall(SYS_mount, source, target, type, flags, data));
}
static inline int sys_umount2(const char *target, int flags) { return (int)checked(syscall(SYS_umount2, target, flags)); }
static inline int sys_open_tree(int at, const char *path, unsigned flags) {
  return (int)checked(syscall(SYS_open_tree, at, path, flags));
}
static inline int sys_move_mount(int from, int to) {
  return (int)checked(syscall(SYS_move_mount, from, SELF, to, SELF, MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
}
static inline int sys_fsopen(const char *type) { return (int)checked(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC)); }
static inline int sys_fsconfig(int fs, unsigned command, const char *key, const void *value, int extra) {
  return (int)checked(syscall(SYS_fsconfig, fs, command, key, value, extra));
}
static inline int sys_fsmount(int fs, unsigned attributes) {
  return (int)checked(syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes));
}

static inline int sys_pidfd_open(pid_t pid) { return (int)checked(syscall(SYS_pidfd_open, pid, 0)); }
static inline int sys_kill(pid_t pid, int signal) { return (int)checked(syscall(SYS_kill, pid, signal)); }

static inline uint64_t clock_ns(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
static inline uint64_t monotonic_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
static inline uint64_t monotonic_ms(void) { return monotonic_ns() / 1000000u; }

static inline void close_descriptor(int *fd) {
  if (*fd >= 0) sys_close(*fd);
  *fd = -1;
}
/* Closes the descriptor when the variable goes out of scope. */
#define cleanup_close __attribute__((cleanup(close_descriptor)))
static inline int keep_descriptor(int *fd) {
  int kept = *fd;
  *fd = -1;
  return kept;
}

#endif
