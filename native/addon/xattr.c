// Extended attributes relative to descriptors, never following a final link.
//
// Kernels from 6.13 have system calls for it. On others the file is opened with O_PATH and reached through /proc, whose
// link leads to the opened file itself, even if that is a symbolic link.
#include "addon.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#ifndef SYS_setxattrat
#define SYS_setxattrat 463
#define SYS_getxattrat 464
#define SYS_listxattrat 465
#endif

// As in linux/xattr.h of 6.13.
struct xattr_arguments {
  uint64_t value;
  uint32_t size;
  uint32_t flags;
};

#define NAME_SIZE (256 + 4)
#define VALUE_MAX 65536
#define LIST_MAX 65536

struct target {
  int opened; // -1: none
  char link[32];
};

static void target_free(struct target *target) {
  if (target->opened >= 0) close(target->opened);
}

static int target_open(struct target *target, int directory, const char *path) {
  int fd = directory;
  target->opened = -1;
  if (path[0] != '\0') {
    fd = target->opened = openat(directory, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return -errno;
  }
  snprintf(target->link, sizeof target->link, "/proc/self/fd/%d", fd);
  return 0;
}

// The kernel lacks the call, or takes no O_PATH descriptor with an empty path.
static bool needs_proc(const char *path) {
  return errno == ENOSYS || (errno == EBADF && path[0] == '\0');
}

static unsigned at_flags(const char *path) {
  return AT_SYMLINK_NOFOLLOW | (path[0] == '\0' ? AT_EMPTY_PATH : 0);
}

static int set_attribute(int directory, const char *path, const char *name, const void *value, size_t size) {
  struct xattr_arguments arguments = {.value = (uint64_t)(uintptr_t)value, .size = (uint32_t)size};
  if (syscall(SYS_setxattrat, directory, path, at_flags(path), name, &arguments, sizeof arguments) == 0) return 0;
  if (!needs_proc(path)) return -errno;
  __attribute__((cleanup(target_free))) struct target target;
  int error = target_open(&target, directory, path);
  if (error < 0) return error;
  return setxattr(target.link, name, value, size, 0) == 0 ? 0 : -errno;
}

static ssize_t get_attribute(int directory, const char *path, const char *name, void *value, size_t size) {
  struct xattr_arguments arguments = {.value = (uint64_t)(uintptr_t)value, .size = (uint32_t)size};
  long length = syscall(SYS_getxattrat, directory, path, at_flags(path), name, &arguments, sizeof arguments);
  if (length >= 0) return length;
  if (!needs_proc(path)) return -errno;
  __attribute__((cleanup(target_free))) struct target target;
  int error = target_open(&target, directory, path);
  if (error < 0) return error;
  ssize_t got = getxattr(target.link, name, value, size);
  return got >= 0 ? got : -errno;
}

static ssize_t list_attributes(int directory, const char *path, char *list, size_t size) {
  long length = syscall(SYS_listxattrat, directory, path, at_flags(path), list, size);
  if (length >= 0) return length;
  if (!needs_proc(path)) return -errno;
  __attribute__((cleanup(target_free))) struct target target;
  int error = target_open(&target, directory, path);
  if (error < 0) return error;
  ssize_t got = listxattr(target.link, list, size);
  return got >= 0 ? got : -errno;
}

napi_value call_setxattrat(napi_env env, napi_callback_info info) {
  struct args args;
  int directory = -1;
  char path[PATH_SIZE];
  char name[NAME_SIZE];
  uint8_t *value = NULL;
  size_t size = 0;
  if (!args_read(env, info, &args, 4) || !args_int(&args, 0, &directory) || !args_path(&args, 1, path) ||
      !read_string(env, args.values[2], name, sizeof name, "attribute name") || !args_bytes(&args, 3, &value, &size)) {
    return NULL;
  }
  int error = set_attribute(directory, path, name, value, size);
  if (error < 0) return throw_failure(env, &(struct failure){error, "setxattrat", path, name});
  return make_undefined(env);
}

napi_value call_getxattrat(napi_env env, napi_callback_info info) {
  struct args args;
  int directory = -1;
  char path[PATH_SIZE];
  char name[NAME_SIZE];
  if (!args_read(env, info, &args, 3) || !args_int(&args, 0, &directory) || !args_path(&args, 1, path) ||
      !read_string(env, args.values[2], name, sizeof name, "attribute name")) {
    return NULL;
  }
  char small[1024];
  ssize_t length = get_attribute(directory, path, name, small, sizeof small);
  if (length >= 0) return make_bytes(env, small, (size_t)length);
  if (length == -ENODATA) return make_undefined(env);
  if (length != -ERANGE) return throw_failure(env, &(struct failure){(int)length, "getxattrat", path, name});
  AUTO_FREE char *value = malloc(VALUE_MAX);
  if (value == NULL) return throw_errno(env, ENOMEM, "malloc", NULL);
  length = get_attribute(directory, path, name, value, VALUE_MAX);
  if (length == -ENODATA) return make_undefined(env);
  if (length < 0) return throw_failure(env, &(struct failure){(int)length, "getxattrat", path, name});
  return make_bytes(env, value, (size_t)length);
}

napi_value call_listxattrat(napi_env env, napi_callback_info info) {
  struct args args;
  int directory = -1;
  char path[PATH_SIZE];
  if (!args_read(env, info, &args, 2) || !args_int(&args, 0, &directory) || !args_path(&args, 1, path)) return NULL;
  AUTO_FREE char *list = malloc(LIST_MAX);
  if (list == NULL) return throw_errno(env, ENOMEM, "malloc", NULL);
  ssize_t length = list_attributes(directory, path, list, LIST_MAX);
  if (length < 0) return throw_errno(env, (int)length, "listxattrat", path);
  napi_value names = NULL;
  napi_create_array(env, &names);
  uint32_t count = 0;
  for (ssize_t offset = 0; offset < length; offset += (ssize_t)strlen(list + offset) + 1) {
    napi_set_element(env, names, count++, make_string(env, list + offset));
  }
  return names;
}
