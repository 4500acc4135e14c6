// Unix sockets: who is at the other end, and descriptors sent through them; memory files.
#include "addon.h"

#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

// The kernel's SCM_MAX_FD.
#define DESCRIPTORS_MAX 253

#define RECEIVE_MAX (1024 * 1024)

// How long a peer may leave its socket full.
#define SEND_TIMEOUT_MS 1000

union control {
  struct cmsghdr header; // for its alignment
  char space[CMSG_SPACE(sizeof(int) * DESCRIPTORS_MAX)];
};

// peerCredentials(socket, [pid, uid, gid])
napi_value call_peerCredentials(napi_env env, napi_callback_info info) {
  struct args args;
  int fd = -1;
  int64_t *results = NULL;
  if (!args_read(env, info, &args, 2) || !args_int(&args, 0, &fd) || !args_results(&args, 1, 3, &results)) return NULL;
  struct ucred peer;
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return throw_errno(env, errno, "getsockopt", NULL);
  results[0] = peer.pid;
  results[1] = peer.uid;
  results[2] = peer.gid;
  return make_undefined(env);
}

napi_value call_socketPair(napi_env env, napi_callback_info info) {
  (void)info;
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return throw_errno(env, errno, "socketpair", NULL);
  napi_value result = NULL;
  napi_create_array_with_length(env, 2, &result);
  napi_set_element(env, result, 0, make_int(env, pair[0]));
  napi_set_element(env, result, 1, make_int(env, pair[1]));
  return result;
}

static bool read_descriptors(napi_env env, napi_value array, int fds[DESCRIPTORS_MAX], uint32_t *count) {
  if (napi_get_array_length(env, array, count) != napi_ok) {
    throw_type(env, "nodelet.node: argument 3 must be an array of descriptors");
    return false;
  }
  if (*count > DESCRIPTORS_MAX) {
    throw_errno(env, EINVAL, "sendmsg", NULL);
    return false;
  }
  for (uint32_t index = 0; index < *count; index++) {
    struct args element = {.env = env, .count = 1};
    if (napi_get_element(env, array, index, &element.values[0]) != napi_ok || !args_int(&element, 0, &fds[index])) return false;
  }
  return true;
}

// sendFds(socket, data, descriptors): the descriptors go with the first byte.
napi_value call_sendFds(napi_env env, napi_callback_info info) {
  struct args args;
  int fd = -1;
  uint8_t *data = NULL;
  size_t length = 0;
  int fds[DESCRIPTORS_MAX];
  uint32_t count = 0;
  if (!args_read(env, info, &args, 3) || !args_int(&args, 0, &fd) || !args_bytes(&args, 1, &data, &length) ||
      !read_descriptors(env, args.values[2], fds, &count)) {
    return NULL;
  }
  if (length == 0) return throw_errno(env, EINVAL, "sendmsg", NULL); // a stream carries descriptors only with data

  union control control;
  memset(&control, 0, sizeof control);
  struct iovec vector = {.iov_base = data, .iov_len = length};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  if (count > 0) {
    message.msg_control = control.space;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
  }
  while (vector.iov_len > 0) {
    ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) {
      struct pollfd wanted = {.fd = fd, .events = POLLOUT};
      if (poll(&wanted, 1, SEND_TIMEOUT_MS) > 0) continue;
      errno = EAGAIN;
    }
    if (sent < 0) return throw_errno(env, errno, "sendmsg", NULL);
    vector.iov_base = (char *)vector.iov_base + sent;
    vector.iov_len -= (size_t)sent;
    message.msg_control = NULL;
    message.msg_controllen = 0;
  }
  return make_undefined(env);
}

// receiveFds(socket, bytes at most): [data, descriptors]
napi_value call_receiveFds(napi_env env, napi_callback_info info) {
  struct args args;
  int fd = -1;
  uint32_t size = 0;
  if (!args_read(env, info, &args, 2) || !args_int(&args, 0, &fd) || !args_u32(&args, 1, &size)) return NULL;
  if (size == 0 || size > RECEIVE_MAX) return throw_errno(env, EINVAL, "recvmsg", NULL);
  AUTO_FREE uint8_t *data = malloc(size);
  if (data == NULL) return throw_errno(env, ENOMEM, "malloc", NULL);

  union control control;
  struct iovec vector = {.iov_base = data, .iov_len = size};
  struct msghdr message = {
      .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
  ssize_t length;
  do length = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  while (length < 0 && errno == EINTR);
  if (length < 0) return throw_errno(env, errno, "recvmsg", NULL);

  napi_value descriptors = NULL;
  napi_create_array(env, &descriptors);
  uint32_t count = 0;
  bool cut = (message.msg_flags & MSG_CTRUNC) != 0;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    size_t held = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t index = 0; index < held; index++) {
      int received;
      memcpy(&received, CMSG_DATA(header) + index * sizeof(int), sizeof received);
      if (cut) close(received);
      else napi_set_element(env, descriptors, count++, make_int(env, received));
    }
  }
  // Part of a set of descriptors is of no use to anybody.
  if (cut) return throw_errno(env, EMFILE, "recvmsg", NULL);
  napi_value result = NULL;
  napi_create_array_with_length(env, 2, &result);
  napi_set_element(env, result, 0, make_bytes(env, data, (size_t)length));
  napi_set_element(env, result, 1, descriptors);
  return result;
}

// sendDatagram(path, data): one message to the socket; a name that begins with @ is abstract. Never waits.
napi_value call_sendDatagram(napi_env env, napi_callback_info info) {
  struct args args;
  char path[PATH_SIZE];
  uint8_t *data = NULL;
  size_t length = 0;
  if (!args_read(env, info, &args, 2) || !args_path(&args, 0, path) || !args_bytes(&args, 1, &data, &length)) return NULL;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t size = strlen(path);
  if (size == 0 || size >= sizeof address.sun_path) return throw_errno(env, ENAMETOOLONG, "sendto", path);
  memcpy(address.sun_path, path, size);
  socklen_t address_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + 1);
  if (path[0] == '@') {
    address.sun_path[0] = '\0';
    address_length--; // an abstract name has no end but its length
  }
  AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return throw_errno(env, errno, "socket", NULL);
  if (sendto(fd, data, length, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address, address_length) < 0) {
    return throw_errno(env, errno, "sendto", path);
  }
  return make_undefined(env);
}

// memfd(name, data): a sealed file in memory, its position at the start.
napi_value call_memfd(napi_env env, napi_callback_info info) {
  struct args args;
  char name[PATH_SIZE];
  uint8_t *data = NULL;
  size_t length = 0;
  if (!args_read(env, info, &args, 2) || !args_path(&args, 0, name) || !args_bytes(&args, 1, &data, &length)) return NULL;
  AUTO_CLOSE int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return throw_errno(env, errno, "memfd_create", name);
  for (size_t done = 0; done < length;) {
    ssize_t written = pwrite(fd, data + done, length - done, (off_t)done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return throw_errno(env, errno, "write", name);
    done += (size_t)written;
  }
  if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
    return throw_errno(env, errno, "fcntl", name);
  }
  int result = fd;
  fd = -1;
  return make_int(env, result);
}
