// The addon's export table and the state of each environment that loads it.
#include "addon.h"

static void free_state(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  free(data);
}

// Runs before the environment's threadsafe functions go, so the thread that calls them can still be ended in order.
static void stop_state(void *data) {
  struct state *state = data;
  events_free(state->events);
  state->events = NULL;
}

struct state *state_of(napi_env env) {
  void *data = NULL;
  napi_get_instance_data(env, &data);
  return data;
}

#define DESCRIBE_ENTRY_POINT(entry) \
  {.utf8name = #entry, .method = call_##entry, .attributes = napi_enumerable},

// The macro below defines it without a declaration of its own.
NAPI_MODULE_EXPORT int32_t NODE_API_MODULE_GET_API_VERSION(void);

NAPI_MODULE_INIT() {
  static const napi_property_descriptor exported[] = {ENTRY_POINTS(DESCRIBE_ENTRY_POINT)};
  struct state *state = calloc(1, sizeof *state);
  if (state == NULL) return throw_errno(env, ENOMEM, "calloc", NULL);
  if (napi_set_instance_data(env, state, free_state, NULL) != napi_ok) {
    free(state);
    return throw_type(env, "nodelet.node: cannot keep the state of the addon");
  }
  napi_add_env_cleanup_hook(env, stop_state, state);
  if (napi_define_properties(env, exports, COUNT_OF(exported), exported) != napi_ok) return NULL;
  return exports;
}
