#include "buffer.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define BUFFER_MIN ((size_t)64 * 1024)

void *pages_map(size_t size) {
  void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return pages == MAP_FAILED ? NULL : pages;
}

void pages_unmap(void *pages, size_t size) {
  if (pages) munmap(pages, size);
}

int buffer_append(struct buffer *buffer, const void *data, size_t size) {
  if (size == 0) return 0;
  size_t used = buffer_used(buffer);
  if (buffer->end + size > buffer->capacity) {
    if (used + size <= buffer->capacity) {
      memmove(buffer->data, buffer->data + buffer->start, used);
    } else {
      size_t capacity = buffer->capacity ? buffer->capacity : BUFFER_MIN;
      while (capacity < used + size) capacity *= 2;
      uint8_t *grown = pages_map(capacity);
      if (!grown) return -ENOMEM;
      if (used) memcpy(grown, buffer->data + buffer->start, used);
      pages_unmap(buffer->data, buffer->capacity);
      buffer->data = grown;
      buffer->capacity = capacity;
    }
    buffer->start = 0;
    buffer->end = used;
  }
  memcpy(buffer->data + buffer->end, data, size);
  buffer->end += size;
  return 0;
}

void buffer_consume(struct buffer *buffer, size_t size) {
  buffer->start += size;
  if (buffer->start == buffer->end) buffer_free(buffer);
}

void buffer_free(struct buffer *buffer) {
  pages_unmap(buffer->data, buffer->capacity);
  *buffer = (struct buffer){0};
}
