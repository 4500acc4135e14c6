// Netlink: sends requests as they are and collects the kernel's answers as they are. What they mean is TypeScript's matter.
//
// The kernel handles a request while it is being sent, so answers wait in the socket when send returns, and a request has been
// answered when each of its messages that asked for it (NLM_F_ACK, NLM_F_DUMP) has got its NLMSG_ERROR or NLMSG_DONE.
// A request may hold several messages: an nfnetlink batch is one.
#include "addon.h"
#include "netlink_messages.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define ANSWER_TIMEOUT_MS 5000

// The kernel fills at most 32 KiB of a dump at a time; an error quotes its request, which may be longer.
#define RECEIVE_SIZE (256 * 1024)

// The answers to a long batch must fit before the first is read.
#define SOCKET_BUFFER (8 * 1024 * 1024)

struct netlink_job {
  struct job job;
  int protocol;
  int netns; // -1: where we are
  uint32_t count;
  struct bytes *requests;
  struct bytes *answers; // messages one after the other, each padded to 4 bytes
};

static int make_netlink_socket(void *argument) {
  const struct netlink_job *job = argument;
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, job->protocol);
  return fd >= 0 ? fd : -errno;
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void transact(struct netlink_job *job, int fd, const struct bytes *request, struct bytes *answer, uint8_t *buffer) {
  uint32_t expected = 0;
  if (!netlink_expected(request, &expected)) return job_fail(&job->job, EINVAL, "netlink", "request");
  const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  ssize_t sent;
  do sent = sendto(fd, request->data, request->length, 0, (const struct sockaddr *)&kernel, sizeof kernel);
  while (sent < 0 && errno == EINTR);
  if (sent < 0) return job_fail(&job->job, errno, "sendto", "netlink");

  int64_t deadline = now_ms() + ANSWER_TIMEOUT_MS;
  uint32_t ended = 0;
  bool failed = false;
  while (expected == 0 || ended < expected) {
    struct sockaddr_nl from = {0};
    struct iovec vector = {.iov_base = buffer, .iov_len = RECEIVE_SIZE};
    struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &vector, .msg_iovlen = 1};
    ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno != EAGAIN) return job_fail(&job->job, errno, "recvmsg", "netlink");
    if (length < 0) {
      // Nothing more is there. Without an answer owed that is the end, and a batch that failed may leave the rest unanswered.
      if (expected == 0 || failed) return;
      int64_t left = deadline - now_ms();
      struct pollfd wanted = {.fd = fd, .events = POLLIN};
      int count = left > 0 ? poll(&wanted, 1, (int)left) : 0;
      if (count < 0 && errno != EINTR) return job_fail(&job->job, errno, "poll", "netlink");
      if (count == 0) return job_fail(&job->job, ETIMEDOUT, "recvmsg", "netlink");
      continue;
    }
    if ((message.msg_flags & MSG_TRUNC) != 0) return job_fail(&job->job, EMSGSIZE, "recvmsg", "netlink");
    if (from.nl_pid != 0) continue; // only the kernel is asked
    int error = netlink_take(request, answer, buffer, (size_t)length, &ended, &failed);
    if (error < 0) return job_fail(&job->job, error, "recvmsg", "netlink");
  }
}

static void run_netlink(struct job *base) {
  struct netlink_job *job = (struct netlink_job *)base;
  AUTO_FREE uint8_t *buffer = malloc(RECEIVE_SIZE);
  if (buffer == NULL) return job_fail(base, ENOMEM, "malloc", NULL);
  AUTO_CLOSE int fd = job->netns >= 0 ? in_netns(job->netns, make_netlink_socket, job) : make_netlink_socket(job);
  if (fd < 0) return job_fail(base, fd, "socket", "netlink");

  const int on = 1;
  const int size = SOCKET_BUFFER;
  // Without these an error has less to say, and a long batch fails with ENOBUFS: no reason to refuse a short one.
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  }
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  }
  const struct sockaddr_nl any = {.nl_family = AF_NETLINK};
  if (bind(fd, (const struct sockaddr *)&any, sizeof any) != 0) return job_fail(base, errno, "bind", "netlink");
  for (uint32_t index = 0; index < job->count && base->failure.error == 0; index++) {
    transact(job, fd, &job->requests[index], &job->answers[index], buffer);
  }
}

static napi_value netlink_result(napi_env env, struct job *base) {
  const struct netlink_job *job = (const struct netlink_job *)base;
  napi_value result = NULL;
  napi_create_array_with_length(env, job->count, &result);
  for (uint32_t index = 0; index < job->count; index++) {
    const struct bytes *answer = &job->answers[index];
    napi_value messages = NULL;
    napi_create_array(env, &messages);
    uint32_t count = 0;
    for (size_t offset = 0; offset < answer->length;) {
      struct nlmsghdr header;
      memcpy(&header, answer->data + offset, sizeof header);
      napi_set_element(env, messages, count++, make_bytes(env, answer->data + offset, header.nlmsg_len));
      offset += NLMSG_ALIGN(header.nlmsg_len);
    }
    napi_set_element(env, result, index, messages);
  }
  return result;
}

static void release_netlink(struct job *base) {
  struct netlink_job *job = (struct netlink_job *)base;
  for (uint32_t index = 0; index < job->count; index++) {
    if (job->requests != NULL) free(job->requests[index].data);
    if (job->answers != NULL) free(job->answers[index].data);
  }
  free(job->requests);
  free(job->answers);
  if (job->netns >= 0) close(job->netns);
}

static napi_value abandon(napi_env env, struct netlink_job *job, int error, const char *step) {
  release_netlink(&job->job);
  free(job);
  return throw_errno(env, error, step, "netlink");
}

// netlink(protocol, requests, netns or -1)
napi_value call_netlink(napi_env env, napi_callback_info info) {
  struct args args;
  int protocol = 0;
  int netns = -1;
  uint32_t count = 0;
  if (!args_read(env, info, &args, 3) || !args_int(&args, 0, &protocol) || !args_int(&args, 2, &netns)) return NULL;
  if (napi_get_array_length(env, args.values[1], &count) != napi_ok) {
    return throw_type(env, "nodelet.node: argument 2 must be an array of Uint8Array");
  }
  struct netlink_job *job = job_new(env, sizeof *job);
  if (job == NULL) return NULL;
  job->netns = -1;
  job->protocol = protocol;
  job->requests = calloc(count + 1, sizeof *job->requests);
  job->answers = calloc(count + 1, sizeof *job->answers);
  if (job->requests == NULL || job->answers == NULL) return abandon(env, job, ENOMEM, "calloc");
  job->count = count;
  for (uint32_t index = 0; index < count; index++) {
    struct args element = {.env = env, .count = 1};
    uint8_t *data = NULL;
    size_t length = 0;
    if (napi_get_element(env, args.values[1], index, &element.values[0]) != napi_ok ||
        !args_bytes(&element, 0, &data, &length)) {
      release_netlink(&job->job);
      free(job);
      return NULL;
    }
    if (!bytes_append(&job->requests[index], data, length)) return abandon(env, job, ENOMEM, "realloc");
  }
  if (netns >= 0 && (job->netns = fcntl(netns, F_DUPFD_CLOEXEC, 0)) < 0) return abandon(env, job, errno, "fcntl");
  job->job.run = run_netlink;
  job->job.result = netlink_result;
  job->job.release = release_netlink;
  return job_start(env, &job->job);
}
