/* Operations on the identity and the limits of the calling process. Raw calls: the C library's own are for threads. */
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <limits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "run.h"
#include "syscalls.h"

#define GROUPS_MAX 1024
#define KEYCTL_JOIN_SESSION_KEYRING 1

int op_setsid(struct run *run, const struct step *step) {
  (void)run, (void)step;
  long rc = checked(syscall(SYS_setsid));
  return rc < 0 ? (int)rc : 0;
}

int op_rlimit(struct run *run, const struct step *step) {
  (void)run;
  /* The kernel's struct: 64 bits, -1 is unlimited. */
  uint64_t limit[2] = {(uint64_t)number_of(step, RLIMIT_SOFT), (uint64_t)number_of(step, RLIMIT_HARD)};
  return (int)checked(syscall(SYS_prlimit64, 0, (int)number_of(step, RLIMIT_RESOURCE), limit, NULL));
}

int op_dumpable(struct run *run, const struct step *step) {
  (void)run;
  return sys_prctl(PR_SET_DUMPABLE, (unsigned long)number_of(step, DUMPABLE_VALUE), 0, 0, 0);
}

int op_session_keyring(struct run *run, const struct step *step) {
  (void)run;
  long rc = checked(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, text_of(step, SESSION_KEYRING_NAME), 0, 0, 0));
  return rc < 0 ? (int)rc : 0;
}

int op_bounding(struct run *run, const struct step *step) {
  (void)run;
  uint64_t keep = (uint64_t)number_of(step, BOUNDING_KEEP);
  for (unsigned capability = 0; capability < 64; capability++) {
    if (keep >> capability & 1) continue;
    int rc = sys_prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    if (rc == -EINVAL) return 0; /* behind the kernel's last one */
    if (rc < 0) return rc;
  }
  return 0;
}

static int parse_id(const char *text, uint32_t *id) {
  uint64_t value = 0;
  if (!*text) return -EINVAL;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return -EINVAL;
    value = value * 10 + (uint64_t)(*text - '0');
    if (value >= UINT32_MAX) return -EINVAL; /* the last one means "unchanged" to the kernel */
  }
  *id = (uint32_t)value;
  return 0;
}

static int checked_id(int64_t number, uint32_t *id) {
  if (number < 0 || number >= UINT32_MAX) return -EINVAL;
  *id = (uint32_t)number;
  return 0;
}

int op_ids(struct run *run, const struct step *step) {
  (void)run;
  static uint32_t groups[GROUPS_MAX];
  uint32_t uid = 0, gid = 0, count = length_of(step, IDS_GROUPS);
  if (count > GROUPS_MAX) return -EINVAL;
  int rc = checked_id(number_of(step, IDS_UID), &uid);
  if (rc == 0) rc = checked_id(number_of(step, IDS_GID), &gid);
  for (uint32_t i = 0; rc == 0 && i < count; i++) rc = parse_id(list_of(step, IDS_GROUPS)[i], &groups[i]);
  if (rc == 0) rc = sys_prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
  if (rc == 0) rc = (int)checked(syscall(SYS_setgroups, count, groups));
  if (rc == 0) rc = (int)checked(syscall(SYS_setresgid, gid, gid, gid));
  if (rc == 0) rc = (int)checked(syscall(SYS_setresuid, uid, uid, uid));
  return rc;
}

int op_capabilities(struct run *run, const struct step *step) {
  (void)run;
  uint64_t effective = (uint64_t)number_of(step, CAPABILITIES_EFFECTIVE);
  uint64_t permitted = (uint64_t)number_of(step, CAPABILITIES_PERMITTED);
  uint64_t inheritable = (uint64_t)number_of(step, CAPABILITIES_INHERITABLE);
  uint64_t ambient = (uint64_t)number_of(step, CAPABILITIES_AMBIENT);
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[2] = {
    {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
    {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)},
  };
  int rc = (int)checked(syscall(SYS_capset, &header, sets));
  if (rc == 0) rc = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  for (unsigned capability = 0; rc == 0 && capability < 64; capability++) {
    if (ambient >> capability & 1) rc = sys_prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
  }
  return rc;
}

int op_no_new_privs(struct run *run, const struct step *step) {
  (void)run, (void)step;
  return sys_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int op_seccomp(struct run *run, const struct step *step) {
  (void)run;
  uint32_t size = length_of(step, SECCOMP_FILTER);
  if (size == 0 || size % sizeof(struct sock_filter) != 0 || size / sizeof(struct sock_filter) > BPF_MAXINSNS) return -EINVAL;
  struct sock_fprog program = {
    .len = (unsigned short)(size / sizeof(struct sock_filter)),
    .filter = (struct sock_filter *)(uintptr_t)text_of(step, SECCOMP_FILTER),
  };
  return (int)checked(
    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, (unsigned)number_of(step, SECCOMP_FLAGS), &program));
}

/* Makes a directory and what is missing above it. */
static int make_directories(const char *path) {
  static char partial[PATH_MAX];
  size_t length = strlen(path);
  if (length >= sizeof partial) return -ENAMETOOLONG;
  memcpy(partial, path, length + 1);
  for (size_t i = 1; i <= length; i++) {
    if (partial[i] != '/' && partial[i] != 0) continue;
    char saved = partial[i];
    partial[i] = 0;
    int rc = sys_mkdirat(AT_FDCWD, partial, 0755);
    partial[i] = saved;
    if (rc < 0 && rc != -EEXIST) return rc;
  }
  return 0;
}

int op_chdir(struct run *run, const struct step *step) {
  (void)run;
  static char where[PATH_MAX];
  const char *path = text_of(step, CHDIR_PATH);
  int rc = sys_chdir(path);
  if (rc == -ENOENT && number_of(step, CHDIR_CREATE)) {
    rc = make_directories(path);
    if (rc == 0) rc = sys_chdir(path);
  }
  if (rc < 0) return rc;
  /* A path through /proc/self/fd could have led to a directory of the host: the kernel calls that "(unreachable)". */
  long length = checked(syscall(SYS_getcwd, where, sizeof where));
  if (length < 0) return (int)length;
  return where[0] == '/' ? 0 : -EXDEV;
}

int op_umask(struct run *run, const struct step *step) {
  (void)run;
  syscall(SYS_umask, (unsigned)number_of(step, UMASK_MASK));
  return 0;
}

int op_personality(struct run *run, const struct step *step) {
  (void)run;
  long rc = checked(syscall(SYS_personality, (unsigned long)number_of(step, PERSONALITY_PERSONA)));
  return rc < 0 ? (int)rc : 0;
}

int op_parent_death_signal(struct run *run, const struct step *step) {
  (void)run;
  return sys_prctl(PR_SET_PDEATHSIG, (unsigned long)number_of(step, PARENT_DEATH_SIGNAL_SIGNAL), 0, 0, 0);
}
