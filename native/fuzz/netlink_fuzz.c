/* libFuzzer harness of the walk over netlink's messages. Input: u16 length of the request, the request, datagrams that answer it, each
 * behind a u16 length. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "netlink_messages.h"

#define DATAGRAMS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next part in memory of its own, so that a read beyond its end is seen. Freed by the caller. */
static uint8_t *part(const uint8_t **data, size_t *size, size_t *length) {
  *length = 0;
  if (*size >= 2) {
    *length = (size_t)(*data)[0] | (size_t)(*data)[1] << 8;
    *data += 2;
    *size -= 2;
  }
  if (*length > *size) *length = *size;
  uint8_t *copy = malloc(*length ? *length : 1);
  if (!copy) abort();
  memcpy(copy, *data, *length);
  *data += *length;
  *size -= *length;
  return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct bytes request = {0};
  struct bytes answer = {0};
  request.data = part(&data, &size, &request.length);
  uint32_t expected = 0;
  if (netlink_expected(&request, &expected)) {
    uint32_t ended = 0;
    bool failed = false;
    for (int count = 0; count < DATAGRAMS && size > 0; count++) {
      size_t length;
      uint8_t *datagram = part(&data, &size, &length);
      size_t before = answer.length;
      int rc = netlink_take(&request, &answer, datagram, length, &ended, &failed);
      free(datagram);
      if (rc > 0 || answer.length % 4 != 0 || answer.length - before > length + 4) abort();
    }
  }
  free(answer.data);
  free(request.data);
  return 0;
}
