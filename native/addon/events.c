// One thread that waits on all watched descriptors of an environment: pidfds, cgroup event files.
//
// The table of watches belongs to the main thread; the waiting thread only carries tokens from epoll to it. A watch owns a
// duplicate of its descriptor, so the caller may close its own at any time. Each watch reports once.
#include "addon.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

// Events taken from the kernel at once.
#define BATCH 64
#define THREAD_STACK_SIZE (64 * 1024)
#define STOP_TOKEN UINT64_MAX

struct watch {
  int fd; // -1: the slot is free
  uint32_t generation;
  uint32_t next_free;
};

struct events {
  napi_threadsafe_function report;
  pthread_t thread;
  int epoll;
  int stop;
  struct watch *watches;
  uint32_t capacity;
  uint32_t free; // first free slot; capacity: none
  uint32_t active;
};

static uint64_t token_of(uint32_t slot, uint32_t generation) {
  return (uint64_t)generation << 32 | slot;
}

static void *wait_for_events(void *data) {
  struct events *events = data;
  struct epoll_event ready[BATCH];
  for (;;) {
    int count = epoll_wait(events->epoll, ready, BATCH, -1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return NULL;
    for (int index = 0; index < count; index++) {
      if (ready[index].data.u64 == STOP_TOKEN) return NULL;
      // Tokens fit a pointer: both supported architectures have 64 bits.
      void *token = (void *)(uintptr_t)ready[index].data.u64;
      if (napi_call_threadsafe_function(events->report, token, napi_tsfn_nonblocking) == napi_closing) return NULL;
    }
  }
}

static void release_watch(napi_env env, struct events *events, uint32_t slot) {
  struct watch *watch = &events->watches[slot];
  epoll_ctl(events->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
  close(watch->fd);
  watch->fd = -1;
  watch->generation++;
  watch->next_free = events->free;
  events->free = slot;
  // What is waited for keeps the process alive, the thread itself does not.
  if (--events->active == 0) napi_unref_threadsafe_function(env, events->report);
}

static bool is_current(const struct events *events, uint64_t token) {
  uint32_t slot = (uint32_t)token;
  return slot < events->capacity && events->watches[slot].fd >= 0 && events->watches[slot].generation == token >> 32;
}

// On the main thread, for each token: `callback(token)`.
static void report_event(napi_env env, napi_value callback, void *context, void *data) {
  (void)context;
  if (env == NULL || callback == NULL) return;
  struct state *state = state_of(env);
  uint64_t token = (uint64_t)(uintptr_t)data;
  if (state == NULL || state->events == NULL || !is_current(state->events, token)) return;
  release_watch(env, state->events, (uint32_t)token);
  napi_value argument = make_u64(env, token);
  napi_value receiver = make_undefined(env);
  napi_call_function(env, receiver, callback, 1, &argument, NULL);
}

void events_free(struct events *events) {
  if (events == NULL) return;
  uint64_t one = 1;
  // Writing to an eventfd that holds 0 cannot fail; were it to, joining would wait for ever.
  if (write(events->stop, &one, sizeof one) == (ssize_t)sizeof one) pthread_join(events->thread, NULL);
  for (uint32_t slot = 0; slot < events->capacity; slot++) {
    if (events->watches[slot].fd >= 0) close(events->watches[slot].fd);
  }
  close(events->epoll);
  close(events->stop);
  free(events->watches);
  free(events);
}

static int start_thread(struct events *events) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, THREAD_STACK_SIZE);
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&events->thread, &attributes, wait_for_events, events);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (error == 0) pthread_setname_np(events->thread, "nodelet-events");
  return -error;
}

static struct events *start_events(napi_env env, napi_value callback) {
  struct events *events = calloc(1, sizeof *events);
  if (events == NULL) {
    throw_errno(env, ENOMEM, "calloc", NULL);
    return NULL;
  }
  const char *step = "epoll_create1";
  int error = 0;
  events->stop = -1;
  events->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (events->epoll < 0) goto failed;
  step = "eventfd";
  events->stop = eventfd(0, EFD_CLOEXEC);
  if (events->stop < 0) goto failed;
  step = "epoll_ctl";
  struct epoll_event wanted = {.events = EPOLLIN, .data.u64 = STOP_TOKEN};
  if (epoll_ctl(events->epoll, EPOLL_CTL_ADD, events->stop, &wanted) != 0) goto failed;
  step = "napi_create_threadsafe_function";
  errno = EIO;
  napi_value name = make_string(env, "nodelet-events");
  if (napi_create_threadsafe_function(env, callback, NULL, name, 0, 1, NULL, NULL, NULL, report_event, &events->report) !=
      napi_ok) {
    goto failed;
  }
  napi_unref_threadsafe_function(env, events->report);
  step = "pthread_create";
  error = start_thread(events);
  if (error == 0) return events;
  errno = -error;
  napi_release_threadsafe_function(events->report, napi_tsfn_abort);

failed:
  error = errno;
  if (events->epoll >= 0) close(events->epoll);
  if (events->stop >= 0) close(events->stop);
  free(events);
  throw_errno(env, error, step, NULL);
  return NULL;
}

static bool grow(struct events *events) {
  uint32_t capacity = events->capacity == 0 ? 64 : events->capacity * 2;
  struct watch *watches = reallocarray(events->watches, capacity, sizeof *watches);
  if (watches == NULL) return false;
  for (uint32_t slot = events->capacity; slot < capacity; slot++) {
    watches[slot] = (struct watch){.fd = -1, .generation = 1, .next_free = slot + 1};
  }
  events->watches = watches;
  events->free = events->capacity;
  events->capacity = capacity;
  return true;
}

// watch(fd, priority, callback): a token. `callback(token)` once it is ready; the callback of the first call serves all.
napi_value call_watch(napi_env env, napi_callback_info info) {
  struct args args;
  int fd = -1;
  bool priority = false;
  struct state *state = state_of(env);
  if (!args_read(env, info, &args, 3) || !args_int(&args, 0, &fd) || !args_bool(&args, 1, &priority)) return NULL;
  if (state->events == NULL && (state->events = start_events(env, args.values[2])) == NULL) return NULL;
  struct events *events = state->events;
  if (events->free == events->capacity && !grow(events)) return throw_errno(env, ENOMEM, "realloc", NULL);

  int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (own < 0) return throw_errno(env, errno, "fcntl", NULL);
  uint32_t slot = events->free;
  struct watch *watch = &events->watches[slot];
  uint64_t token = token_of(slot, watch->generation);
  struct epoll_event wanted = {.events = (priority ? EPOLLPRI : EPOLLIN) | EPOLLONESHOT, .data.u64 = token};
  if (epoll_ctl(events->epoll, EPOLL_CTL_ADD, own, &wanted) != 0) {
    int error = errno;
    close(own);
    return throw_errno(env, error, "epoll_ctl", NULL);
  }
  events->free = watch->next_free;
  watch->fd = own;
  if (events->active++ == 0) napi_ref_threadsafe_function(env, events->report);
  return make_u64(env, token);
}

// unwatch(token): false when it has reported already.
napi_value call_unwatch(napi_env env, napi_callback_info info) {
  struct args args;
  bool lossless = false;
  uint64_t token = 0;
  if (!args_read(env, info, &args, 1)) return NULL;
  if (napi_get_value_bigint_uint64(env, args.values[0], &token, &lossless) != napi_ok || !lossless) {
    return throw_type(env, "nodelet.node: argument 1 must be a token of watch()");
  }
  struct events *events = state_of(env)->events;
  if (events == NULL || !is_current(events, token)) return make_bool(env, false);
  release_watch(env, events, (uint32_t)token);
  return make_bool(env, true);
}
