/* The plan decoder under mutated plans: the fuzzer's harness with a small mutator of its own, for machines without clang. The
 * sequence is the same in every run. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../fuzz/plan_fuzz.c"

#define ROUNDS 200000
#define PLAN_MAX 4096

static uint64_t state = 0x9e3779b97f4a7c15u;

static uint32_t random_below(uint32_t limit) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)(state >> 32) % limit;
}

struct writer {
  uint8_t bytes[PLAN_MAX];
  size_t size;
};

static void put(struct writer *writer, uint64_t value, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) writer->bytes[writer->size++] = (uint8_t)(value >> (8 * i));
}

static void put_text(struct writer *writer, const char *text) {
  size_t length = strlen(text);
  put(writer, length, 4);
  memcpy(writer->bytes + writer->size, text, length + 1);
  writer->size += length + 1;
}

/* A step with plausible arguments of every kind. */
static void put_step(struct writer *writer, int code, int actor) {
  put(writer, (uint64_t)code, 2);
  put(writer, (uint64_t)actor, 1);
  put(writer, random_below(4), 1);
  size_t length_at = writer->size;
  put(writer, 0, 4);
  for (const char *kind = op_signatures[code].args; *kind; kind++) {
    switch (*kind) {
    case 'i':
      put(writer, random_below(4), 8);
      break;
    case 'r':
    case 'o':
      put(writer, random_below(8), 2);
      break;
    case 'l':
      put(writer, 2, 4);
      put_text(writer, "one");
      put_text(writer, "two=2");
      break;
    default:
      put_text(writer, "some/text");
    }
  }
  size_t length = writer->size - length_at - 4;
  for (size_t i = 0; i < 4; i++) writer->bytes[length_at + i] = (uint8_t)(length >> (8 * i));
}

static void put_plan(struct writer *writer) {
  int codes[16], count = 1 + (int)random_below(16);
  for (int i = 0; i < count; i++) {
    do codes[i] = (int)random_below(OP_MAX + 1);
    while (!op_signatures[codes[i]].name);
  }
  writer->size = 0;
  put(writer, 0x504c444e, 4);
  put(writer, 1, 2);
  put(writer, (uint64_t)count, 2);
  for (int i = 0; i < count; i++) put_step(writer, codes[i], (int)random_below(4));
}

int main(void) {
  static struct writer writer;
  size_t accepted = 0;
  for (int round = 0; round < ROUNDS; round++) {
    put_plan(&writer);
    for (uint32_t edits = random_below(4); edits > 0; edits--) {
      writer.bytes[random_below((uint32_t)writer.size)] = (uint8_t)random_below(256);
    }
    size_t size = random_below(8) ? writer.size : random_below((uint32_t)writer.size + 1);
    /* On the heap in its exact size, so that a read behind it is seen. */
    uint8_t *exact = malloc(size ? size : 1);
    if (!exact) return 1;
    memcpy(exact, writer.bytes, size);
    LLVMFuzzerTestOneInput(exact, size);
    struct plan_size needed;
    struct plan_fault fault;
    accepted += plan_check(exact, size, PLAN_MAIN, &needed, &fault) == 0;
    free(exact);
  }
  printf("%d plans, %zu accepted\n", ROUNDS, accepted);
  return accepted == 0; /* then nothing was tested but refusals */
}
