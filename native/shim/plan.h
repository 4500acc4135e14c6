/* The encoded launch plan: validation and decoding, without side effects. See docs/shim-protocol.md. */
#ifndef NODELET_PLAN_H
#define NODELET_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "operations.gen.h"

/* The processes that execute a plan; the actors `child` and `inside` are one. */
enum who { WHO_HOST, WHO_JOINED, WHO_CHILD, WHO_COUNT };

struct argument {
  union {
    int64_t number;
    const char *text; /* str, bytes: NUL-terminated, inside the encoded plan */
    char **list;      /* NULL-terminated */
  };
  uint32_t length; /* bytes of the text, items of the list */
};

struct step {
  uint16_t code;
  uint8_t actor;
  uint8_t tolerance;
  struct argument arguments[OP_ARGUMENTS_MAX];
};

enum plan_use { PLAN_MAIN, PLAN_EXEC };

struct plan {
  const struct step *steps;
  size_t count;
  int forked_at[WHO_COUNT]; /* step that starts the actor, or -1 */
  int forked_by[WHO_COUNT]; /* actor that executes it */
  int exec_at;              /* the step of the workload, or -1 */
};

/* What a valid plan needs for plan_decode. */
struct plan_size {
  size_t arena;
};

struct plan_fault {
  int step; /* -1: the plan as a whole */
  const char *message;
};

/* Checks everything about an encoded plan. 0, or -EPROTO with `fault` filled in. */
int plan_check(const uint8_t *data, size_t size, enum plan_use use, struct plan_size *needed, struct plan_fault *fault);

/* Decodes a plan that plan_check accepted. `arena` has at least `needed.arena` zero bytes, aligned for pointers; data and arena
 * stay in use as long as the plan. */
void plan_decode(const uint8_t *data, size_t size, void *arena, struct plan *plan);

static inline enum who who_of_actor(int actor) { return actor == ACTOR_INSIDE ? WHO_CHILD : (enum who)actor; }

#endif
