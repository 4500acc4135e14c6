#include "protocol.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include "run.h"
#include "syscalls.h"

#define RESULT_BYTES 20

static int send_all(int fd, struct iovec *parts, size_t count) {
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
  while (message.msg_iovlen > 0) {
    ssize_t sent = checked(sendmsg(fd, &message, MSG_NOSIGNAL));
    if (sent == -EINTR) continue;
    if (sent < 0) return (int)sent;
    size_t left = (size_t)sent;
    while (message.msg_iovlen > 0 && left >= message.msg_iov->iov_len) {
      left -= message.msg_iov->iov_len;
      message.msg_iov++;
      message.msg_iovlen--;
    }
    if (message.msg_iovlen > 0) {
      message.msg_iov->iov_base = (char *)message.msg_iov->iov_base + left;
      message.msg_iov->iov_len -= left;
    }
  }
  return 0;
}

int frame_send(int fd, enum frame_type type, const void *payload, size_t size) {
  uint8_t header[FRAME_HEADER];
  frame_header(header, type, size);
  struct iovec parts[2] = {{header, sizeof header}, {(void *)(uintptr_t)payload, size}};
  return send_all(fd, parts, size ? 2 : 1);
}

int frame_error(int fd, const char *message) { return frame_send(fd, FRAME_ERROR, message, strlen(message)); }

void hello_encode(uint8_t payload[HELLO_BYTES], enum shim_state state, int init) {
  uint8_t *at = payload;
  put_number(&at, PROTOCOL_VERSION, 2);
  put_number(&at, OP_MAX, 2);
  put_number(&at, (uint32_t)getpid(), 4);
  put_number(&at, state, 4);
  put_number(&at, (uint32_t)init, 4);
}

int receive_all(int fd, void *into, size_t size) {
  size_t have = 0;
  while (have < size) {
    ssize_t got = checked(recv(fd, (char *)into + have, size - have, MSG_WAITALL));
    if (got == -EINTR) continue;
    if (got < 0) return (int)got;
    if (got == 0) return -EPIPE;
    have += (size_t)got;
  }
  return 0;
}

/* Room for `head` bytes and the results behind them; `at` is then the place of the head. */
static int report_map(const struct run *run, size_t head, struct report *report, uint8_t **at) {
  size_t count = run ? run->plan.count : 0;
  report->size = head + 2 + count * RESULT_BYTES;
  report->mapped = report->size;
  report->bytes = pages_map(report->mapped);
  if (!report->bytes) return -ENOMEM;
  *at = report->bytes;
  uint8_t *tail = report->bytes + head;
  put_number(&tail, count, 2);
  for (size_t i = 0; i < count; i++) {
    const struct result *result = &run->shared->results[i];
    put_number(&tail, (uint32_t)result->error, 4);
    put_number(&tail, result->started, 8);
    put_number(&tail, result->duration, 8);
  }
  return 0;
}

int report_started(const struct run *run, uint32_t pid, uint64_t when, struct report *report) {
  uint8_t *at;
  int rc = report_map(run, 12, report, &at);
  if (rc < 0) return rc;
  put_number(&at, pid, 4);
  put_number(&at, when, 8);
  return 0;
}

int report_pid(const struct run *run, uint32_t pid, struct report *report) {
  uint8_t *at;
  int rc = report_map(run, 4, report, &at);
  if (rc < 0) return rc;
  put_number(&at, pid, 4);
  return 0;
}

static int report_failure(const struct run *run, int step, int error, const char *detail, struct report *report) {
  size_t length = strlen(detail);
  uint8_t *at;
  int rc = report_map(run, 12 + length, report, &at);
  if (rc < 0) return rc;
  put_number(&at, (uint16_t)step, 2);
  put_number(&at, 0, 2);
  put_number(&at, (uint32_t)error, 4);
  put_number(&at, length, 4);
  memcpy(at, detail, length);
  return 0;
}

int report_failed(const struct run *run, struct report *report) {
  const struct shared *shared = run->shared;
  return report_failure(run, shared->failed_step, shared->failed_error, shared->detail, report);
}

int report_refused(int step, const char *message, struct report *report) {
  return report_failure(NULL, step, EPROTO, message, report);
}

void report_free(struct report *report) {
  pages_unmap(report->bytes, report->mapped);
  report->bytes = NULL;
}
