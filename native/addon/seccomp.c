// Seccomp filters through libseccomp. The profile has been read and checked by TypeScript (agent/system/seccomp.ts); here it
// arrives as numbers.
#include "addon.h"

#include <fcntl.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

// Filters as binary trees. The kernel runs a new filter once for every system call there is, so a start with a linear one
// of 350 rules and three architectures takes 0.6 ms longer than with a tree.
#define OPTIMIZE_TREE 2

// The kernel takes at most 6 arguments of a system call.
#define CONDITIONS_MAX 6

static void release_filter(scmp_filter_ctx *filter) {
  if (*filter != NULL) seccomp_release(*filter);
}

// One rule of the array: system call, action, number of conditions, and for each index, operator, value, second value.
static size_t read_rule(const uint64_t *words, size_t left, int *number, uint32_t *action,
                        struct scmp_arg_cmp conditions[CONDITIONS_MAX], unsigned *count) {
  if (left < 3 || words[2] > CONDITIONS_MAX || left < 3 + words[2] * 4) return 0;
  *number = (int)(int64_t)words[0];
  *action = (uint32_t)words[1];
  *count = (unsigned)words[2];
  for (unsigned index = 0; index < *count; index++) {
    const uint64_t *condition = words + 3 + index * 4;
    conditions[index] = (struct scmp_arg_cmp){
        .arg = (unsigned)condition[0],
        .op = (enum scmp_compare)condition[1],
        .datum_a = condition[2],
        .datum_b = condition[3],
    };
  }
  return 3 + *count * 4;
}

static napi_value export_filter(napi_env env, scmp_filter_ctx filter) {
  AUTO_CLOSE int fd = memfd_create("seccomp", MFD_CLOEXEC);
  if (fd < 0) return throw_errno(env, errno, "memfd_create", NULL);
  int error = seccomp_export_bpf(filter, fd);
  if (error < 0) return throw_errno(env, error, "seccomp_export_bpf", NULL);
  struct stat found;
  if (fstat(fd, &found) != 0) return throw_errno(env, errno, "fstat", NULL);
  size_t length = (size_t)found.st_size;
  AUTO_FREE uint8_t *data = malloc(length + 1);
  if (data == NULL) return throw_errno(env, ENOMEM, "malloc", NULL);
  ssize_t got = pread(fd, data, length, 0);
  if (got < 0 || (size_t)got != length) return throw_errno(env, got < 0 ? errno : EIO, "pread", NULL);
  return make_bytes(env, data, length);
}

// compileSeccomp(default action, architectures, rules as a BigUint64Array): struct sock_filter[]
napi_value call_compileSeccomp(napi_env env, napi_callback_info info) {
  struct args args;
  uint32_t default_action = 0;
  uint32_t architectures = 0;
  napi_typedarray_type type = napi_int8_array;
  size_t length = 0;
  void *pointer = NULL;
  if (!args_read(env, info, &args, 3) || !args_u32(&args, 0, &default_action)) return NULL;
  if (napi_get_array_length(env, args.values[1], &architectures) != napi_ok) {
    return throw_type(env, "nodelet.node: argument 2 must be an array of architectures");
  }
  if (napi_get_typedarray_info(env, args.values[2], &type, &length, &pointer, NULL, NULL) != napi_ok ||
      type != napi_biguint64_array) {
    return throw_type(env, "nodelet.node: argument 3 must be a BigUint64Array");
  }

  __attribute__((cleanup(release_filter))) scmp_filter_ctx filter = seccomp_init(default_action);
  if (filter == NULL) return throw_errno(env, EINVAL, "seccomp_init", NULL);
  // A libseccomp without it (before 2.5) makes a linear filter, which is as good but slower.
  seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, OPTIMIZE_TREE);
  for (uint32_t index = 0; index < architectures; index++) {
    struct args element = {.env = env, .count = 1};
    uint32_t architecture = 0;
    if (napi_get_element(env, args.values[1], index, &element.values[0]) != napi_ok || !args_u32(&element, 0, &architecture)) {
      return NULL;
    }
    int error = seccomp_arch_add(filter, architecture);
    if (error < 0 && error != -EEXIST) return throw_errno(env, error, "seccomp_arch_add", NULL);
  }

  const uint64_t *words = pointer;
  for (size_t offset = 0; offset < length;) {
    int number = 0;
    uint32_t action = 0;
    unsigned count = 0;
    struct scmp_arg_cmp conditions[CONDITIONS_MAX];
    size_t used = read_rule(words + offset, length - offset, &number, &action, conditions, &count);
    if (used == 0) return throw_type(env, "nodelet.node: a seccomp rule is cut short");
    int error = seccomp_rule_add_array(filter, action, number, count, conditions);
    if (error < 0) {
      char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
      throw_errno(env, error, "seccomp_rule_add", name);
      free(name);
      return NULL;
    }
    offset += used;
  }
  return export_filter(env, filter);
}

// resolveSyscall(architecture, name): its number there, negative for one that only others have, undefined if unknown.
napi_value call_resolveSyscall(napi_env env, napi_callback_info info) {
  struct args args;
  uint32_t architecture = 0;
  char name[PATH_SIZE];
  if (!args_read(env, info, &args, 2) || !args_u32(&args, 0, &architecture) || !args_path(&args, 1, name)) return NULL;
  int number = seccomp_syscall_resolve_name_arch(architecture, name);
  if (number == __NR_SCMP_ERROR) return make_undefined(env);
  return make_int(env, number);
}
