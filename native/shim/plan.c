#include "plan.h"

#include <errno.h>
#include <string.h>

#define PLAN_MAGIC 0x504c444eu /* "NDLP" */
#define PLAN_VERSION 1

/* A position in the encoded plan. After an overrun `bad` is set and every further read gives zeros. */
struct reader {
  const uint8_t *at;
  const uint8_t *end;
  bool bad;
};

static const uint8_t *take(struct reader *reader, size_t count) {
  if (reader->bad || (size_t)(reader->end - reader->at) < count) {
    reader->bad = true;
    return NULL;
  }
  const uint8_t *taken = reader->at;
  reader->at += count;
  return taken;
}

static uint64_t take_number(struct reader *reader, size_t bytes) {
  const uint8_t *from = take(reader, bytes);
  uint64_t value = 0;
  for (size_t i = 0; from && i < bytes; i++) value |= (uint64_t)from[i] << (8 * i);
  return value;
}

/* A length, that many bytes and the NUL behind them. */
static const char *take_text(struct reader *reader, uint32_t *length) {
  *length = (uint32_t)take_number(reader, 4);
  const uint8_t *text = take(reader, (size_t)*length + 1);
  if (text && text[*length] != 0) reader->bad = true;
  return (const char *)text;
}

static bool holds_nul(const char *text, uint32_t length) { return memchr(text, 0, length) != NULL; }

/* One argument of a step. `out` and `slots` may be NULL: then it is only checked. The result is the fault or NULL. */
static const char *take_argument(struct reader *reader, char kind, struct argument *out, char ***slots, size_t *slot_count) {
  struct argument ignored;
  if (!out) out = &ignored;
  switch (kind) {
  case 'i':
    out->number = (int64_t)take_number(reader, 8);
    return NULL;
  case 'r':
  case 'o': {
    int16_t index = (int16_t)take_number(reader, 2);
    if (index < -1 || index >= REGISTER_COUNT) return "a register out of range";
    out->number = index;
    return NULL;
  }
  case 's':
    out->text = take_text(reader, &out->length);
    if (!reader->bad && holds_nul(out->text, out->length)) return "a string that holds a NUL";
    return NULL;
  case 'b':
    out->text = take_text(reader, &out->length);
    return NULL;
  default: { /* 'l' */
    uint32_t count = (uint32_t)take_number(reader, 4);
    out->length = count;
    *slot_count += (size_t)count + 1;
    char **slot = slots ? *slots : NULL;
    if (slots) {
      out->list = slot;
      *slots += (size_t)count + 1;
    }
    for (uint32_t i = 0; i < count; i++) {
      uint32_t length;
      const char *text = take_text(reader, &length);
      if (reader->bad) return NULL;
      if (holds_nul(text, length)) return "a string that holds a NUL";
      if (slot) slot[i] = (char *)(uintptr_t)text; /* execve wants char *const[]; nobody writes through it */
    }
    return NULL;
  }
  }
}

/* Which actors may execute an operation. */
static bool only_host(int code) {
  switch (code) {
  case OP_MAP_IDS:
  case OP_PIN:
  case OP_ANNOUNCE:
  case OP_COMMIT:
  case OP_STARTED:
  case OP_LISTEN:
  case OP_IO:
  case OP_IO_OWNER:
  case OP_EXIT_RECORD:
    return true;
  default:
    return false;
  }
}

static bool only_child(int code) {
  return code == OP_PAUSE || code == OP_CONSOLE || code == OP_STDIO || code == OP_EXEC;
}

static bool only_main(int code) {
  return code == OP_ANNOUNCE || code == OP_COMMIT || code == OP_LISTEN || code == OP_EXIT_RECORD || code == OP_PAUSE || code == OP_PIN;
}

/* What the steps seen so far have set up. */
struct order {
  bool alive[WHO_COUNT];
  bool ended[WHO_COUNT];
  bool io, announced, committed;
};

static const char *check_order(struct order *order, enum plan_use use, int code, int actor, const struct argument *args) {
  enum who me = who_of_actor(actor);
  if (!order->alive[me]) return "a step of an actor that was not started before";
  if (order->ended[me]) return "a step behind the end of its actor";
  if (only_host(code) && me != WHO_HOST) return "an operation that is for the host alone";
  if (only_child(code) && me != WHO_CHILD) return "an operation that is for the child alone";
  if (use == PLAN_EXEC && only_main(code)) return "an operation that an exec may not use";

  switch (code) {
  case OP_FORK: {
    int64_t who = args[FORK_WHO].number;
    if (who != WHO_JOINED && who != WHO_CHILD) return "an actor that cannot be started";
    if (order->alive[who]) return "an actor that is started twice";
    if (me == WHO_CHILD || (me == WHO_JOINED && who != WHO_CHILD)) return "an actor started by the wrong one";
    if (me == WHO_JOINED && args[FORK_OUT].number >= 0) return "a pidfd of the host asked for by another actor";
    order->alive[who] = true;
    return NULL;
  }
  case OP_SIGNAL:
  case OP_WAIT:
  case OP_GIVE:
  case OP_TAKE: {
    int64_t who = args[code == OP_TAKE ? TAKE_WHO : 0].number;
    if (who < 0 || who > ACTOR_INSIDE || who_of_actor((int)who) == me) return "an actor that cannot be waited for";
    return NULL;
  }
  case OP_MAP_IDS:
  case OP_PIN:
  case OP_STARTED: {
    int64_t who = args[0].number;
    if (who < 1 || who > ACTOR_INSIDE || !order->alive[who_of_actor((int)who)]) return "an actor that was not started before";
    return NULL;
  }
  case OP_IO:
    if (order->io) return "a second io";
    if (order->alive[WHO_JOINED] || order->alive[WHO_CHILD]) return "an io behind the start of an actor";
    order->io = true;
    return NULL;
  case OP_ANNOUNCE:
    if (order->announced || order->committed) return "an announcement that comes late";
    if (!order->alive[WHO_JOINED] && !order->alive[WHO_CHILD]) return "an announcement before the start of an actor";
    order->announced = true;
    return NULL;
  case OP_COMMIT:
    if (order->committed) return "a second commit";
    order->committed = true;
    return NULL;
  case OP_EXEC:
    if (args[EXEC_ARGV].length == 0) return "a program without argv[0]";
    order->ended[me] = true;
    return NULL;
  case OP_PAUSE:
    order->ended[me] = true;
    return NULL;
  case OP_HOOK:
    return args[HOOK_ARGV].length == 0 ? "a hook without argv[0]" : NULL;
  default:
    return NULL;
  }
}

struct step_head {
  uint16_t code;
  uint8_t actor, tolerance;
  uint32_t length;
};

static struct step_head take_head(struct reader *reader) {
  struct step_head head;
  head.code = (uint16_t)take_number(reader, 2);
  head.actor = (uint8_t)take_number(reader, 1);
  head.tolerance = (uint8_t)take_number(reader, 1);
  head.length = (uint32_t)take_number(reader, 4);
  return head;
}

static const char *check_step(struct reader *reader, struct order *order, enum plan_use use, size_t *slots) {
  struct step_head head = take_head(reader);
  const uint8_t *body = take(reader, head.length);
  if (reader->bad) return "a step that is cut off";
  if (head.code > OP_MAX || !op_signatures[head.code].name) return "an operation that this shim does not know";
  if (head.actor > ACTOR_INSIDE) return "an unknown actor";
  if (head.tolerance > TOLERATE_ANY) return "an unknown tolerance";

  struct reader args = {.at = body, .end = body + head.length};
  struct argument values[OP_ARGUMENTS_MAX] = {0};
  const char *kinds = op_signatures[head.code].args;
  for (int i = 0; kinds[i]; i++) {
    const char *fault = take_argument(&args, kinds[i], &values[i], NULL, slots);
    if (args.bad) return "an argument that is cut off";
    if (fault) return fault;
    if (kinds[i] == 'o' && values[i].number < 0 && head.code != OP_FORK) return "a descriptor without a register to go to";
  }
  if (args.at != args.end) return "bytes behind the last argument";
  return check_order(order, use, head.code, head.actor, values);
}

static int reject(struct plan_fault *fault, int step, const char *message) {
  fault->step = step;
  fault->message = message;
  return -EPROTO;
}

int plan_check(const uint8_t *data, size_t size, enum plan_use use, struct plan_size *needed, struct plan_fault *fault) {
  struct reader reader = {.at = data, .end = data + size};
  uint32_t magic = (uint32_t)take_number(&reader, 4);
  uint16_t version = (uint16_t)take_number(&reader, 2);
  uint16_t count = (uint16_t)take_number(&reader, 2);
  if (reader.bad || magic != PLAN_MAGIC) return reject(fault, -1, "not a plan");
  if (version != PLAN_VERSION) return reject(fault, -1, "a plan of another version");

  struct order order = {.alive = {[WHO_HOST] = true}};
  size_t slots = 0;
  for (int i = 0; i < count; i++) {
    const char *message = check_step(&reader, &order, use, &slots);
    if (message) return reject(fault, i, message);
  }
  if (reader.at != reader.end) return reject(fault, -1, "bytes behind the last step");
  if (use == PLAN_EXEC && !order.ended[WHO_CHILD]) return reject(fault, -1, "an exec without a program");
  needed->arena = count * sizeof(struct step) + slots * sizeof(char *);
  return 0;
}

void plan_decode(const uint8_t *data, size_t size, void *arena, struct plan *plan) {
  struct reader reader = {.at = data + 6, .end = data + size}; /* behind magic and version */
  size_t count = (size_t)take_number(&reader, 2);
  struct step *steps = arena;
  char **slots = (char **)(void *)(steps + count);
  size_t used = 0;
  *plan = (struct plan){.steps = steps, .count = count, .forked_at = {-1, -1, -1}, .exec_at = -1};
  for (size_t i = 0; i < count; i++) {
    struct step_head head = take_head(&reader);
    struct step *step = &steps[i];
    step->code = head.code;
    step->actor = head.actor;
    step->tolerance = head.tolerance;
    const char *kinds = op_signatures[head.code].args;
    for (int k = 0; kinds[k]; k++) take_argument(&reader, kinds[k], &step->arguments[k], &slots, &used);
    if (head.code == OP_FORK) {
      int64_t who = step->arguments[FORK_WHO].number;
      plan->forked_at[who] = (int)i;
      plan->forked_by[who] = (int)who_of_actor(head.actor);
    }
    if (head.code == OP_EXEC) plan->exec_at = (int)i;
  }
}
