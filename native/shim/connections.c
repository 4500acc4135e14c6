#include "connections.h"

#include <poll.h>
#include <sys/socket.h>

#include "container.h"
#include "log.h"
#include "sessions.h"
#include "syscalls.h"

/* Above this a connection counts as slow; together with one batch of each stream it bounds what is kept for it. */
#define OUT_BLOCKED (128u * 1024)
#define SLOW_LIMIT_MS 1000
#define CLOSING_LIMIT_MS 5000
/* Input that a process has not taken yet. */
#define INPUT_MAX (256u * 1024)
/* Frames handled of one connection before the others get their turn. */
#define FRAMES_AT_ONCE 16

struct connection connections[CONNECTIONS_MAX];

void connections_init(void) {
  for (int i = 0; i < CONNECTIONS_MAX; i++) connections[i].fd = -1;
}

void connection_add(int fd, bool hello) {
  for (int i = 0; i < CONNECTIONS_MAX; i++) {
    struct connection *connection = &connections[i];
    if (connection->fd >= 0) continue;
    *connection = (struct connection){.fd = fd};
    if (!hello) return;
    uint8_t payload[HELLO_BYTES];
    hello_encode(payload, container.state, container.process.pid);
    connection_send(connection, FRAME_HELLO, payload, sizeof payload);
    return;
  }
  sys_close(fd);
}

void connections_accept(int listener) {
  int cleanup_close fd = (int)checked(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
  if (fd < 0) return;
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (checked(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size)) < 0 || peer.uid != geteuid()) return;
  connection_add(keep_descriptor(&fd), true);
}

/* Nobody answers to the connection any more: what it was for ends as far as it depended on it. */
static void connection_close(struct connection *connection) {
  if (connection->session) {
    connection->session->connection = NULL;
    process_end_input(&connection->session->process);
  }
  if ((connection->attached & ATTACHED_STDIN) && container.process.stdin_mode == STDIN_ONCE) {
    process_end_input(&container.process);
  }
  if (connection->plan) pages_unmap(connection->plan, (size_t)get_number(connection->header, 4));
  buffer_free(&connection->out);
  close_descriptor(&connection->fd);
}

static void connection_break(struct connection *connection) {
  connection->broken = true;
  buffer_free(&connection->out);
}

bool connection_blocked(const struct connection *connection) { return buffer_used(&connection->out) >= OUT_BLOCKED; }

void connection_flush(struct connection *connection) {
  while (!connection->broken && buffer_used(&connection->out) > 0) {
    ssize_t sent = checked(send(connection->fd, connection->out.data + connection->out.start, buffer_used(&connection->out),
                                MSG_NOSIGNAL | MSG_DONTWAIT));
    if (sent == -EAGAIN || sent == -EINTR) return;
    if (sent < 0) {
      connection_break(connection);
      return;
    }
    buffer_consume(&connection->out, (size_t)sent);
  }
  if (connection->closing) connection->broken = true;
}

void connection_send(struct connection *connection, enum frame_type type, const void *payload, size_t size) {
  if (connection->fd < 0 || connection->broken || connection->closing) return;
  uint8_t header[FRAME_HEADER];
  frame_header(header, type, size);
  size_t sent = 0;
  if (buffer_used(&connection->out) == 0) {
    struct iovec parts[2] = {{header, sizeof header}, {(void *)(uintptr_t)payload, size}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = size ? 2 : 1};
    ssize_t rc = checked(sendmsg(connection->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT));
    if (rc < 0 && rc != -EAGAIN && rc != -EINTR) {
      connection_break(connection);
      return;
    }
    sent = rc > 0 ? (size_t)rc : 0;
  }
  int rc = 0;
  if (sent < sizeof header) {
    rc = buffer_append(&connection->out, header + sent, sizeof header - sent);
    sent = sizeof header;
  }
  size_t body = sent - sizeof header;
  if (rc == 0 && body < size) rc = buffer_append(&connection->out, (const uint8_t *)payload + body, size - body);
  if (rc < 0) connection_break(connection);
}

static void send_error(struct connection *connection, const char *message) {
  connection_send(connection, FRAME_ERROR, message, strlen(message));
}

/* The last word to a connection: it is sent if the peer takes it in time. */
static void connection_refuse(struct connection *connection, const char *message) {
  send_error(connection, message);
  if (connection->broken) return;
  connection->closing = true;
  connection->attached &= ATTACHED_STDIN; /* whose end is seen when it is closed */
  connection->closing_until = monotonic_ms() + CLOSING_LIMIT_MS;
  connection_flush(connection);
}

static void send_done(struct connection *connection, int rc) {
  uint8_t payload[4], *at = payload;
  put_number(&at, (uint32_t)-rc, 4);
  connection_send(connection, FRAME_DONE, payload, sizeof payload);
}

void connection_send_exited(struct connection *connection, int code, int signal, uint64_t when) {
  uint8_t payload[16], *at = payload;
  put_number(&at, (uint32_t)code, 4);
  put_number(&at, (uint32_t)signal, 4);
  put_number(&at, when, 8);
  connection_send(connection, FRAME_EXITED, payload, sizeof payload);
}

/* Where STDIN of this connection goes. */
static struct process *input_of(const struct connection *connection) {
  if (connection->session) return &connection->session->process;
  return connection->attached & ATTACHED_STDIN ? &container.process : NULL;
}

bool connection_stalled(const struct connection *connection) {
  if (connection->closing || connection->broken) return true;
  const struct process *process = input_of(connection);
  return process && buffer_used(&process->pending) >= INPUT_MAX;
}

static void attach(struct connection *connection) {
  if (connection->session) { /* it has streams of its own */
    send_done(connection, -EBUSY);
    return;
  }
  connection->attached = (uint32_t)get_number(connection->small, 4);
  send_done(connection, 0);
  for (int stream = 0; stream < STREAM_COUNT; stream++) {
    if (!container.process.piped[stream] || container.process.output[stream] >= 0) continue;
    if (connection->attached & (stream == STREAM_OUT ? ATTACHED_STDOUT : ATTACHED_STDERR)) {
      connection_send(connection, stream == STREAM_OUT ? FRAME_STDOUT : FRAME_STDERR, NULL, 0);
    }
  }
}

static int deliver_signal(uint32_t pid, int signal, bool group) {
  pid_t target = container.state == STATE_RUNNING ? container.process.pid : 0;
  if (pid != 0) {
    const struct session *session = session_of_pid((pid_t)pid);
    target = session && !session->ended ? session->process.pid : 0;
  }
  if (target <= 0) return -ESRCH;
  int rc = group ? sys_kill(-target, signal) : sys_kill(target, signal); /* not reaped: the number is still its own */
  return rc == -ESRCH && group ? sys_kill(target, signal) : rc;
}

static void resize(struct connection *connection) {
  const struct process *process = connection->session ? &connection->session->process : &container.process;
  process_resize(process, (unsigned)get_number(connection->small, 2), (unsigned)get_number(connection->small + 2, 2));
}

static void end_input(struct connection *connection) {
  struct process *process = input_of(connection);
  if (!process) return;
  /* A container's input that is kept open outlives those who write to it. */
  if (process == &container.process && process->stdin_mode != STDIN_ONCE) return;
  process_end_input(process);
}

/* The exact size of the payload of a frame that has one, or -1 for a type that is not for the shim. */
static int payload_size(enum frame_type type) {
  switch (type) {
  case FRAME_RESIZE:
  case FRAME_ATTACH:
    return 4;
  case FRAME_SIGNAL:
    return 12;
  case FRAME_REOPEN_LOG:
  case FRAME_WATCH:
    return 0;
  default:
    return -1;
  }
}

/* A whole frame has come. Its payload is in `small` or `plan`, if it is one that the shim knows. */
static void handle_frame(struct connection *connection, enum frame_type type, size_t length) {
  if (type == FRAME_STDIN) {
    if (length == 0) end_input(connection);
    return;
  }
  if (type == FRAME_EXEC) {
    uint8_t *plan = connection->plan;
    connection->plan = NULL;
    session_start(connection, plan, length);
    return;
  }
  int expected = payload_size(type);
  if (expected < 0 || (size_t)expected != length) {
    send_error(connection, expected < 0 ? "a frame of a type that is not expected here" : "a frame of the wrong size");
    return;
  }
  switch (type) {
  case FRAME_RESIZE:
    resize(connection);
    return;
  case FRAME_SIGNAL:
    send_done(connection, deliver_signal((uint32_t)get_number(connection->small, 4),
                                         (int)get_number(connection->small + 4, 4), get_number(connection->small + 8, 4) == 1));
    return;
  case FRAME_REOPEN_LOG:
    send_done(connection, log_reopen());
    return;
  case FRAME_ATTACH:
    attach(connection);
    return;
  default: /* WATCH: everybody is told the end */
    send_done(connection, 0);
  }
}

/* One read of at most `size` bytes. 0: nothing there now, or the connection has ended and is marked so. */
static size_t receive_some(struct connection *connection, void *into, size_t size) {
  ssize_t got = checked(recv(connection->fd, into, size, MSG_DONTWAIT));
  if (got > 0) return (size_t)got;
  if (got != -EAGAIN && got != -EINTR) connection_break(connection);
  return 0;
}

/* Goes on with the payload. False when it has to wait for more. */
static bool read_payload(struct connection *connection, enum frame_type type, size_t length) {
  while (connection->have < length) {
    size_t left = length - connection->have, got;
    if (type == FRAME_STDIN) {
      if (connection_stalled(connection)) return false;
      got = receive_some(connection, scratch(), left < SCRATCH_SIZE ? left : SCRATCH_SIZE);
      struct process *process = input_of(connection);
      scratch_used(got);
      if (process && got) process_write(process, scratch(), got);
    } else if (type == FRAME_EXEC && connection->plan) {
      got = receive_some(connection, connection->plan + connection->have, left);
    } else if (length <= SMALL_PAYLOAD) {
      got = receive_some(connection, connection->small + connection->have, left);
    } else { /* of no use; handle_frame says so */
      got = receive_some(connection, scratch(), left < SCRATCH_SIZE ? left : SCRATCH_SIZE);
      scratch_used(got);
    }
    if (got == 0) return false;
    connection->have += got;
  }
  return true;
}

/* Reads up to one whole frame. False when there is no more to read now. */
static bool read_frame(struct connection *connection) {
  if (!connection->in_payload) {
    size_t got = receive_some(connection, connection->header + connection->have, FRAME_HEADER - connection->have);
    connection->have += got;
    if (connection->have < FRAME_HEADER) return false;
    connection->have = 0;
    connection->in_payload = true;
    if (get_number(connection->header, 4) > FRAME_PAYLOAD_MAX) {
      connection_refuse(connection, "a frame that is too long");
      return false;
    }
  }
  size_t length = (size_t)get_number(connection->header, 4);
  enum frame_type type = (enum frame_type)get_number(connection->header + 4, 2);
  if (type == FRAME_EXEC && !connection->plan && length > 0 && connection->have == 0) connection->plan = pages_map(length);
  if (!read_payload(connection, type, length)) return false;
  connection->have = 0;
  connection->in_payload = false;
  handle_frame(connection, type, length);
  return true;
}

void connection_read(struct connection *connection) {
  for (int i = 0; i < FRAMES_AT_ONCE && !connection_stalled(connection); i++) {
    if (!read_frame(connection)) return;
  }
}

static bool takes(const struct connection *connection, int stream) {
  return connection->fd >= 0 && (connection->attached & (stream == STREAM_OUT ? ATTACHED_STDOUT : ATTACHED_STDERR));
}

void connections_output(int stream, const uint8_t *data, size_t size) {
  for (int i = 0; i < CONNECTIONS_MAX; i++) {
    if (takes(&connections[i], stream)) {
      connection_send(&connections[i], stream == STREAM_OUT ? FRAME_STDOUT : FRAME_STDERR, data, size);
    }
  }
}

bool connections_hold_output(void) {
  for (int i = 0; i < CONNECTIONS_MAX; i++) {
    const struct connection *connection = &connections[i];
    if ((takes(connection, STREAM_OUT) || takes(connection, STREAM_ERR)) && connection_blocked(connection)) return true;
  }
  return false;
}

void connections_sweep(uint64_t now) {
  for (int i = 0; i < CONNECTIONS_MAX; i++) {
    struct connection *connection = &connections[i];
    if (connection->fd < 0) continue;
    /* A session that is slow holds up its own process only. */
    bool slow = connection->attached && !connection->closing && !connection->session && connection_blocked(connection);
    if (!slow) connection->blocked_since = 0;
    else if (!connection->blocked_since) connection->blocked_since = now;
    else if (now - connection->blocked_since >= SLOW_LIMIT_MS) connection_refuse(connection, "the output is not read");
    if (connection->broken || (connection->closing && now >= connection->closing_until)) connection_close(connection);
  }
}

uint64_t connections_deadline(void) {
  uint64_t earliest = UINT64_MAX;
  for (int i = 0; i < CONNECTIONS_MAX; i++) {
    const struct connection *connection = &connections[i];
    if (connection->fd < 0) continue;
    if (connection->broken) return 0;
    uint64_t due = UINT64_MAX;
    if (connection->closing) due = connection->closing_until;
    else if (connection->blocked_since) due = connection->blocked_since + SLOW_LIMIT_MS;
    if (due < earliest) earliest = due;
  }
  return earliest;
}

void connections_finish(int code, int signal, uint64_t at, uint64_t limit) {
  for (int i = 0; i < CONNECTIONS_MAX; i++) {
    if (connections[i].fd >= 0 && !connections[i].session) connection_send_exited(&connections[i], code, signal, at);
  }
  uint64_t until = monotonic_ms() + limit;
  for (;;) {
    struct pollfd set[CONNECTIONS_MAX];
    nfds_t count = 0;
    for (int i = 0; i < CONNECTIONS_MAX; i++) {
      if (connections[i].fd < 0 || connections[i].broken) continue;
      connection_flush(&connections[i]);
      if (buffer_used(&connections[i].out)) set[count++] = (struct pollfd){.fd = connections[i].fd, .events = POLLOUT};
    }
    uint64_t now = monotonic_ms();
    if (count == 0 || now >= until) return;
    struct timespec left = {.tv_sec = (time_t)((until - now) / 1000), .tv_nsec = (long)((until - now) % 1000) * 1000000};
    if (checked(ppoll(set, count, &left, NULL)) < 0) return;
  }
}
