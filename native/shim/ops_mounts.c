/* Operations on mounts. All of them go by descriptors; what has a path says so. */
#include <string.h>
#include <sys/sysmacros.h>

#include "run.h"
#include "syscalls.h"
#include "text.h"

#define OPTION_KEY_MAX 64

int op_open_tree(struct run *run, const struct step *step) {
  const char *path = text_of(step, OPEN_TREE_PATH);
  unsigned flags = (unsigned)number_of(step, OPEN_TREE_FLAGS) | OPEN_TREE_CLOEXEC | (path[0] ? 0 : AT_EMPTY_PATH);
  return register_set(run, step, OPEN_TREE_OUT, sys_open_tree(directory_of(run, step, OPEN_TREE_AT), path, flags));
}

/* What the kernel has to say about the last call on a file system context, behind `prefix`. */
static void detail_of_context(struct run *run, int context, const char *prefix) {
  char said[200];
  struct text detail = text_in(run->detail, sizeof run->detail);
  text_add(&detail, prefix);
  ssize_t got = sys_read(context, said, sizeof said);
  if (got <= 2) return;
  while (got > 2 && said[got - 1] == '\n') got--;
  text_add(&detail, ": ");
  text_bytes(&detail, said + 2, (size_t)got - 2); /* behind the letter of its severity */
}

static int configure(int context, const char *option) {
  const char *equals = strchr(option, '=');
  if (!equals) return sys_fsconfig(context, FSCONFIG_SET_FLAG, option, NULL, 0);
  char key[OPTION_KEY_MAX];
  size_t length = (size_t)(equals - option);
  if (length >= sizeof key) return -EINVAL;
  memcpy(key, option, length);
  key[length] = 0;
  return sys_fsconfig(context, FSCONFIG_SET_STRING, key, equals + 1, 0);
}

int op_new_mount(struct run *run, const struct step *step) {
  int cleanup_close context = sys_fsopen(text_of(step, NEW_MOUNT_FSTYPE));
  if (context < 0) return context;
  for (char **option = list_of(step, NEW_MOUNT_OPTIONS); *option; option++) {
    int rc = configure(context, *option);
    if (rc < 0) {
      detail_of_context(run, context, *option);
      return rc;
    }
  }
  int rc = sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
  if (rc == 0) rc = sys_fsmount(context, (unsigned)number_of(step, NEW_MOUNT_ATTRIBUTES));
  if (rc < 0) {
    detail_of_context(run, context, text_of(step, NEW_MOUNT_FSTYPE));
    return rc;
  }
  return register_set(run, step, NEW_MOUNT_OUT, rc);
}

int op_mount_setattr(struct run *run, const struct step *step) {
  struct mount_attr attributes = {
    .attr_set = (uint64_t)number_of(step, MOUNT_SETATTR_SET),
    .attr_clr = (uint64_t)number_of(step, MOUNT_SETATTR_CLEAR),
    .propagation = (uint64_t)number_of(step, MOUNT_SETATTR_PROPAGATION),
  };
  if (number_of(step, MOUNT_SETATTR_USERNS) >= 0) {
    int userns = register_of(run, step, MOUNT_SETATTR_USERNS);
    if (userns < 0) return -EBADF;
    attributes.userns_fd = (uint64_t)userns;
  }
  unsigned flags = AT_EMPTY_PATH | (number_of(step, MOUNT_SETATTR_RECURSIVE) ? AT_RECURSIVE : 0);
  return (int)checked(syscall(SYS_mount_setattr, register_of(run, step, MOUNT_SETATTR_REG), SELF, flags, &attributes,
                              sizeof attributes));
}

int op_move_mount(struct run *run, const struct step *step) {
  return sys_move_mount(register_of(run, step, MOVE_MOUNT_FROM), register_of(run, step, MOVE_MOUNT_TO));
}

int op_mount(struct run *run, const struct step *step) {
  (void)run;
  const char *source = text_of(step, MOUNT_SOURCE), *type = text_of(step, MOUNT_FSTYPE), *data = text_of(step, MOUNT_DATA);
  int rc = sys_mount(*source ? source : NULL, text_of(step, MOUNT_TARGET), *type ? type : NULL,
                     (unsigned long)number_of(step, MOUNT_FLAGS), *data ? data : NULL);
  if (rc < 0) set_detail(run, text_of(step, MOUNT_TARGET));
  return rc;
}

int op_umount(struct run *run, const struct step *step) {
  (void)run;
  return sys_umount2(text_of(step, UMOUNT_PATH), (int)number_of(step, UMOUNT_FLAGS));
}

int op_pivot_root(struct run *run, const struct step *step) {
  int rc = sys_fchdir(register_of(run, step, PIVOT_ROOT_ROOT));
  /* The same directory as new root and as the place of the old one: the old root ends up on top of it and is then let go. */
  if (rc == 0) rc = (int)checked(syscall(SYS_pivot_root, ".", "."));
  if (rc == 0) rc = sys_umount2(".", MNT_DETACH);
  if (rc == 0) rc = sys_chdir("/");
  return rc;
}

static int clone_tree(int fd) { return sys_open_tree(fd, SELF, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH); }

/* The empty directory behind every masked directory of this container. Stays open until exec closes it. */
static int mask_directory = -1;

static int new_mask_directory(void) {
  int cleanup_close context = sys_fsopen("tmpfs");
  if (context < 0) return context;
  int rc = sys_fsconfig(context, FSCONFIG_SET_STRING, "nr_blocks", "1", 0);
  if (rc == 0) rc = sys_fsconfig(context, FSCONFIG_SET_STRING, "nr_inodes", "1", 0);
  if (rc == 0) rc = sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
  if (rc == 0) {
    rc = sys_fsmount(context, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  }
  return rc;
}

static int is_null_device(int fd) {
  struct stat info;
  int rc = sys_fstat(fd, &info);
  if (rc < 0) return rc;
  return S_ISCHR(info.st_mode) && info.st_rdev == makedev(1, 3);
}

int op_mask(struct run *run, const struct step *step) {
  int cleanup_close target = open_in_root(directory_of(run, step, MASK_AT), text_of(step, MASK_PATH), O_PATH);
  if (target < 0) return target;
  struct stat info;
  int rc = sys_fstat(target, &info);
  if (rc < 0) return rc;
  if (S_ISDIR(info.st_mode) && mask_directory < 0) {
    int made = new_mask_directory();
    if (made < 0) return made;
    rc = sys_move_mount(made, target);
    if (rc < 0) sys_close(made);
    else mask_directory = made;
    return rc;
  }
  int cleanup_close cover = -1;
  if (S_ISDIR(info.st_mode)) {
    cover = clone_tree(mask_directory);
  } else {
    int null = register_of(run, step, MASK_NULL);
    rc = is_null_device(null);
    if (rc <= 0) {
      set_detail(run, "/dev/null");
      return rc < 0 ? rc : -EINVAL;
    }
    cover = clone_tree(null);
  }
  return cover < 0 ? cover : sys_move_mount(cover, target);
}

int op_readonly(struct run *run, const struct step *step) {
  int cleanup_close target = open_in_root(directory_of(run, step, READONLY_AT), text_of(step, READONLY_PATH), O_PATH);
  if (target < 0) return target;
  int cleanup_close tree =
    sys_open_tree(target, SELF, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
  if (tree < 0) return tree;
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
  long rc = checked(
    syscall(SYS_mount_setattr, tree, SELF, AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes));
  return rc < 0 ? (int)rc : sys_move_mount(tree, target);
}
