/* Generated from agent/runtime/plan/operations.ts by scripts/gen-operations.ts. Do not edit. */
#ifndef NODELET_OPERATIONS_H
#define NODELET_OPERATIONS_H

#define OP_MAX 83
#define OP_ARGUMENTS_MAX 7
#define REGISTER_COUNT 256

enum op_code {
  OP_OPEN = 1,
  OP_CLOSE = 2,
  OP_CHECK_NODE = 3,
  OP_CHECK_FS = 4,
  OP_ENSURE = 5,
  OP_MKNOD = 6,
  OP_SYMLINK = 7,
  OP_WRITE = 8,
  OP_CHOWN = 9,
  OP_CHDIR_FD = 10,
  OP_CHMOD = 11,
  OP_ENSURE_LIKE = 13,
  OP_REFUSE_FS = 14,
  OP_OPEN_TREE = 20,
  OP_NEW_MOUNT = 21,
  OP_MOUNT_SETATTR = 22,
  OP_MOVE_MOUNT = 23,
  OP_MOUNT = 24,
  OP_UMOUNT = 25,
  OP_PIVOT_ROOT = 26,
  OP_MASK = 27,
  OP_READONLY = 28,
  OP_FORK = 40,
  OP_SETNS = 41,
  OP_UNSHARE = 42,
  OP_MAP_IDS = 43,
  OP_PIN = 44,
  OP_SIGNAL = 45,
  OP_WAIT = 46,
  OP_COMMIT = 47,
  OP_STARTED = 48,
  OP_HOSTNAME = 49,
  OP_DOMAINNAME = 50,
  OP_LINK_UP = 51,
  OP_PAUSE = 52,
  OP_HOOK = 53,
  OP_CONSOLE = 54,
  OP_STDIO = 55,
  OP_PIDFD = 56,
  OP_GIVE = 57,
  OP_TAKE = 58,
  OP_ANNOUNCE = 59,
  OP_SETSID = 60,
  OP_RLIMIT = 61,
  OP_DUMPABLE = 62,
  OP_SESSION_KEYRING = 63,
  OP_BOUNDING = 64,
  OP_IDS = 65,
  OP_CAPABILITIES = 66,
  OP_NO_NEW_PRIVS = 67,
  OP_SECCOMP = 68,
  OP_CHDIR = 69,
  OP_UMASK = 70,
  OP_EXEC = 71,
  OP_DEVICE_PROGRAM = 72,
  OP_PERSONALITY = 73,
  OP_PARENT_DEATH_SIGNAL = 74,
  OP_LISTEN = 80,
  OP_IO = 81,
  OP_EXIT_RECORD = 82,
  OP_IO_OWNER = 83,
};

enum actor {
  ACTOR_HOST = 0,
  ACTOR_JOINED = 1,
  ACTOR_CHILD = 2,
  ACTOR_INSIDE = 3,
};

enum tolerance {
  TOLERATE_NEVER = 0,
  TOLERATE_MISSING = 1,
  TOLERATE_DENIED = 2,
  TOLERATE_ANY = 3,
};

/* Argument kinds, a letter each: i int, r reg, o out, s str, l list, b bytes. */
struct op_signature {
  const char *name;
  const char *args;
};

static const struct op_signature op_signatures[OP_MAX + 1] __attribute__((unused)) = {
  [1] = {"open", "orsiii"},
  [2] = {"close", "r"},
  [3] = {"check_node", "riii"},
  [4] = {"check_fs", "ri"},
  [5] = {"ensure", "orsii"},
  [6] = {"mknod", "rsiiiii"},
  [7] = {"symlink", "rss"},
  [8] = {"write", "rsbi"},
  [9] = {"chown", "rii"},
  [10] = {"chdir_fd", "r"},
  [11] = {"chmod", "rsi"},
  [13] = {"ensure_like", "orsri"},
  [14] = {"refuse_fs", "ri"},
  [20] = {"open_tree", "orsi"},
  [21] = {"new_mount", "osli"},
  [22] = {"mount_setattr", "riiiri"},
  [23] = {"move_mount", "rr"},
  [24] = {"mount", "sssis"},
  [25] = {"umount", "si"},
  [26] = {"pivot_root", "r"},
  [27] = {"mask", "rsr"},
  [28] = {"readonly", "rs"},
  [40] = {"fork", "oiir"},
  [41] = {"setns", "ri"},
  [42] = {"unshare", "i"},
  [43] = {"map_ids", "iss"},
  [44] = {"pin", "iss"},
  [45] = {"signal", "i"},
  [46] = {"wait", "i"},
  [47] = {"commit", ""},
  [48] = {"started", "i"},
  [49] = {"hostname", "s"},
  [50] = {"domainname", "s"},
  [51] = {"link_up", "s"},
  [52] = {"pause", ""},
  [53] = {"hook", "sllib"},
  [54] = {"console", "rii"},
  [55] = {"stdio", "ii"},
  [56] = {"pidfd", "oi"},
  [57] = {"give", "ir"},
  [58] = {"take", "oi"},
  [59] = {"announce", ""},
  [60] = {"setsid", ""},
  [61] = {"rlimit", "iii"},
  [62] = {"dumpable", "i"},
  [63] = {"session_keyring", "s"},
  [64] = {"bounding", "i"},
  [65] = {"ids", "iil"},
  [66] = {"capabilities", "iiii"},
  [67] = {"no_new_privs", ""},
  [68] = {"seccomp", "bi"},
  [69] = {"chdir", "si"},
  [70] = {"umask", "i"},
  [71] = {"exec", "ll"},
  [72] = {"device_program", "rb"},
  [73] = {"personality", "i"},
  [74] = {"parent_death_signal", "i"},
  [80] = {"listen", "rs"},
  [81] = {"io", "iiiis"},
  [82] = {"exit_record", "rs"},
  [83] = {"io_owner", "ii"},
};

/* Every operation, for tables that must not forget one: X(its code, its name). */
#define FOR_EACH_OPERATION(X) \
  X(OP_OPEN, open) \
  X(OP_CLOSE, close) \
  X(OP_CHECK_NODE, check_node) \
  X(OP_CHECK_FS, check_fs) \
  X(OP_ENSURE, ensure) \
  X(OP_MKNOD, mknod) \
  X(OP_SYMLINK, symlink) \
  X(OP_WRITE, write) \
  X(OP_CHOWN, chown) \
  X(OP_CHDIR_FD, chdir_fd) \
  X(OP_CHMOD, chmod) \
  X(OP_ENSURE_LIKE, ensure_like) \
  X(OP_REFUSE_FS, refuse_fs) \
  X(OP_OPEN_TREE, open_tree) \
  X(OP_NEW_MOUNT, new_mount) \
  X(OP_MOUNT_SETATTR, mount_setattr) \
  X(OP_MOVE_MOUNT, move_mount) \
  X(OP_MOUNT, mount) \
  X(OP_UMOUNT, umount) \
  X(OP_PIVOT_ROOT, pivot_root) \
  X(OP_MASK, mask) \
  X(OP_READONLY, readonly) \
  X(OP_FORK, fork) \
  X(OP_SETNS, setns) \
  X(OP_UNSHARE, unshare) \
  X(OP_MAP_IDS, map_ids) \
  X(OP_PIN, pin) \
  X(OP_SIGNAL, signal) \
  X(OP_WAIT, wait) \
  X(OP_COMMIT, commit) \
  X(OP_STARTED, started) \
  X(OP_HOSTNAME, hostname) \
  X(OP_DOMAINNAME, domainname) \
  X(OP_LINK_UP, link_up) \
  X(OP_PAUSE, pause) \
  X(OP_HOOK, hook) \
  X(OP_CONSOLE, console) \
  X(OP_STDIO, stdio) \
  X(OP_PIDFD, pidfd) \
  X(OP_GIVE, give) \
  X(OP_TAKE, take) \
  X(OP_ANNOUNCE, announce) \
  X(OP_SETSID, setsid) \
  X(OP_RLIMIT, rlimit) \
  X(OP_DUMPABLE, dumpable) \
  X(OP_SESSION_KEYRING, session_keyring) \
  X(OP_BOUNDING, bounding) \
  X(OP_IDS, ids) \
  X(OP_CAPABILITIES, capabilities) \
  X(OP_NO_NEW_PRIVS, no_new_privs) \
  X(OP_SECCOMP, seccomp) \
  X(OP_CHDIR, chdir) \
  X(OP_UMASK, umask) \
  X(OP_EXEC, exec) \
  X(OP_DEVICE_PROGRAM, device_program) \
  X(OP_PERSONALITY, personality) \
  X(OP_PARENT_DEATH_SIGNAL, parent_death_signal) \
  X(OP_LISTEN, listen) \
  X(OP_IO, io) \
  X(OP_EXIT_RECORD, exit_record) \
  X(OP_IO_OWNER, io_owner)

/* Positions of the arguments. */
#define OPEN_OUT 0
#define OPEN_AT 1
#define OPEN_PATH 2
#define OPEN_FLAGS 3
#define OPEN_MODE 4
#define OPEN_RESOLVE 5
#define CLOSE_REG 0
#define CHECK_NODE_REG 0
#define CHECK_NODE_FORMAT 1
#define CHECK_NODE_MAJOR 2
#define CHECK_NODE_MINOR 3
#define CHECK_FS_REG 0
#define CHECK_FS_MAGIC 1
#define ENSURE_OUT 0
#define ENSURE_AT 1
#define ENSURE_PATH 2
#define ENSURE_KIND 3
#define ENSURE_MODE 4
#define MKNOD_AT 0
#define MKNOD_PATH 1
#define MKNOD_MODE 2
#define MKNOD_MAJOR 3
#define MKNOD_MINOR 4
#define MKNOD_UID 5
#define MKNOD_GID 6
#define SYMLINK_AT 0
#define SYMLINK_PATH 1
#define SYMLINK_TARGET 2
#define WRITE_AT 0
#define WRITE_PATH 1
#define WRITE_DATA 2
#define WRITE_FLAGS 3
#define CHOWN_REG 0
#define CHOWN_UID 1
#define CHOWN_GID 2
#define CHDIR_FD_REG 0
#define CHMOD_AT 0
#define CHMOD_PATH 1
#define CHMOD_MODE 2
#define ENSURE_LIKE_OUT 0
#define ENSURE_LIKE_AT 1
#define ENSURE_LIKE_PATH 2
#define ENSURE_LIKE_LIKE 3
#define ENSURE_LIKE_MODE 4
#define REFUSE_FS_REG 0
#define REFUSE_FS_MAGIC 1
#define OPEN_TREE_OUT 0
#define OPEN_TREE_AT 1
#define OPEN_TREE_PATH 2
#define OPEN_TREE_FLAGS 3
#define NEW_MOUNT_OUT 0
#define NEW_MOUNT_FSTYPE 1
#define NEW_MOUNT_OPTIONS 2
#define NEW_MOUNT_ATTRIBUTES 3
#define MOUNT_SETATTR_REG 0
#define MOUNT_SETATTR_SET 1
#define MOUNT_SETATTR_CLEAR 2
#define MOUNT_SETATTR_PROPAGATION 3
#define MOUNT_SETATTR_USERNS 4
#define MOUNT_SETATTR_RECURSIVE 5
#define MOVE_MOUNT_FROM 0
#define MOVE_MOUNT_TO 1
#define MOUNT_SOURCE 0
#define MOUNT_TARGET 1
#define MOUNT_FSTYPE 2
#define MOUNT_FLAGS 3
#define MOUNT_DATA 4
#define UMOUNT_PATH 0
#define UMOUNT_FLAGS 1
#define PIVOT_ROOT_ROOT 0
#define MASK_AT 0
#define MASK_PATH 1
#define MASK_NULL 2
#define READONLY_AT 0
#define READONLY_PATH 1
#define FORK_OUT 0
#define FORK_WHO 1
#define FORK_FLAGS 2
#define FORK_CGROUP 3
#define SETNS_REG 0
#define SETNS_TYPES 1
#define UNSHARE_FLAGS 0
#define MAP_IDS_WHO 0
#define MAP_IDS_UIDS 1
#define MAP_IDS_GIDS 2
#define PIN_WHO 0
#define PIN_NAMESPACE 1
#define PIN_PATH 2
#define SIGNAL_WHO 0
#define WAIT_WHO 0
#define STARTED_WHO 0
#define HOSTNAME_NAME 0
#define DOMAINNAME_NAME 0
#define LINK_UP_NAME 0
#define HOOK_PATH 0
#define HOOK_ARGV 1
#define HOOK_ENV 2
#define HOOK_TIMEOUT 3
#define HOOK_STATE 4
#define CONSOLE_AT 0
#define CONSOLE_COLUMNS 1
#define CONSOLE_ROWS 2
#define STDIO_UID 0
#define STDIO_GID 1
#define PIDFD_OUT 0
#define PIDFD_PID 1
#define GIVE_WHO 0
#define GIVE_REG 1
#define TAKE_OUT 0
#define TAKE_WHO 1
#define RLIMIT_RESOURCE 0
#define RLIMIT_SOFT 1
#define RLIMIT_HARD 2
#define DUMPABLE_VALUE 0
#define SESSION_KEYRING_NAME 0
#define BOUNDING_KEEP 0
#define IDS_UID 0
#define IDS_GID 1
#define IDS_GROUPS 2
#define CAPABILITIES_EFFECTIVE 0
#define CAPABILITIES_PERMITTED 1
#define CAPABILITIES_INHERITABLE 2
#define CAPABILITIES_AMBIENT 3
#define SECCOMP_FILTER 0
#define SECCOMP_FLAGS 1
#define CHDIR_PATH 0
#define CHDIR_CREATE 1
#define UMASK_MASK 0
#define EXEC_ARGV 0
#define EXEC_ENV 1
#define DEVICE_PROGRAM_CGROUP 0
#define DEVICE_PROGRAM_PROGRAM 1
#define PERSONALITY_PERSONA 0
#define PARENT_DEATH_SIGNAL_SIGNAL 0
#define LISTEN_AT 0
#define LISTEN_NAME 1
#define IO_TTY 0
#define IO_STDIN 1
#define IO_STDOUT 2
#define IO_STDERR 3
#define IO_LOG 4
#define EXIT_RECORD_AT 0
#define EXIT_RECORD_NAME 1
#define IO_OWNER_UID 0
#define IO_OWNER_GID 1

#endif
