/* Paths inside a container: resolved by the kernel with the container's root as the root, never otherwise. */
#include <limits.h>

#include "run.h"
#include "syscalls.h"
#include "text.h"

/* openat2 gives up with EAGAIN when a rename or mount anywhere disturbs the lookup of a "..". */
#define RESOLVE_TRIES 32
#define LINKS_MAX 40
#define PARENT_MODE 0755

int open_in_root(int root, const char *path, uint64_t flags) {
  int fd;
  int tries = 0;
  do fd = sys_openat2(root, path, flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  while (fd == -EAGAIN && ++tries < RESOLVE_TRIES);
  return fd;
}

/* Opens the first `length` bytes of a path; none of them is the root itself. */
static int open_prefix(int root, char *path, size_t length, uint64_t flags) {
  if (length == 0) return open_in_root(root, ".", flags);
  char saved = path[length];
  path[length] = 0;
  int fd = open_in_root(root, path, flags);
  path[length] = saved;
  return fd;
}

/* A link that leads to nothing takes the place of the component [start, end) of the path. */
static int follow_dangling(int parent, char *path, size_t start, size_t end) {
  static char joined[PATH_MAX];
  static char target[PATH_MAX];
  char saved = path[end];
  path[end] = 0;
  long length = checked(syscall(SYS_readlinkat, parent, path + start, target, sizeof target - 1));
  path[end] = saved;
  if (length == -EINVAL) return -ENOENT; /* it was no link: somebody is changing the tree */
  if (length < 0) return (int)length;
  target[length] = 0;
  struct text text = text_in(joined, sizeof joined);
  if (target[0] != '/') text_bytes(&text, path, start);
  text_bytes(&text, target, (size_t)length);
  text_add(&text, path + end);
  if (text.at == text.end) return -ENAMETOOLONG;
  memcpy(path, joined, text_length(&text) + 1);
  return 0;
}

static size_t skip_slashes(const char *path, size_t at) {
  while (path[at] == '/') at++;
  return at;
}
static size_t skip_name(const char *path, size_t at) {
  while (path[at] && path[at] != '/') at++;
  return at;
}

/* The length of the longest part of the path, below its last component, that exists. */
static int existing_prefix(int root, char *path, size_t *length, int *parent) {
  size_t at = strlen(path);
  for (;;) {
    while (at > 0 && path[at - 1] == '/') at--;
    while (at > 0 && path[at - 1] != '/') at--;
    int fd = open_prefix(root, path, at, O_PATH | O_DIRECTORY);
    if (fd != -ENOENT || at == 0) {
      *parent = fd;
      *length = at;
      return fd < 0 ? fd : 0;
    }
  }
}

/* Makes one component in `parent`. 0 also when it is there already. */
static int make_component(int parent, char *path, size_t start, size_t end, bool directory, int mode) {
  char saved = path[end];
  path[end] = 0;
  int rc = directory ? sys_mkdirat(parent, path + start, mode) : sys_mknodat(parent, path + start, S_IFREG | (unsigned)mode, 0);
  path[end] = saved;
  return rc == -EEXIST ? 0 : rc;
}

int ensure_path(int root, const char *wanted, bool directory, int mode) {
  uint64_t flags = O_PATH | (directory ? O_DIRECTORY : 0);
  int found = open_in_root(root, wanted, flags);
  if (found != -ENOENT) return found;

  static char path[PATH_MAX];
  if (strlen(wanted) >= sizeof path) return -ENAMETOOLONG;
  strcpy(path, wanted);
  int links = 0;
  for (;;) { /* once, and again after each dangling link */
    int cleanup_close parent = -1;
    size_t at;
    int rc = existing_prefix(root, path, &at, &parent);
    if (rc < 0) return rc;
    for (;;) {
      size_t start = skip_slashes(path, at), end = skip_name(path, start);
      if (start == end) return -ENOENT; /* an empty path */
      bool last = path[skip_slashes(path, end)] == 0;
      bool wants_directory = directory || !last;
      rc = make_component(parent, path, start, end, wants_directory, last ? mode : PARENT_MODE);
      if (rc < 0) return rc;
      int next = open_prefix(root, path, end, wants_directory ? O_PATH | O_DIRECTORY : O_PATH);
      if (next == -ENOENT) {
        if (++links > LINKS_MAX) return -ELOOP;
        rc = follow_dangling(parent, path, start, end);
        if (rc < 0) return rc;
        break;
      }
      if (next < 0 || last) return next;
      sys_close(parent);
      parent = next;
      at = end;
    }
  }
}
