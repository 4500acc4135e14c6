// Messages of netlink in requests and answers. Pure.
#ifndef NODELET_ADDON_NETLINK_MESSAGES_H
#define NODELET_ADDON_NETLINK_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
  uint8_t *data;
  size_t length;
  size_t capacity;
};

// Adds a copy, padded to 4 bytes. False when there is no memory.
bool bytes_append(struct bytes *bytes, const void *data, size_t length);

// Counts the messages of a request that will be answered. False when the lengths in it do not add up.
bool netlink_expected(const struct bytes *request, uint32_t *expected);

// Takes in one datagram: appends the messages that answer the request, each padded to 4 bytes. `ended` counts the messages that end an
// answer, `failed` tells of an error among them. -EBADMSG when the lengths do not add up, -ENOMEM.
int netlink_take(const struct bytes *request, struct bytes *answer, const uint8_t *data, size_t length, uint32_t *ended,
                 bool *failed);

#endif
