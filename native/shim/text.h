/* Bounded text without stdio: what does not fit is cut off, a NUL always ends it. */
#ifndef NODELET_TEXT_H
#define NODELET_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
  char *start;
  char *at;
  char *end; /* room for the NUL stays behind `at` */
};

static inline struct text text_in(char *buffer, size_t size) {
  buffer[0] = 0;
  return (struct text){.start = buffer, .at = buffer, .end = buffer + size - 1};
}

static inline void text_bytes(struct text *text, const char *from, size_t count) {
  size_t room = (size_t)(text->end - text->at);
  if (count > room) count = room;
  memcpy(text->at, from, count);
  text->at += count;
  *text->at = 0;
}

static inline void text_add(struct text *text, const char *from) { text_bytes(text, from, strlen(from)); }

static inline void text_number(struct text *text, uint64_t value) {
  char digits[20];
  char *at = digits + sizeof digits;
  do *--at = (char)('0' + value % 10);
  while ((value /= 10));
  text_bytes(text, at, (size_t)(digits + sizeof digits - at));
}

static inline size_t text_length(const struct text *text) { return (size_t)(text->at - text->start); }

/* "before NUMBER after" in a buffer: the paths below /proc. */
static inline void text_join(char *buffer, size_t size, const char *before, uint64_t number, const char *after) {
  struct text text = text_in(buffer, size);
  text_add(&text, before);
  text_number(&text, number);
  text_add(&text, after);
}

#endif
