#include "netlink_messages.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

bool bytes_append(struct bytes *bytes, const void *data, size_t length) {
  size_t padded = NLMSG_ALIGN(length);
  if (bytes->length + padded > bytes->capacity) {
    size_t capacity = bytes->capacity == 0 ? 512 : bytes->capacity;
    while (capacity < bytes->length + padded) capacity *= 2;
    uint8_t *grown = realloc(bytes->data, capacity);
    if (grown == NULL) return false;
    bytes->data = grown;
    bytes->capacity = capacity;
  }
  memcpy(bytes->data + bytes->length, data, length);
  memset(bytes->data + bytes->length + length, 0, padded - length);
  bytes->length += padded;
  return true;
}

bool netlink_expected(const struct bytes *request, uint32_t *expected) {
  *expected = 0;
  for (size_t offset = 0; offset < request->length;) {
    struct nlmsghdr header;
    if (request->length - offset < sizeof header) return false;
    memcpy(&header, request->data + offset, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > request->length - offset) return false;
    bool dump = (header.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
    if ((header.nlmsg_flags & NLM_F_ACK) != 0 || dump) ++*expected;
    offset += NLMSG_ALIGN(header.nlmsg_len);
  }
  return true;
}

// True when the sequence number is one of the request's.
static bool is_of_request(const struct bytes *request, uint32_t sequence) {
  for (size_t offset = 0; offset + sizeof(struct nlmsghdr) <= request->length;) {
    struct nlmsghdr header;
    memcpy(&header, request->data + offset, sizeof header);
    if (header.nlmsg_seq == sequence) return true;
    offset += NLMSG_ALIGN(header.nlmsg_len);
  }
  return false;
}

int netlink_take(const struct bytes *request, struct bytes *answer, const uint8_t *data, size_t length, uint32_t *ended,
                 bool *failed) {
  for (size_t offset = 0; length - offset >= sizeof(struct nlmsghdr);) {
    struct nlmsghdr header;
    memcpy(&header, data + offset, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > length - offset) return -EBADMSG;
    if (is_of_request(request, header.nlmsg_seq)) {
      if (!bytes_append(answer, data + offset, header.nlmsg_len)) return -ENOMEM;
      if (header.nlmsg_type == NLMSG_DONE) ++*ended;
      if (header.nlmsg_type == NLMSG_ERROR) {
        int32_t error = 0;
        if (header.nlmsg_len >= sizeof header + sizeof error) memcpy(&error, data + offset + sizeof header, sizeof error);
        if (error != 0) *failed = true;
        ++*ended;
      }
    }
    size_t step = NLMSG_ALIGN(header.nlmsg_len);
    if (step > length - offset) break;
    offset += step;
  }
  return 0;
}
