/* Connections to the shim: the control connection and those of its socket. */
#ifndef NODELET_CONNECTIONS_H
#define NODELET_CONNECTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "protocol.h"

#define CONNECTIONS_MAX 64
#define SMALL_PAYLOAD 16

enum { ATTACHED_STDIN = 1, ATTACHED_STDOUT = 2, ATTACHED_STDERR = 4 };

struct session;
struct connection {
  int fd; /* -1: free */
  /* The frame that is being read. */
  uint8_t header[FRAME_HEADER];
  uint8_t small[SMALL_PAYLOAD];
  size_t have; /* of the header, then of the payload */
  bool in_payload;
  uint8_t *plan; /* payload of EXEC; mapped */
  struct buffer out;
  uint32_t attached;
  struct session *session;
  bool broken;            /* to be closed by connections_sweep */
  bool closing;           /* only what is in `out` is still sent */
  uint64_t closing_until; /* monotonic ms */
  uint64_t blocked_since; /* monotonic ms; 0: it keeps up */
};

extern struct connection connections[CONNECTIONS_MAX];

void connections_init(void);
/* Takes over the descriptor. */
void connection_add(int fd, bool hello);
void connections_accept(int listener);
/* Reads what has come and acts on it. */
void connection_read(struct connection *connection);
void connection_flush(struct connection *connection);
/* Nothing is read from it: what it sends has nowhere to go yet, or it is being closed. */
bool connection_stalled(const struct connection *connection);
/* It has so much to read that its sources should wait. */
bool connection_blocked(const struct connection *connection);
void connection_send(struct connection *connection, enum frame_type type, const void *payload, size_t size);
void connection_send_exited(struct connection *connection, int code, int signal, uint64_t at);
/* Output of the container, to all that are attached. An empty one: the stream has ended. */
void connections_output(int stream, const uint8_t *data, size_t size);
/* True while an attached connection holds up the container's output. */
bool connections_hold_output(void);
/* Drops what is broken, too slow, or was closed long enough ago. */
void connections_sweep(uint64_t now);
/* The monotonic ms at which connections_sweep has something to do; UINT64_MAX: never. */
uint64_t connections_deadline(void);
/* The end of the container: everybody but the exec sessions is told, and what is left is sent within `limit` ms. */
void connections_finish(int code, int signal, uint64_t at, uint64_t limit);

#endif
