// From JavaScript values to C and back; errors.
#include "addon.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool args_read(napi_env env, napi_callback_info info, struct args *args, size_t required) {
  args->env = env;
  args->count = ARGS_MAX;
  if (napi_get_cb_info(env, info, &args->count, args->values, NULL, NULL) != napi_ok) {
    throw_type(env, "nodelet.node: cannot read the arguments");
    return false;
  }
  if (args->count >= required) return true;
  throw_type(env, "nodelet.node: too few arguments");
  return false;
}

static bool wrong_type(struct args *args, size_t index, const char *wanted) {
  char message[96];
  snprintf(message, sizeof message, "nodelet.node: argument %zu must be %s", index + 1, wanted);
  throw_type(args->env, message);
  return false;
}

bool args_i64(struct args *args, size_t index, int64_t *out) {
  napi_valuetype type = napi_undefined;
  if (index >= args->count || napi_typeof(args->env, args->values[index], &type) != napi_ok) {
    return wrong_type(args, index, "an integer");
  }
  if (type == napi_bigint) {
    bool lossless = false;
    if (napi_get_value_bigint_int64(args->env, args->values[index], out, &lossless) == napi_ok && lossless) return true;
    return wrong_type(args, index, "an integer of 64 bits");
  }
  double number = 0;
  if (type != napi_number || napi_get_value_double(args->env, args->values[index], &number) != napi_ok ||
      !(fabs(number) <= 9007199254740991.0) || number != trunc(number)) {
    return wrong_type(args, index, "an integer");
  }
  *out = (int64_t)number;
  return true;
}

bool args_int(struct args *args, size_t index, int *out) {
  int64_t value = 0;
  if (!args_i64(args, index, &value)) return false;
  if (value < INT_MIN || value > INT_MAX) return wrong_type(args, index, "an integer of 32 bits");
  *out = (int)value;
  return true;
}

bool args_u32(struct args *args, size_t index, uint32_t *out) {
  int64_t value = 0;
  if (!args_i64(args, index, &value)) return false;
  if (value < 0 || value > UINT32_MAX) return wrong_type(args, index, "an unsigned integer of 32 bits");
  *out = (uint32_t)value;
  return true;
}

bool args_bool(struct args *args, size_t index, bool *out) {
  if (index < args->count && napi_get_value_bool(args->env, args->values[index], out) == napi_ok) return true;
  return wrong_type(args, index, "a boolean");
}

bool args_path(struct args *args, size_t index, char out[PATH_SIZE]) {
  if (index >= args->count) return wrong_type(args, index, "a string");
  return read_string(args->env, args->values[index], out, PATH_SIZE, "path");
}

bool args_bytes(struct args *args, size_t index, uint8_t **data, size_t *length) {
  napi_typedarray_type type = napi_int8_array;
  void *pointer = NULL;
  if (index >= args->count ||
      napi_get_typedarray_info(args->env, args->values[index], &type, length, &pointer, NULL, NULL) != napi_ok ||
      type != napi_uint8_array) {
    return wrong_type(args, index, "a Uint8Array");
  }
  *data = pointer;
  return true;
}

bool args_results(struct args *args, size_t index, size_t count, int64_t **out) {
  napi_typedarray_type type = napi_int8_array;
  void *pointer = NULL;
  size_t length = 0;
  if (index >= args->count ||
      napi_get_typedarray_info(args->env, args->values[index], &type, &length, &pointer, NULL, NULL) != napi_ok ||
      type != napi_bigint64_array || length < count) {
    return wrong_type(args, index, "a BigInt64Array with room for the result");
  }
  *out = pointer;
  return true;
}

napi_value make_int(napi_env env, int64_t value) {
  napi_value result = NULL;
  napi_create_int64(env, value, &result);
  return result;
}

napi_value make_u64(napi_env env, uint64_t value) {
  napi_value result = NULL;
  napi_create_bigint_uint64(env, value, &result);
  return result;
}

napi_value make_bool(napi_env env, bool value) {
  napi_value result = NULL;
  napi_get_boolean(env, value, &result);
  return result;
}

napi_value make_bytes(napi_env env, const void *data, size_t length) {
  napi_value result = NULL;
  napi_create_buffer_copy(env, length, data, NULL, &result);
  return result;
}

napi_value make_undefined(napi_env env) {
  napi_value result = NULL;
  napi_get_undefined(env, &result);
  return result;
}

napi_value make_error(napi_env env, const struct failure *failure) {
  int error = failure->error < 0 ? -failure->error : failure->error;
  const char *name = strerrorname_np(error);
  const char *description = strerrordesc_np(error);
  char unknown[24];
  snprintf(unknown, sizeof unknown, "E%d", error);
  if (name == NULL) name = unknown;

  bool has_path = failure->path != NULL && failure->path[0] != '\0';
  char *message = NULL;
  int length = asprintf(&message, "%s: %s, %s%s%s%s%s%s", name, description == NULL ? "unknown error" : description,
                        failure->syscall, has_path ? " '" : "", has_path ? failure->path : "", has_path ? "'" : "",
                        failure->detail == NULL ? "" : ": ", failure->detail == NULL ? "" : failure->detail);

  napi_value result = NULL;
  napi_create_error(env, make_string(env, name), make_string(env, length < 0 ? name : message), &result);
  if (length >= 0) free(message);
  napi_set_named_property(env, result, "errno", make_int(env, -error));
  napi_set_named_property(env, result, "syscall", make_string(env, failure->syscall));
  if (has_path) napi_set_named_property(env, result, "path", make_string(env, failure->path));
  return result;
}

napi_value throw_failure(napi_env env, const struct failure *failure) {
  napi_throw(env, make_error(env, failure));
  return NULL;
}

napi_value throw_errno(napi_env env, int error, const char *syscall, const char *path) {
  return throw_failure(env, &(struct failure){error, syscall, path, NULL});
}

napi_value throw_type(napi_env env, const char *message) {
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message);
  return NULL;
}
