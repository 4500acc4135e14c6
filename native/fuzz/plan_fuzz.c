/* libFuzzer harness of the plan decoder: whatever plan_check accepts can be decoded and walked within its memory. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Touches everything a step refers to. */
static size_t walk(const struct step *step) {
  const char *kinds = op_signatures[step->code].args;
  size_t seen = 0;
  for (int i = 0; kinds[i]; i++) {
    const struct argument *argument = &step->arguments[i];
    switch (kinds[i]) {
    case 's':
      if (strlen(argument->text) != argument->length) abort();
      seen += argument->length;
      break;
    case 'b':
      for (uint32_t at = 0; at <= argument->length; at++) seen += (unsigned char)argument->text[at];
      break;
    case 'l':
      for (uint32_t item = 0; item < argument->length; item++) seen += strlen(argument->list[item]);
      if (argument->list[argument->length]) abort();
      break;
    case 'r':
    case 'o':
      if (argument->number < -1 || argument->number >= REGISTER_COUNT) abort();
      break;
    }
  }
  return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  for (int use = PLAN_MAIN; use <= PLAN_EXEC; use++) {
    struct plan_size needed;
    struct plan_fault fault = {0};
    if (plan_check(data, size, (enum plan_use)use, &needed, &fault) < 0) {
      if (!fault.message || fault.step < -1) abort();
      continue;
    }
    void *arena = calloc(1, needed.arena ? needed.arena : 1);
    if (!arena) return 0;
    struct plan plan;
    plan_decode(data, size, arena, &plan);
    for (size_t i = 0; i < plan.count; i++) walk(&plan.steps[i]);
    free(arena);
  }
  return 0;
}
