/* Bytes on their way; memory only while there are any. */
#ifndef NODELET_BUFFER_H
#define NODELET_BUFFER_H

#include <stddef.h>
#include <stdint.h>

struct buffer {
  uint8_t *data;
  size_t capacity, start, end;
};

static inline size_t buffer_used(const struct buffer *buffer) { return buffer->end - buffer->start; }
/* -ENOMEM when the kernel has no memory; nothing is appended then. */
int buffer_append(struct buffer *buffer, const void *data, size_t size);
void buffer_consume(struct buffer *buffer, size_t size);
void buffer_free(struct buffer *buffer);

/* Zeroed pages, or NULL. */
void *pages_map(size_t size);
void pages_unmap(void *pages, size_t size);

#endif
