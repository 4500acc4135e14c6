// Mounts, by path and by descriptor.
#include "addon.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>

// What a file system says about a failure, all messages together.
#define LOG_SIZE 2048

// mount(source, target, type, flags, data)
napi_value call_mount(napi_env env, napi_callback_info info) {
  struct args args;
  char source[PATH_SIZE];
  char target[PATH_SIZE];
  char type[PATH_SIZE];
  char data[PATH_SIZE];
  int64_t flags = 0;
  if (!args_read(env, info, &args, 5) || !args_path(&args, 0, source) || !args_path(&args, 1, target) ||
      !args_path(&args, 2, type) || !args_i64(&args, 3, &flags) || !args_path(&args, 4, data)) {
    return NULL;
  }
  if (mount(source, target, type, (unsigned long)flags, data) != 0) return throw_errno(env, errno, "mount", target);
  return make_undefined(env);
}

struct umount_job {
  struct job job;
  char target[PATH_SIZE];
  int flags;
};

static void run_umount(struct job *job) {
  struct umount_job *umount_job = (struct umount_job *)job;
  if (umount2(umount_job->target, umount_job->flags) != 0) job_fail(job, errno, "umount2", umount_job->target);
}

napi_value call_umount(napi_env env, napi_callback_info info) {
  struct args args;
  char target[PATH_SIZE];
  int flags = 0;
  if (!args_read(env, info, &args, 2) || !args_path(&args, 0, target) || !args_int(&args, 1, &flags)) return NULL;
  struct umount_job *job = job_new(env, sizeof *job);
  if (job == NULL) return NULL;
  memcpy(job->target, target, strlen(target) + 1);
  job->flags = flags;
  job->job.run = run_umount;
  return job_start(env, &job->job);
}

// Each read of a file system context gives one message such as "e overlay: ...". Joins them with "; ".
static const char *read_log(int context, char text[LOG_SIZE]) {
  size_t used = 0;
  text[0] = '\0';
  while (used + 3 < LOG_SIZE) {
    size_t start = used == 0 ? 0 : used + 2;
    ssize_t length = read(context, text + start, LOG_SIZE - start - 1);
    if (length <= 0) break;
    if (used != 0) memcpy(text + used, "; ", 2);
    used = start + (size_t)length;
    while (used > start && text[used - 1] == '\n') used--;
    // The first letter is the severity (e, w, i) and says nothing to a reader.
    if (used > start + 2 && text[start + 1] == ' ') {
      memmove(text + start, text + start + 2, used - start - 2);
      used -= 2;
    }
    text[used] = '\0';
  }
  text[used] = '\0';
  return used == 0 ? NULL : text;
}

static napi_value throw_context(napi_env env, int context, const char *step, const char *what) {
  char text[LOG_SIZE];
  struct failure failure = {.error = errno, .syscall = step, .path = what};
  failure.detail = read_log(context, text);
  return throw_failure(env, &failure);
}

// detachedMount(type, options, attributes)
napi_value call_detachedMount(napi_env env, napi_callback_info info) {
  struct args args;
  char type[PATH_SIZE];
  uint32_t attributes = 0;
  uint32_t count = 0;
  if (!args_read(env, info, &args, 3) || !args_path(&args, 0, type) || !args_u32(&args, 2, &attributes)) return NULL;
  if (napi_get_array_length(env, args.values[1], &count) != napi_ok) {
    return throw_type(env, "nodelet.node: argument 2 must be an array of strings");
  }
  AUTO_CLOSE int context = fsopen(type, FSOPEN_CLOEXEC);
  if (context < 0) return throw_errno(env, errno, "fsopen", type);
  for (uint32_t index = 0; index < count; index++) {
    napi_value value = NULL;
    char option[PATH_SIZE];
    if (napi_get_element(env, args.values[1], index, &value) != napi_ok ||
        !read_string(env, value, option, sizeof option, "mount option")) {
      return NULL;
    }
    char *equals = strchr(option, '=');
    if (equals != NULL) *equals = '\0';
    unsigned command = equals == NULL ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
    if (fsconfig(context, command, option, equals == NULL ? NULL : equals + 1, 0) != 0) {
      int error = errno;
      if (equals != NULL) *equals = '=';
      errno = error;
      return throw_context(env, context, "fsconfig", option);
    }
  }
  if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0) return throw_context(env, context, "fsconfig", type);
  int fd = fsmount(context, FSMOUNT_CLOEXEC, attributes);
  if (fd < 0) return throw_context(env, context, "fsmount", type);
  return make_int(env, fd);
}

// openTree(directory, path, flags); an empty path is the descriptor itself.
napi_value call_openTree(napi_env env, napi_callback_info info) {
  struct args args;
  int directory = -1;
  char path[PATH_SIZE];
  uint32_t flags = 0;
  if (!args_read(env, info, &args, 3) || !args_int(&args, 0, &directory) || !args_path(&args, 1, path) ||
      !args_u32(&args, 2, &flags)) {
    return NULL;
  }
  if (path[0] == '\0') flags |= AT_EMPTY_PATH;
  int fd = open_tree(directory, path, flags | OPEN_TREE_CLOEXEC);
  if (fd < 0) return throw_errno(env, errno, "open_tree", path);
  return make_int(env, fd);
}

// moveMount(from, directory, path)
napi_value call_moveMount(napi_env env, napi_callback_info info) {
  struct args args;
  int from = -1;
  int directory = -1;
  char path[PATH_SIZE];
  if (!args_read(env, info, &args, 3) || !args_int(&args, 0, &from) || !args_int(&args, 1, &directory) ||
      !args_path(&args, 2, path)) {
    return NULL;
  }
  unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | (path[0] == '\0' ? MOVE_MOUNT_T_EMPTY_PATH : 0);
  if (move_mount(from, "", directory, path, flags) != 0) return throw_errno(env, errno, "move_mount", path);
  return make_undefined(env);
}

// mountSetattr(fd, set, clear, propagation, user namespace or -1, recursive)
napi_value call_mountSetattr(napi_env env, napi_callback_info info) {
  struct args args;
  int fd = -1;
  int64_t set = 0;
  int64_t clear = 0;
  int64_t propagation = 0;
  int user_namespace = -1;
  bool recursive = false;
  if (!args_read(env, info, &args, 6) || !args_int(&args, 0, &fd) || !args_i64(&args, 1, &set) || !args_i64(&args, 2, &clear) ||
      !args_i64(&args, 3, &propagation) || !args_int(&args, 4, &user_namespace) || !args_bool(&args, 5, &recursive)) {
    return NULL;
  }
  struct mount_attr attributes = {
      .attr_set = (uint64_t)set | (user_namespace >= 0 ? MOUNT_ATTR_IDMAP : 0),
      .attr_clr = (uint64_t)clear,
      .propagation = (uint64_t)propagation,
      .userns_fd = user_namespace >= 0 ? (uint64_t)user_namespace : 0,
  };
  unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  if (mount_setattr(fd, "", flags, &attributes, sizeof attributes) != 0) return throw_errno(env, errno, "mount_setattr", NULL);
  return make_undefined(env);
}

struct statfs_job {
  struct job job;
  char path[PATH_SIZE];
  struct statfs found;
};

static void run_statfs(struct job *job) {
  struct statfs_job *statfs_job = (struct statfs_job *)job;
  if (statfs(statfs_job->path, &statfs_job->found) != 0) job_fail(job, errno, "statfs", statfs_job->path);
}

// The order is that of statfsOrder in addon.ts.
static napi_value statfs_result(napi_env env, struct job *job) {
  const struct statfs *found = &((struct statfs_job *)job)->found;
  const uint64_t values[] = {(uint64_t)found->f_type, (uint64_t)found->f_bsize, found->f_blocks, found->f_bfree,
                             found->f_bavail,         found->f_files,           found->f_ffree};
  napi_value result = NULL;
  napi_create_array(env, &result);
  for (uint32_t index = 0; index < COUNT_OF(values); index++) {
    napi_set_element(env, result, index, make_u64(env, values[index]));
  }
  return result;
}

napi_value call_statfs(napi_env env, napi_callback_info info) {
  struct args args;
  char path[PATH_SIZE];
  if (!args_read(env, info, &args, 1) || !args_path(&args, 0, path)) return NULL;
  struct statfs_job *job = job_new(env, sizeof *job);
  if (job == NULL) return NULL;
  memcpy(job->path, path, strlen(path) + 1);
  job->job.run = run_statfs;
  job->job.result = statfs_result;
  return job_start(env, &job->job);
}
