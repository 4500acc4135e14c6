// Work inside another network namespace.
//
// A thread of its own enters the namespace, does one thing and ends there. No thread ever has to find its way back, so none can
// be left behind in the wrong place. A socket belongs to the namespace it was made in, so making it is all that needs this.
#include "addon.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define THREAD_STACK_SIZE (64 * 1024)

// For a connection to a port inside a pod, on this machine: either it is answered or it is not.
#define CONNECT_TIMEOUT_MS 10000

struct visit {
  int netns;
  int (*function)(void *argument);
  void *argument;
  int result;
};

static void *visit_netns(void *data) {
  struct visit *visit = data;
  visit->result = setns(visit->netns, CLONE_NEWNET) == 0 ? visit->function(visit->argument) : -errno;
  return NULL;
}

int in_netns(int netns, int (*function)(void *argument), void *argument) {
  struct visit visit = {.netns = netns, .function = function, .argument = argument};
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, THREAD_STACK_SIZE);
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&thread, &attributes, visit_netns, &visit);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (error != 0) return -error;
  pthread_join(thread, NULL);
  return visit.result;
}

struct sysctl {
  const char *path;
  const char *value;
  size_t length;
};

// /proc/sys/net shows the namespace of the thread that opens a file there.
static int write_sysctl(void *argument) {
  const struct sysctl *sysctl = argument;
  AUTO_CLOSE int fd = open(sysctl->path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  ssize_t written = write(fd, sysctl->value, sysctl->length);
  if (written < 0) return -errno;
  return (size_t)written == sysctl->length ? 0 : -EIO;
}

// writeSysctlInNetns(netns, path below /proc/sys, value)
napi_value call_writeSysctlInNetns(napi_env env, napi_callback_info info) {
  struct args args;
  int netns = -1;
  char path[PATH_SIZE];
  char value[PATH_SIZE];
  if (!args_read(env, info, &args, 3) || !args_int(&args, 0, &netns) || !args_path(&args, 1, path) ||
      !args_path(&args, 2, value)) {
    return NULL;
  }
  struct sysctl sysctl = {.path = path, .value = value, .length = strlen(value)};
  int error = in_netns(netns, write_sysctl, &sysctl);
  if (error < 0) return throw_errno(env, error, "write", path);
  return make_undefined(env);
}

struct connect_job {
  struct job job;
  int netns;
  struct sockaddr_storage address;
  socklen_t length;
  char text[64];
  int fd;
};

static int make_socket(void *argument) {
  const struct connect_job *job = argument;
  int fd = socket(job->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  return fd >= 0 ? fd : -errno;
}

static void run_connect(struct job *job) {
  struct connect_job *connect_job = (struct connect_job *)job;
  int fd = in_netns(connect_job->netns, make_socket, connect_job);
  if (fd < 0) return job_fail(job, fd, "socket", NULL);
  int error = connect(fd, (struct sockaddr *)&connect_job->address, connect_job->length) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    struct pollfd wanted = {.fd = fd, .events = POLLOUT};
    int count;
    do count = poll(&wanted, 1, CONNECT_TIMEOUT_MS);
    while (count < 0 && errno == EINTR);
    socklen_t size = sizeof error;
    if (count == 0) error = ETIMEDOUT;
    else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  }
  if (error != 0) {
    close(fd);
    return job_fail(job, error, "connect", connect_job->text);
  }
  connect_job->fd = fd;
}

static napi_value connect_result(napi_env env, struct job *job) {
  return make_int(env, ((struct connect_job *)job)->fd);
}

static void release_connect(struct job *job) {
  close(((struct connect_job *)job)->netns);
}

static bool parse_address(struct connect_job *job, const char *address, uint16_t port) {
  struct sockaddr_in *v4 = (struct sockaddr_in *)&job->address;
  struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&job->address;
  if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    job->length = sizeof *v4;
    return true;
  }
  if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    job->length = sizeof *v6;
    return true;
  }
  return false;
}

// connectInNetns(netns, address, port)
napi_value call_connectInNetns(napi_env env, napi_callback_info info) {
  struct args args;
  int netns = -1;
  char address[PATH_SIZE];
  uint32_t port = 0;
  if (!args_read(env, info, &args, 3) || !args_int(&args, 0, &netns) || !args_path(&args, 1, address) ||
      !args_u32(&args, 2, &port)) {
    return NULL;
  }
  struct connect_job *job = job_new(env, sizeof *job);
  if (job == NULL) return NULL;
  if (port > UINT16_MAX || !parse_address(job, address, (uint16_t)port)) {
    free(job);
    return throw_errno(env, EINVAL, "connect", address);
  }
  snprintf(job->text, sizeof job->text, "%.46s:%u", address, port);
  job->netns = fcntl(netns, F_DUPFD_CLOEXEC, 0);
  if (job->netns < 0) {
    int error = errno;
    free(job);
    return throw_errno(env, error, "fcntl", NULL);
  }
  job->job.run = run_connect;
  job->job.result = connect_result;
  job->job.release = release_connect;
  return job_start(env, &job->job);
}
