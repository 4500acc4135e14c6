/* Calls on volumes. They can hang in the kernel for as long as a server is away, so each is made by a process of its own that the
 * daemon can give up on. The answer is one line: `ok NUMBER`, or `error ERRNO CALL`. */
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include <linux/stat.h>

#include "syscalls.h"
#include "text.h"
#include "volume.h"

#define RESOLVE_TRIES 32
#define PERMISSIONS 07777
#define DIRECTORY_MODE 0755
#define FILE_MODE 0644
#define TARGET_MODE 0750
#define UMOUNT_LINK 8 /* UMOUNT_NOFOLLOW */
#define BLOCK 512
/* Deeper than a path of PATH_MAX can name in one piece. */
#define DEPTH_MAX 200

#define ENTRIES 4096
#define ANSWER 128

/* The call that failed, for the answer. */
static const char *failed = "";
/* What a call has found out. */
static uint64_t value;
static uint64_t inodes;

static int fail(const char *call, int rc) {
  if (rc < 0) failed = call;
  return rc;
}

/* Inside `root` and nowhere else: absolute links and those that lead out are EXDEV. */
static int open_beneath(int root, const char *path, uint64_t flags) {
  int fd;
  int tries = 0;
  do fd = sys_openat2(root, path, flags, 0, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
  while (fd == -EAGAIN && ++tries < RESOLVE_TRIES);
  return fail("openat2", fd);
}

static int call_stat(char **arguments) {
  struct stat found;
  int rc = fail("stat", (int)checked(stat(arguments[0], &found)));
  value = rc == 0 ? found.st_mode : 0;
  return rc;
}

static int call_make_directory(char **arguments) {
  char path[PATH_MAX];
  if (strlen(arguments[0]) >= sizeof path) return fail("mkdir", -ENAMETOOLONG);
  strcpy(path, arguments[0]);
  for (char *end = path + 1;; end++) {
    if (*end != '/' && *end != 0) continue;
    char saved = *end;
    *end = 0;
    int rc = sys_mkdirat(AT_FDCWD, path, DIRECTORY_MODE);
    if (rc < 0 && rc != -EEXIST) return fail("mkdir", rc);
    *end = saved;
    if (saved == 0) break;
  }
  return 0;
}

static int call_make_file(char **arguments) {
  int fd = fail("open", sys_openat(AT_FDCWD, arguments[0], O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE));
  if (fd < 0) return fd;
  sys_close(fd);
  return 0;
}

static int call_umount(char **arguments) {
  int rc = fail("umount2", sys_umount2(arguments[0], MNT_DETACH | UMOUNT_LINK));
  if (rc == -EINVAL || rc == -ENOENT) rc = 0; /* not mounted, which is what is wanted */
  return rc;
}

/* Makes the directory `name` in `parent` with exactly the permissions of the volume, and opens it. */
static int make_part(int parent, const char *name, unsigned mode) {
  int rc = sys_mkdirat(parent, name, (int)mode);
  if (rc < 0 && rc != -EEXIST) return fail("mkdirat", rc);
  int fd = fail("openat2", sys_openat2(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
                                       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS));
  if (fd < 0 || rc == -EEXIST) return fd;
  /* The umask does not hold here: users of the container need what the volume's own root gives them. */
  rc = fail("fchmod", (int)checked(fchmod(fd, mode)));
  if (rc == 0) return fd;
  sys_close(fd);
  return rc;
}

/* The part of the volume as a descriptor; what is missing is made as directories. */
static int open_part(int root, const char *wanted) {
  int fd = open_beneath(root, wanted, O_PATH);
  if (fd != -ENOENT) return fd;
  struct stat volume;
  int rc = fail("fstat", sys_fstat(root, &volume));
  if (rc < 0) return rc;
  unsigned mode = volume.st_mode & PERMISSIONS;

  char path[PATH_MAX];
  if (strlen(wanted) >= sizeof path) return fail("openat2", -ENAMETOOLONG);
  strcpy(path, wanted);
  /* The longest beginning that is there. */
  size_t length = strlen(path);
  int parent = -ENOENT;
  while (length > 0 && parent == -ENOENT) {
    while (length > 0 && path[length - 1] == '/') length--;
    while (length > 0 && path[length - 1] != '/') length--;
    if (length == 0) break;
    path[length - 1] = 0;
    parent = open_beneath(root, path, O_PATH | O_DIRECTORY);
    path[length - 1] = '/';
  }
  if (length == 0) parent = open_beneath(root, ".", O_PATH | O_DIRECTORY);
  char *rest = path + length;
  while (parent >= 0 && *rest) {
    char *end = rest + strcspn(rest, "/");
    bool last = *end == 0;
    *end = 0;
    int next = *rest == 0 ? fcntl(parent, F_DUPFD_CLOEXEC, 0) : make_part(parent, rest, mode);
    sys_close(parent);
    parent = next;
    if (last) break;
    rest = end + 1;
  }
  return parent;
}

static bool is_mounted(const char *path) {
  struct statx found;
  if (syscall(SYS_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &found) != 0) return false;
  return (found.stx_attributes_mask & found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/* subpath VOLUME PART TARGET: binds a part of the volume at the target, from the descriptor that was resolved. */
static int call_subpath(char **arguments) {
  const char *target = arguments[2];
  int cleanup_close root = fail("open", sys_openat(AT_FDCWD, arguments[0], O_PATH, 0));
  if (root < 0) return root;
  int cleanup_close part = open_part(root, arguments[1]);
  if (part < 0) return part;
  struct stat found, there;
  int rc = fail("fstat", sys_fstat(part, &found));
  if (rc < 0) return rc;
  if (S_ISLNK(found.st_mode)) return fail("openat2", -ELOOP);
  bool directory = S_ISDIR(found.st_mode);

  while (is_mounted(target)) {
    bool same = stat(target, &there) == 0 && there.st_dev == found.st_dev && there.st_ino == found.st_ino;
    if (same) return 0; /* by an earlier attempt */
    rc = fail("umount2", sys_umount2(target, MNT_DETACH | UMOUNT_LINK));
    if (rc < 0) return rc;
  }
  rc = directory ? sys_mkdirat(AT_FDCWD, target, TARGET_MODE) : sys_mknodat(AT_FDCWD, target, S_IFREG | FILE_MODE, 0);
  if (rc < 0 && rc != -EEXIST) return fail("mkdir", rc);
  int cleanup_close place = fail("open", sys_openat(AT_FDCWD, target, O_PATH | O_NOFOLLOW, 0));
  if (place < 0) return place;
  /* In the place of a directory a file was mounted before, or the other way round. */
  rc = fail("fstat", sys_fstat(place, &there));
  if (rc < 0) return rc;
  if (S_ISDIR(there.st_mode) != directory) return fail("move_mount", -ENOTDIR);
  int cleanup_close tree = fail("open_tree", sys_open_tree(part, SELF, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));
  if (tree < 0) return tree;
  rc = fail("move_mount", sys_move_mount(tree, place));
  return rc;
}

/* Bytes on disk below a directory, without crossing mounts; a file with several names counts once in all. */
static int add_usage(int directory, dev_t device, int depth, uint64_t *bytes) {
  struct entry { /* the kernel's linux_dirent64 */
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
  };
  _Alignas(struct entry) char entries[ENTRIES];
  for (;;) {
    long filled = checked(syscall(SYS_getdents64, directory, entries, sizeof entries));
    if (filled <= 0) return fail("getdents64", (int)filled);
    for (long at = 0; at < filled;) {
      const struct entry *entry = (const struct entry *)(entries + at);
      at += entry->length;
      if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0) continue;
      struct stat found;
      /* What goes meanwhile is not counted. */
      if (fstatat(directory, entry->name, &found, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) continue;
      if (found.st_dev != device) continue;
      bool several = !S_ISDIR(found.st_mode) && found.st_nlink > 1;
      inodes++;
      *bytes += (uint64_t)found.st_blocks * BLOCK / (several ? found.st_nlink : 1);
      if (!S_ISDIR(found.st_mode) || depth >= DEPTH_MAX) continue;
      int cleanup_close inner = sys_openat2(directory, entry->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
                                            RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
      int rc = inner < 0 ? 0 : add_usage(inner, device, depth + 1, bytes);
      if (rc < 0) return rc;
    }
  }
}

static int call_usage(char **arguments) {
  struct stat found;
  uint64_t bytes = 0;
  int cleanup_close root = fail("open", sys_openat(AT_FDCWD, arguments[0], O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0));
  if (root < 0) return root;
  int rc = fail("fstat", sys_fstat(root, &found));
  if (rc < 0) return rc;
  bytes = (uint64_t)found.st_blocks * BLOCK;
  inodes = 1;
  rc = add_usage(root, found.st_dev, 0, &bytes);
  value = bytes;
  return rc;
}

static const struct {
  const char *name;
  int arguments;
  int (*run)(char **arguments);
} calls[] = {
    {"stat", 1, call_stat},
    {"make-directory", 1, call_make_directory},
    {"make-file", 1, call_make_file},
    {"umount", 1, call_umount},
    {"subpath", 3, call_subpath},
    {"usage", 1, call_usage},
};

int volume_main(int argc, char **argv) {
  syscall(SYS_umask, 0022);
  for (size_t i = 0; argc > 0 && i < sizeof calls / sizeof *calls; i++) {
    if (strcmp(argv[0], calls[i].name) != 0 || argc - 1 != calls[i].arguments) continue;
    int rc = calls[i].run(argv + 1);
    char answer[ANSWER];
    struct text text = text_in(answer, sizeof answer);
    text_add(&text, rc < 0 ? "error " : "ok ");
    text_number(&text, rc < 0 ? (uint64_t)-rc : value);
    text_add(&text, " ");
    if (rc < 0) text_add(&text, failed);
    else text_number(&text, inodes);
    text_add(&text, "\n");
    return sys_write(STDOUT_FILENO, answer, text_length(&text)) < 0 || rc < 0;
  }
  return 2;
}
