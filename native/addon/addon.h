// Shared by the addon's files: arguments, errors, work on other threads.
//
// Conventions. An entry point (`call_*`) reads its arguments with the args_ helpers, which throw a TypeError and return false;
// a failed system call becomes a JavaScript Error with `code`, `errno` (negative), `syscall` and `path`. Functions that run
// on other threads never touch the JavaScript engine: they return 0 or a negative errno and fill in a struct failure.
#ifndef NODELET_ADDON_H
#define NODELET_ADDON_H

#ifndef NAPI_VERSION
#define NAPI_VERSION 8
#endif
#include <errno.h>
#include <limits.h>
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

// A string longer than PATH_MAX must still be told from one that fits: room for a whole UTF-8 character beyond it.
#define PATH_SIZE (PATH_MAX + 4)

static inline void free_pointer(void *pointer) {
  free(*(void **)pointer);
}
static inline void close_fd(const int *fd) {
  if (*fd >= 0) close(*fd);
}
#define AUTO_FREE __attribute__((cleanup(free_pointer)))
#define AUTO_CLOSE __attribute__((cleanup(close_fd)))

// What getdents64 fills its buffer with.
struct kernel_dirent {
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[];
};

// Arguments

#define ARGS_MAX 8

struct args {
  napi_env env;
  size_t count;
  napi_value values[ARGS_MAX];
};

// Throws unless there are at least `required` arguments.
bool args_read(napi_env env, napi_callback_info info, struct args *args, size_t required);
bool args_int(struct args *args, size_t index, int *out);
bool args_u32(struct args *args, size_t index, uint32_t *out);
// A number or a BigInt.
bool args_i64(struct args *args, size_t index, int64_t *out);
bool args_bool(struct args *args, size_t index, bool *out);
// Refuses NUL (EINVAL) and what does not fit PATH_MAX (ENAMETOOLONG).
bool args_path(struct args *args, size_t index, char out[PATH_SIZE]);
// The bytes of a Buffer or Uint8Array; valid until the entry point returns.
bool args_bytes(struct args *args, size_t index, uint8_t **data, size_t *length);
// A BigInt64Array with room for `count` values.
bool args_results(struct args *args, size_t index, size_t count, int64_t **out);
// Same checks as args_path, for a string from elsewhere (an array's element). Bytes that are not UTF-8: see text.c.
bool read_string(napi_env env, napi_value value, char *out, size_t size, const char *what);

// Values

napi_value make_int(napi_env env, int64_t value);
napi_value make_u64(napi_env env, uint64_t value);
napi_value make_bool(napi_env env, bool value);
napi_value make_string(napi_env env, const char *text);
napi_value make_bytes(napi_env env, const void *data, size_t length);
napi_value make_undefined(napi_env env);

// Errors

struct failure {
  int error;           // positive errno; 0: none
  const char *syscall; // a literal
  const char *path;    // may be NULL
  const char *detail;  // more text for the message; may be NULL
};

napi_value make_error(napi_env env, const struct failure *failure);
// Throws and returns NULL, for `return throw_errno(...)`. `error` may be negative.
napi_value throw_errno(napi_env env, int error, const char *syscall, const char *path);
napi_value throw_failure(napi_env env, const struct failure *failure);
napi_value throw_type(napi_env env, const char *message);

// Work on the thread pool, as a promise. The first member of a struct of the caller's; made by job_new, freed by itself.

struct job {
  // Runs on another thread; fills in `failure` when it fails.
  void (*run)(struct job *job);
  // On the main thread, after success; NULL means undefined.
  napi_value (*result)(napi_env env, struct job *job);
  // Frees what the job owns, but not the job; may be NULL.
  void (*release)(struct job *job);
  struct failure failure;
  char failure_path[PATH_SIZE]; // for failure.path
  napi_deferred deferred;
  napi_async_work work;
};

// Throws and returns NULL when out of memory.
void *job_new(napi_env env, size_t size);
// Sets the job going and returns its promise. On failure releases the job, throws and returns NULL.
napi_value job_start(napi_env env, struct job *job);
void job_fail(struct job *job, int error, const char *syscall, const char *path);

// Runs `function` on a thread of its own inside the network namespace, and waits for it. Returns its result (negative errno), or
// the failure to enter. The thread ends there, so nothing has to find its way back.
int in_netns(int netns, int (*function)(void *argument), void *argument);

// State of one environment (the main thread or a worker).
struct events;
struct state {
  struct events *events;
};
struct state *state_of(napi_env env);
void events_free(struct events *events);

// Entry points, one list for declarations and the export table.

#define ENTRY_POINTS(X) \
  /* process.c */ \
  X(loadShim) X(spawnShim) X(spawnProgram) X(pidfdOpen) X(pidfdSendSignal) X(waitPidfd) \
  /* events.c */ \
  X(watch) X(unwatch) \
  /* path.c */ \
  X(openat2) X(close) X(mkdirat) X(mknodat) X(symlinkat) X(linkat) X(unlinkat) X(renameat2) X(fchownat) X(fchmodat) \
  X(utimensat) X(fstatat) X(readlinkat) X(readdir) X(tryLock) X(syncfs) X(fsync) \
  /* xattr.c */ \
  X(setxattrat) X(getxattrat) X(listxattrat) \
  /* tree.c */ \
  X(removeTree) \
  /* mount.c */ \
  X(mount) X(umount) X(detachedMount) X(openTree) X(moveMount) X(mountSetattr) X(statfs) \
  /* netlink.c */ \
  X(netlink) \
  /* netns.c */ \
  X(connectInNetns) X(writeSysctlInNetns) \
  /* seccomp.c */ \
  X(compileSeccomp) X(resolveSyscall) \
  /* socket.c */ \
  X(peerCredentials) X(sendFds) X(receiveFds) X(socketPair) X(sendDatagram) X(memfd) \
  /* terminal.c */ \
  X(windowSize) X(capabilities)

#define DECLARE_ENTRY_POINT(name) napi_value call_##name(napi_env env, napi_callback_info info);
ENTRY_POINTS(DECLARE_ENTRY_POINT)

#endif
