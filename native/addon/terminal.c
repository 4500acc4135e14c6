// Questions about this process and its terminal.
#include "addon.h"

#include <linux/capability.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

// windowSize(fd, [columns, rows]): false when it is no terminal.
napi_value call_windowSize(napi_env env, napi_callback_info info) {
  struct args args;
  int fd = -1;
  int64_t *results = NULL;
  if (!args_read(env, info, &args, 2) || !args_int(&args, 0, &fd) || !args_results(&args, 1, 2, &results)) return NULL;
  struct winsize size;
  if (ioctl(fd, TIOCGWINSZ, &size) != 0) {
    if (errno == EBADF) return throw_errno(env, errno, "ioctl", NULL);
    return make_bool(env, false);
  }
  results[0] = size.ws_col;
  results[1] = size.ws_row;
  return make_bool(env, true);
}

// capabilities([last, bounding, permitted, effective])
napi_value call_capabilities(napi_env env, napi_callback_info info) {
  struct args args;
  int64_t *results = NULL;
  if (!args_read(env, info, &args, 1) || !args_results(&args, 0, 4, &results)) return NULL;
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
  if (syscall(SYS_capget, &header, data) != 0) return throw_errno(env, errno, "capget", NULL);
  uint64_t bounding = 0;
  int last = -1;
  for (int capability = 0; capability < 64; capability++) {
    int held = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (held < 0) break;
    if (held > 0) bounding |= 1ULL << capability;
    last = capability;
  }
  results[0] = last;
  results[1] = (int64_t)bounding;
  results[2] = (int64_t)((uint64_t)data[1].permitted << 32 | data[0].permitted);
  results[3] = (int64_t)((uint64_t)data[1].effective << 32 | data[0].effective);
  return make_undefined(env);
}
