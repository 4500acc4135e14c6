/* Frames of the shim's protocol. See docs/shim-protocol.md. */
#ifndef NODELET_PROTOCOL_H
#define NODELET_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PROTOCOL_VERSION 1
#define FRAME_HEADER 8
#define FRAME_PAYLOAD_MAX (4u * 1024 * 1024)

enum frame_type {
  FRAME_HELLO = 1,
  FRAME_PLAN,
  FRAME_READY,
  FRAME_COMMIT,
  FRAME_STARTED,
  FRAME_FAILED,
  FRAME_EXITED,
  FRAME_STDIN,
  FRAME_STDOUT,
  FRAME_STDERR,
  FRAME_RESIZE,
  FRAME_SIGNAL,
  FRAME_REOPEN_LOG,
  FRAME_DONE,
  FRAME_ATTACH,
  FRAME_EXEC,
  FRAME_WATCH,
  FRAME_ERROR,
  FRAME_FINISHED,
};

enum shim_state { STATE_NEW, STATE_SET_UP, STATE_RUNNING, STATE_EXITED };

static inline void put_number(uint8_t **at, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) *(*at)++ = (uint8_t)(value >> (8 * i));
}
static inline uint64_t get_number(const uint8_t *at, size_t bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; i++) value |= (uint64_t)at[i] << (8 * i);
  return value;
}
static inline void frame_header(uint8_t *at, enum frame_type type, size_t length) {
  put_number(&at, length, 4);
  put_number(&at, type, 2);
  put_number(&at, 0, 2);
}

/* Sends a whole frame, waiting as long as it takes. -EPIPE when the peer is gone. */
int frame_send(int fd, enum frame_type type, const void *payload, size_t size);
int frame_error(int fd, const char *message);
#define HELLO_BYTES 16
void hello_encode(uint8_t payload[HELLO_BYTES], enum shim_state state, int init);
/* Reads exactly `size` bytes, waiting. -EPIPE at the end of the stream. */
int receive_all(int fd, void *into, size_t size);

struct run;
/* The payload of a frame that ends with the results of a plan. */
struct report {
  uint8_t *bytes;
  size_t size, mapped;
};
int report_started(const struct run *run, uint32_t pid, uint64_t at, struct report *report);
/* READY and FINISHED */
int report_pid(const struct run *run, uint32_t pid, struct report *report);
int report_failed(const struct run *run, struct report *report);
/* A plan that was refused before any step. */
int report_refused(int step, const char *message, struct report *report);
void report_free(struct report *report);

#endif
