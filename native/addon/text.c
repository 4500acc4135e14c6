// Strings and the kernel's names. A name is bytes, of which most are UTF-8. A byte that belongs to no UTF-8 character becomes the
// lone surrogate U+DC00 + byte, and back again, so that every name survives the way through JavaScript. (PEP 383 describes
// the scheme; agent/base/byte-text.ts is its counterpart.) Only bytes from 0x80 on are ever written so: no slash, dot or NUL.
#include "addon.h"

#include <stdio.h>
#include <string.h>

#define ESCAPE 0xdc00u

// The length of the UTF-8 character at `text`, 0 when there is none. Shortest forms only, no surrogates, up to U+10FFFF.
static size_t character(const unsigned char *text, size_t left, uint32_t *code) {
  unsigned char first = text[0];
  if (first < 0x80) {
    *code = first;
    return 1;
  }
  size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || length > left) return 0;
  uint32_t value = first & (0x7f >> length);
  for (size_t i = 1; i < length; i++) {
    if ((text[i] & 0xc0) != 0x80) return 0;
    value = value << 6 | (text[i] & 0x3f);
  }
  if (length == 3 && (value < 0x800 || (value >= 0xd800 && value <= 0xdfff))) return 0;
  if (length == 4 && (value < 0x10000 || value > 0x10ffff)) return 0;
  *code = value;
  return length;
}

napi_value make_string(napi_env env, const char *text) {
  const unsigned char *bytes = (const unsigned char *)text;
  size_t length = strlen(text);
  napi_value result = NULL;
  size_t plain = 0;
  while (plain < length && bytes[plain] < 0x80) plain++;
  if (plain == length) {
    napi_create_string_latin1(env, text, length, &result);
    return result;
  }
  // Never more units than bytes.
  AUTO_FREE char16_t *units = malloc(length * sizeof *units);
  if (units == NULL) {
    napi_create_string_utf8(env, text, length, &result);
    return result;
  }
  size_t count = 0;
  for (size_t at = 0; at < length;) {
    uint32_t code = 0;
    size_t size = character(bytes + at, length - at, &code);
    if (size == 0) {
      units[count++] = (char16_t)(ESCAPE + bytes[at++]);
      continue;
    }
    at += size;
    if (code < 0x10000) {
      units[count++] = (char16_t)code;
    } else {
      units[count++] = (char16_t)(0xd7c0 + (code >> 10));
      units[count++] = (char16_t)(0xdc00 + (code & 0x3ff));
    }
  }
  napi_create_string_utf16(env, units, count, &result);
  return result;
}

static size_t put(char *out, uint32_t code) {
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = length - 1; i > 0; i--, code >>= 6) out[i] = (char)(0x80 | (code & 0x3f));
  out[0] = (char)((0xf00 >> length & 0xff) | code);
  return length;
}

// Encodes units into `out`. Returns the length, `size` when it does not fit, -1 for a surrogate that stands for nothing.
static ssize_t encode(const char16_t *units, size_t count, char *out, size_t size) {
  size_t length = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t code = units[i];
    if (length + 4 >= size) return (ssize_t)size;
    if (code >= 0xd800 && code <= 0xdbff && i + 1 < count && units[i + 1] >= 0xdc00 && units[i + 1] <= 0xdfff) {
      code = 0x10000 + ((code - 0xd800) << 10) + (units[++i] - 0xdc00u);
    } else if (code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff) {
      out[length++] = (char)(code - ESCAPE);
      continue;
    } else if (code >= 0xd800 && code <= 0xdfff) {
      return -1;
    }
    length += put(out + length, code);
  }
  out[length] = '\0';
  return (ssize_t)length;
}

bool read_string(napi_env env, napi_value value, char *out, size_t size, const char *what) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, out, size, &length) != napi_ok) {
    char message[96];
    snprintf(message, sizeof message, "nodelet.node: %s must be a string", what);
    throw_type(env, message);
    return false;
  }
  // A lone surrogate has become U+FFFD.
  if (memmem(out, length, "\xef\xbf\xbd", 3) != NULL) {
    size_t count = 0;
    napi_get_value_string_utf16(env, value, NULL, 0, &count);
    AUTO_FREE char16_t *units = malloc((count + 1) * sizeof *units);
    if (units == NULL) {
      throw_errno(env, ENOMEM, what, NULL);
      return false;
    }
    napi_get_value_string_utf16(env, value, units, count + 1, &count);
    ssize_t encoded = encode(units, count, out, size);
    if (encoded < 0) {
      throw_failure(env, &(struct failure){EINVAL, what, NULL, "a string with half a surrogate pair"});
      return false;
    }
    length = (size_t)encoded;
    if (length == size) {
      throw_errno(env, ENAMETOOLONG, what, NULL);
      return false;
    }
  }
  // A cut string ends at most one character (3 bytes) before the end of the buffer.
  if (length + 4 >= size) {
    throw_errno(env, ENAMETOOLONG, what, out);
    return false;
  }
  if (memchr(out, '\0', length) != NULL) {
    throw_failure(env, &(struct failure){EINVAL, what, out, "a string with a NUL character"});
    return false;
  }
  return true;
}
