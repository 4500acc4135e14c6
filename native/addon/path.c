// Files relative to descriptors.
#include "addon.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

// The kernel answers EAGAIN when something was renamed or mounted while it resolved a path under RESOLVE_BENEATH or
// RESOLVE_IN_ROOT. A container can rename without end, so trying again is bounded.
#define OPENAT2_ATTEMPTS 32

#define DIRECTORY_BUFFER 32768

napi_value call_openat2(napi_env env, napi_callback_info info) {
  struct args args;
  int directory = -1;
  char path[PATH_SIZE];
  int64_t flags = 0;
  uint32_t mode = 0;
  uint32_t resolve = 0;
  if (!args_read(env, info, &args, 5) || !args_int(&args, 0, &directory) || !args_path(&args, 1, path) ||
      !args_i64(&args, 2, &flags) || !args_u32(&args, 3, &mode) || !args_u32(&args, 4, &resolve)) {
    return NULL;
  }
  struct open_how how = {.flags = (uint64_t)flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
  long fd = -1;
  for (int attempt = 0; attempt < OPENAT2_ATTEMPTS; attempt++) {
    fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
  }
  if (fd < 0) return throw_errno(env, errno, "openat2", path);
  return make_int(env, fd);
}

napi_value call_close(napi_env env, napi_callback_info info) {
  struct args args;
  int fd = -1;
  if (!args_read(env, info, &args, 1) || !args_int(&args, 0, &fd)) return NULL;
  // After EINTR the descriptor is closed all the same.
  if (close(fd) != 0 && errno != EINTR) return throw_errno(env, errno, "close", NULL);
  return make_undefined(env);
}

napi_value call_mkdirat(napi_env env, napi_callback_info info) {
  struct args args;
  int directory = -1;
  char path[PATH_SIZE];
  uint32_t mode = 0;
  if (!args_read(env, info, &args, 3) || !args_int(&args, 0, &directory) || !args_path(&args, 1, path) ||
      !args_u32(&args, 2, &mode)) {
    return NULL;
  }
  if (mkdirat(directory, path, mode) != 0) return throw_errno(env, errno, "mkdirat", path);
  return make_undefined(env);
}

napi_value call_mknodat(napi_env env, napi_callback_info info) {
  struct args args;
  int directory = -1;
  char path[PATH_SIZE];
  uint32_t mode = 0;
  uint32_t device_major = 0;
  uint32_t device_minor = 0;
  if (!args_read(env, info, &args, 5) || !args_int(&args, 0, &directory) || !args_path(&args, 1, path) ||
      !args_u32(&args, 2, &mode) || !args_u32(&args, 3, &device_major) || !args_u32(&args, 4, &device_minor)) {
    return NULL;
  }
  if (mknodat(directory, path, mode, makedev(device_major, device_minor)) != 0) return throw_errno(env, errno, "mknodat", path);
  return make_undefined(env);
}

napi_value call_symlinkat(napi_env env, napi_callback_info info) {
  struct args args;
  char target[PATH_SIZE];
  int directory = -1;
  char path[PATH_SIZE];
  if (!args_read(env, info, &args, 3) || !args_path(&args, 0, target) || !args_int(&args, 1, &directory) ||
      !args_path(&args, 2, path)) {
    return NULL;
  }
  if (symlinkat(target, directory, path) != 0) return throw_errno(env, errno, "symlinkat", path);
  return make_undefined(env);
}

// linkat(old directory, old path, new directory, new path). An empty old path links the descriptor itself.
napi_value call_linkat(napi_env env, napi_callback_info info) {
  struct args args;
  int old_directory = -1;
  int new_directory = -1;
  char old_path[PATH_SIZE];
  char new_path[PATH_SIZE];
  if (!args_read(env, info, &args, 4) || !args_int(&args, 0, &old_directory) || !args_path(&args, 1, old_path) ||
      !args_int(&args, 2, &new_directory) || !args_path(&args, 3, new_path)) {
    return NULL;
  }
  int flags = old_path[0] == '\0' ? AT_EMPTY_PATH : 0;
  if (linkat(old_directory, old_path, new_directory, new_path, flags) != 0) return throw_errno(env, errno, "linkat", new_path);
  return make_undefined(env);
}

napi_value call_unlinkat(napi_env env, napi_callback_info info) {
  struct args args;
  int directory = -1;
  char path[PATH_SIZE];
  bool is_directory = false;
  if (!args_read(env, info, &args, 3) || !args_int(&args, 0, &directory) || !args_path(&args, 1, path) ||
      !args_bool(&args, 2, &is_directory)) {
    return NULL;
  }
  if (unlinkat(directory, path, is_directory ? AT_REMOVEDIR : 0) != 0) return throw_errno(env, errno, "unlinkat", path);
  return make_undefined(env);
}

napi_value call_renameat2(napi_env env, napi_callback_info info) {
  struct args args;
  int old_directory = -1;
  int new_directory = -1;
  char old_path[PATH_SIZE];
  char new_path[PATH_SIZE];
  bool no_replace = false;
  bool exchange = false;
  if (!args_read(env, info, &args, 6) || !args_int(&args, 0, &old_directory) || !args_path(&args, 1, old_path) ||
      !args_int(&args, 2, &new_directory) || !args_path(&args, 3, new_path) || !args_bool(&args, 4, &no_replace) ||
      !args_bool(&args, 5, &exchange)) {
    return NULL;
  }
  unsigned flags = (no_replace ? RENAME_NOREPLACE : 0) | (exchange ? RENAME_EXCHANGE : 0);
  if (renameat2(old_directory, old_path, new_directory, new_path, flags) == 0) return make_undefined(env);
  // Which of the two is meant depends on the error: what is there already is the new one.
  return throw_errno(env, errno, "renameat2", errno == EEXIST || errno == ENOTEMPTY ? new_path : old_path);
}

napi_value call_fchownat(napi_env env, napi_callback_info info) {
  struct args args;
  int directory = -1;
  char path[PATH_SIZE];
  uint32_t uid = 0;
  uint32_t gid = 0;
  if (!args_read(env, info, &args, 4) || !args_int(&args, 0, &directory) || !args_path(&args, 1, path) ||
      !args_u32(&args, 2, &uid) || !args_u32(&args, 3, &gid)) {
    return NULL;
  }
  int flags = AT_SYMLINK_NOFOLLOW | (path[0] == '\0' ? AT_EMPTY_PATH : 0);
  if (fchownat(directory, path, uid, gid, flags) != 0) return throw_errno(env, errno, "fchownat", path);
  return make_undefined(env);
}

// Before 6.6 there is no fchmodat that does not follow: the file is opened without following and changed through /proc.
static int chmod_opened(int directory, const char *path, mode_t mode) {
  AUTO_CLOSE int opened = -1;
  int fd = directory;
  if (path[0] != '\0') {
    fd = opened = openat(directory, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return -errno;
  }
  struct stat found;
  if (fstat(fd, &found) != 0) return -errno;
  if (S_ISLNK(found.st_mode)) return -EOPNOTSUPP;
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  return chmod(link, mode) == 0 ? 0 : -errno;
}

napi_value call_fchmodat(napi_env env, napi_callback_info info) {
  struct args args;
  int directory = -1;
  char path[PATH_SIZE];
  uint32_t mode = 0;
  if (!args_read(env, info, &args, 3) || !args_int(&args, 0, &directory) || !args_path(&args, 1, path) ||
      !args_u32(&args, 2, &mode)) {
    return NULL;
  }
  int flags = AT_SYMLINK_NOFOLLOW | (path[0] == '\0' ? AT_EMPTY_PATH : 0);
  if (syscall(SYS_fchmodat2, directory, path, mode, flags) == 0) return make_undefined(env);
  int error = errno == ENOSYS ? chmod_opened(directory, path, mode) : -errno;
  if (error < 0) return throw_errno(env, error, "fchmodat", path);
  return make_undefined(env);
}

static struct timespec to_timespec(int64_t nanoseconds) {
  int64_t seconds = nanoseconds / 1000000000;
  int64_t rest = nanoseconds % 1000000000;
  if (rest < 0) {
    rest += 1000000000;
    seconds--;
  }
  return (struct timespec){.tv_sec = seconds, .tv_nsec = rest};
}

napi_value call_utimensat(napi_env env, napi_callback_info info) {
  struct args args;
  int directory = -1;
  char path[PATH_SIZE];
  int64_t accessed = 0;
  int64_t modified = 0;
  if (!args_read(env, info, &args, 4) || !args_int(&args, 0, &directory) || !args_path(&args, 1, path) ||
      !args_i64(&args, 2, &accessed) || !args_i64(&args, 3, &modified)) {
    return NULL;
  }
  struct timespec times[2] = {to_timespec(accessed), to_timespec(modified)};
  int flags = AT_SYMLINK_NOFOLLOW | (path[0] == '\0' ? AT_EMPTY_PATH : 0);
  // glibc refuses an empty path with flags of its own mind; the kernel takes it.
  if (syscall(SYS_utimensat, directory, path, times, flags) != 0) return throw_errno(env, errno, "utimensat", path);
  return make_undefined(env);
}

// fstatat(directory, path, results): the order is that of statOrder in addon.ts.
napi_value call_fstatat(napi_env env, napi_callback_info info) {
  struct args args;
  int directory = -1;
  char path[PATH_SIZE];
  int64_t *results = NULL;
  if (!args_read(env, info, &args, 3) || !args_int(&args, 0, &directory) || !args_path(&args, 1, path) ||
      !args_results(&args, 2, 10, &results)) {
    return NULL;
  }
  struct stat found;
  if (fstatat(directory, path, &found, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0) {
    return throw_errno(env, errno, "fstatat", path);
  }
  results[0] = found.st_mode;
  results[1] = found.st_uid;
  results[2] = found.st_gid;
  results[3] = major(found.st_rdev);
  results[4] = minor(found.st_rdev);
  results[5] = (int64_t)found.st_dev;
  results[6] = (int64_t)found.st_ino;
  results[7] = found.st_size;
  results[8] = (int64_t)found.st_nlink;
  results[9] = found.st_mtim.tv_sec * 1000000000 + found.st_mtim.tv_nsec;
  return make_undefined(env);
}

napi_value call_readlinkat(napi_env env, napi_callback_info info) {
  struct args args;
  int directory = -1;
  char path[PATH_SIZE];
  char target[PATH_SIZE];
  if (!args_read(env, info, &args, 2) || !args_int(&args, 0, &directory) || !args_path(&args, 1, path)) return NULL;
  ssize_t length = readlinkat(directory, path, target, sizeof target - 1);
  if (length < 0) return throw_errno(env, errno, "readlinkat", path);
  target[length] = '\0';
  return make_string(env, target);
}

napi_value call_readdir(napi_env env, napi_callback_info info) {
  struct args args;
  int fd = -1;
  if (!args_read(env, info, &args, 1) || !args_int(&args, 0, &fd)) return NULL;
  if (lseek(fd, 0, SEEK_SET) < 0) return throw_errno(env, errno, "lseek", NULL);
  AUTO_FREE char *buffer = malloc(DIRECTORY_BUFFER);
  if (buffer == NULL) return throw_errno(env, ENOMEM, "malloc", NULL);
  napi_value names = NULL;
  napi_create_array(env, &names);
  uint32_t count = 0;
  for (;;) {
    long length = syscall(SYS_getdents64, fd, buffer, DIRECTORY_BUFFER);
    if (length < 0) return throw_errno(env, errno, "getdents64", NULL);
    if (length == 0) return names;
    for (long offset = 0; offset < length;) {
      const struct kernel_dirent *entry = (const struct kernel_dirent *)(buffer + offset);
      offset += entry->length;
      if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0) continue;
      napi_set_element(env, names, count++, make_string(env, entry->name));
    }
  }
}

napi_value call_tryLock(napi_env env, napi_callback_info info) {
  struct args args;
  int fd = -1;
  if (!args_read(env, info, &args, 1) || !args_int(&args, 0, &fd)) return NULL;
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return make_bool(env, true);
  if (errno == EWOULDBLOCK) return make_bool(env, false);
  return throw_errno(env, errno, "flock", NULL);
}

struct sync_job {
  struct job job;
  int fd;
  bool whole;
};

static void run_sync(struct job *job) {
  struct sync_job *sync_job = (struct sync_job *)job;
  const char *name = sync_job->whole ? "syncfs" : "fsync";
  int status = sync_job->whole ? syncfs(sync_job->fd) : fsync(sync_job->fd);
  if (status != 0) job_fail(job, errno, name, NULL);
  close(sync_job->fd);
}

static napi_value start_sync(napi_env env, napi_callback_info info, bool whole) {
  struct args args;
  int fd = -1;
  if (!args_read(env, info, &args, 1) || !args_int(&args, 0, &fd)) return NULL;
  struct sync_job *job = job_new(env, sizeof *job);
  if (job == NULL) return NULL;
  // A duplicate, so that the caller's closing early cannot make this sync another file.
  job->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (job->fd < 0) {
    int error = errno;
    free(job);
    return throw_errno(env, error, whole ? "syncfs" : "fsync", NULL);
  }
  job->whole = whole;
  job->job.run = run_sync;
  return job_start(env, &job->job);
}

napi_value call_syncfs(napi_env env, napi_callback_info info) {
  return start_sync(env, info, true);
}

napi_value call_fsync(napi_env env, napi_callback_info info) {
  return start_sync(env, info, false);
}
