// Removing a tree that somebody hostile may be changing at the same time.
//
// Everything goes by the descriptor of its parent and one name: no link is followed, and openat2 refuses to cross into another
// mount, whatever device that has. Descriptors held are bounded by moving what lies too deep up to the top of the tree.
#include "addon.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

// Open directories at a time. Deeper ones are first moved into the top directory.
#define DEPTH_MAX 64

// A directory that is not empty after all of it was removed is being written to: so often is it read again.
#define PASSES_MAX 32

// Far more than any tree needs; reached only if somebody goes on making deep ones meanwhile.
#define MOVES_MAX 100000

#define BATCH_SIZE 8192

struct level {
  int fd;
  int passes;
  long filled;
  long offset;
  char name[NAME_MAX + 1]; // in its parent
  char *buffer;            // BATCH_SIZE, kept for the next directory at this depth
};

struct tree_job {
  struct job job;
  int start;       // duplicate of the caller's descriptor, or AT_FDCWD
  char path[PATH_SIZE];
  int depth;       // levels in use
  unsigned moved;  // directories moved to the top so far
  struct level levels[DEPTH_MAX];
};

// The path of `name` in the deepest open directory, for the error.
static void fail_at(struct tree_job *tree, int error, const char *syscall_name, const char *name) {
  char path[PATH_SIZE];
  size_t used = (size_t)snprintf(path, sizeof path, "%s", tree->path);
  for (int index = 1; index < tree->depth && used < sizeof path; index++) {
    used += (size_t)snprintf(path + used, sizeof path - used, "/%s", tree->levels[index].name);
  }
  if (name != NULL && used < sizeof path) snprintf(path + used, sizeof path - used, "/%s", name);
  job_fail(&tree->job, error, syscall_name, path);
}

static int open_directory(int parent, const char *name) {
  struct open_how how = {
      .flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
      .resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };
  long fd = syscall(SYS_openat2, parent, name, &how, sizeof how);
  return fd >= 0 ? (int)fd : -errno;
}

static bool is_mount_root(int parent, const char *name) {
  struct statx found;
  if (statx(parent, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &found) != 0) return false;
  return (found.stx_attributes_mask & found.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

// 0, or the error of removing it. EISDIR says that it is a directory; a file with a mount on it gives EXDEV.
static int unlink_file(int parent, const char *name) {
  if (unlinkat(parent, name, 0) == 0 || errno == ENOENT) return 0;
  if (errno == EBUSY && is_mount_root(parent, name)) return -EXDEV;
  return -errno;
}

static int push(struct tree_job *tree, int parent, const char *name) {
  struct level *level = &tree->levels[tree->depth];
  if (level->buffer == NULL && (level->buffer = malloc(BATCH_SIZE)) == NULL) return -ENOMEM;
  int fd = open_directory(parent, name);
  if (fd < 0) return fd;
  level->fd = fd;
  level->passes = 0;
  level->filled = 0;
  level->offset = 0;
  snprintf(level->name, sizeof level->name, "%s", name);
  tree->depth++;
  return 0;
}

// Moves a directory that lies too deep into the top one, under a name that nothing there has. It is found again there.
static int move_up(struct tree_job *tree, int parent, const char *name) {
  char target[64];
  if (tree->moved > MOVES_MAX) return -ELOOP;
  tree->levels[0].passes = 0; // it must be read again, for a reason of ours
  for (int attempt = 0; attempt < PASSES_MAX; attempt++) {
    snprintf(target, sizeof target, ".nodelet-remove-%d-%u", (int)getpid(), tree->moved++);
    if (renameat2(parent, name, tree->levels[0].fd, target, RENAME_NOREPLACE) == 0 || errno == ENOENT) return 0;
    if (errno != EEXIST) return -errno;
  }
  return -EEXIST;
}

// The next name in the deepest directory; NULL at its end, and with *error on failure.
static const struct kernel_dirent *next_entry(struct level *level, int *error) {
  for (;;) {
    if (level->offset >= level->filled) {
      level->filled = syscall(SYS_getdents64, level->fd, level->buffer, BATCH_SIZE);
      level->offset = 0;
      if (level->filled <= 0) {
        *error = level->filled < 0 ? -errno : 0;
        level->filled = 0;
        return NULL;
      }
    }
    const struct kernel_dirent *entry = (const struct kernel_dirent *)(level->buffer + level->offset);
    level->offset += entry->length;
    if (strcmp(entry->name, ".") != 0 && strcmp(entry->name, "..") != 0) return entry;
  }
}

// Removes one entry of the deepest directory or opens it as the next deeper one. False on failure.
static bool remove_entry(struct tree_job *tree, const struct kernel_dirent *entry) {
  // A directory may have been put in the place of a file and the other way round: go on as what is found.
  int parent = tree->levels[tree->depth - 1].fd;
  bool directory = entry->type == DT_DIR;
  for (int attempt = 0; attempt < PASSES_MAX; attempt++) {
    const char *step = "unlinkat";
    int error;
    if (!directory) {
      error = unlink_file(parent, entry->name);
      if (error == 0) return true;
      if (error == -EISDIR) {
        directory = true;
        continue;
      }
    } else {
      bool deep = tree->depth == DEPTH_MAX;
      step = deep ? "renameat2" : "openat2";
      error = deep ? move_up(tree, parent, entry->name) : push(tree, parent, entry->name);
      if (error == 0 || error == -ENOENT) return true;
      if (error == -ENOTDIR || error == -ELOOP) {
        directory = false;
        continue;
      }
      if (error == -EBUSY && is_mount_root(parent, entry->name)) error = -EXDEV;
    }
    fail_at(tree, error, step, entry->name);
    return false;
  }
  fail_at(tree, EBUSY, "unlinkat", entry->name);
  return false;
}

// Splits the path into the directory that holds it and its name, and opens that directory. The directory's own path is the
// caller's: links in it are followed.
static int open_parent(const struct tree_job *tree, char name[NAME_MAX + 1], int *parent) {
  char directory[PATH_SIZE];
  snprintf(directory, sizeof directory, "%s", tree->path);
  size_t length = strlen(directory);
  while (length > 1 && directory[length - 1] == '/') directory[--length] = '\0';
  char *slash = strrchr(directory, '/');
  const char *last = slash == NULL ? directory : slash + 1;
  if (last[0] == '\0' || strcmp(last, ".") == 0 || strcmp(last, "..") == 0) return -EINVAL;
  if (strlen(last) > NAME_MAX) return -ENAMETOOLONG;
  memcpy(name, last, strlen(last) + 1);
  if (slash == NULL) snprintf(directory, sizeof directory, ".");
  else if (slash == directory) directory[1] = '\0';
  else *slash = '\0';
  *parent = openat(tree->start, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  return *parent >= 0 ? 0 : -errno;
}

#define AGAIN 1

// Removes the deepest directory, which has been read to its end: 0 when done with it, AGAIN when it must be read again.
static int finish_level(struct tree_job *tree, int parent) {
  struct level *level = &tree->levels[tree->depth - 1];
  int above = tree->depth > 1 ? tree->levels[tree->depth - 2].fd : parent;
  if (unlinkat(above, level->name, AT_REMOVEDIR) == 0 || errno == ENOENT) return 0;
  // Something else has taken its name: the directory above finds that when it is read again.
  if (errno == ENOTDIR && tree->depth > 1) return 0;
  // Entries that came after it was read, or that a file system left out while others were being removed.
  bool filled = errno == ENOTEMPTY || errno == EEXIST;
  int error = errno == EBUSY && is_mount_root(above, level->name) ? -EXDEV : -errno;
  if (!filled || ++level->passes >= PASSES_MAX || lseek(level->fd, 0, SEEK_SET) != 0) return error;
  return AGAIN;
}

static void remove_tree(struct tree_job *tree) {
  AUTO_CLOSE int parent = -1;
  char name[NAME_MAX + 1];
  int error = open_parent(tree, name, &parent);
  if (error == -ENOENT) return;
  if (error < 0) return job_fail(&tree->job, error, "openat", tree->path);

  error = unlink_file(parent, name);
  if (error == 0) return;
  if (error == -EISDIR) {
    error = push(tree, parent, name);
    if (error == -ENOENT) return;
    if (error < 0) return job_fail(&tree->job, error, "openat2", tree->path);
  } else {
    return job_fail(&tree->job, error, "unlinkat", tree->path);
  }

  while (tree->depth > 0) {
    struct level *level = &tree->levels[tree->depth - 1];
    const struct kernel_dirent *entry = next_entry(level, &error);
    if (entry != NULL) {
      if (!remove_entry(tree, entry)) return;
      continue;
    }
    if (error < 0) return fail_at(tree, error, "getdents64", NULL);
    error = finish_level(tree, parent);
    if (error < 0) return fail_at(tree, error, "unlinkat", NULL);
    if (error == AGAIN) continue;
    close(level->fd);
    tree->depth--;
  }
}

static void run_remove_tree(struct job *job) {
  struct tree_job *tree = (struct tree_job *)job;
  remove_tree(tree);
  while (tree->depth > 0) close(tree->levels[--tree->depth].fd);
  for (size_t index = 0; index < COUNT_OF(tree->levels); index++) free(tree->levels[index].buffer);
}

static void release_remove_tree(struct job *job) {
  struct tree_job *tree = (struct tree_job *)job;
  if (tree->start >= 0) close(tree->start);
}

napi_value call_removeTree(napi_env env, napi_callback_info info) {
  struct args args;
  int start = -1;
  char path[PATH_SIZE];
  if (!args_read(env, info, &args, 2) || !args_int(&args, 0, &start) || !args_path(&args, 1, path)) return NULL;
  struct tree_job *tree = job_new(env, sizeof *tree);
  if (tree == NULL) return NULL;
  tree->start = start;
  if (start != AT_FDCWD) {
    tree->start = fcntl(start, F_DUPFD_CLOEXEC, 0);
    if (tree->start < 0) {
      int error = errno;
      free(tree);
      return throw_errno(env, error, "fcntl", path);
    }
  }
  memcpy(tree->path, path, strlen(path) + 1);
  tree->job.run = run_remove_tree;
  tree->job.release = release_remove_tree;
  return job_start(env, &tree->job);
}
