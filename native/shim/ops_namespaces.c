/* Operations that start actors, order them and set up namespaces. */
#include <linux/bpf.h>
#include <linux/sched.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "container.h"
#include "run.h"
#include "syscalls.h"
#include "text.h"

#define NEW_NAMESPACES                                                                                                       \
  (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME)

#define PROC_PATH_MAX 64

static enum who who_of(const struct step *step, int index) { return who_of_actor((int)number_of(step, index)); }

int op_fork(struct run *run, const struct step *step) {
  enum who who = who_of(step, FORK_WHO);
  uint64_t flags = (uint64_t)number_of(step, FORK_FLAGS);
  if (flags & ~(uint64_t)NEW_NAMESPACES) return -EINVAL;
  int cgroup = -1;
  if (number_of(step, FORK_CGROUP) >= 0) {
    cgroup = register_of(run, step, FORK_CGROUP);
    if (cgroup < 0) return -EBADF;
  }
  int rc = actor_fork(run, who, flags, cgroup, (size_t)(step - run->plan.steps) + 1);
  if (rc < 0 || number_of(step, FORK_OUT) < 0) return rc;
  return register_set(run, step, FORK_OUT, run->pidfds[who]);
}

int op_setns(struct run *run, const struct step *step) {
  return (int)checked(syscall(SYS_setns, register_of(run, step, SETNS_REG), (int)number_of(step, SETNS_TYPES)));
}

int op_unshare(struct run *run, const struct step *step) {
  (void)run;
  return (int)checked(syscall(SYS_unshare, (unsigned long)number_of(step, UNSHARE_FLAGS)));
}

int op_pidfd(struct run *run, const struct step *step) {
  int64_t pid = number_of(step, PIDFD_PID);
  if (pid == 0) pid = container.process.pid;
  if (pid <= 0 || pid > INT32_MAX) return -ESRCH;
  return register_set(run, step, PIDFD_OUT, sys_pidfd_open((pid_t)pid));
}

static int write_map(struct run *run, int pid, const char *name, const char *map) {
  char path[PROC_PATH_MAX];
  text_join(path, sizeof path, "/proc/", (uint64_t)pid, name);
  set_detail(run, path);
  int cleanup_close fd = sys_openat(AT_FDCWD, path, O_WRONLY, 0);
  if (fd < 0) return fd;
  ssize_t written = sys_write(fd, map, strlen(map));
  return written < 0 ? (int)written : 0;
}

int op_map_ids(struct run *run, const struct step *step) {
  int pid = actor_pid(run, who_of(step, MAP_IDS_WHO));
  if (pid <= 0) return -ESRCH;
  int rc = write_map(run, pid, "/uid_map", text_of(step, MAP_IDS_UIDS));
  return rc < 0 ? rc : write_map(run, pid, "/gid_map", text_of(step, MAP_IDS_GIDS));
}

int op_pin(struct run *run, const struct step *step) {
  const char *name = text_of(step, PIN_NAMESPACE), *path = text_of(step, PIN_PATH);
  int pid = actor_pid(run, who_of(step, PIN_WHO));
  if (pid <= 0) return -ESRCH;
  set_detail(run, path);
  if (strchr(name, '/') || strlen(name) > 16) return -EINVAL;
  char source[PROC_PATH_MAX];
  text_join(source, sizeof source, "/proc/", (uint64_t)pid, "/ns/");
  struct text text = {.start = source, .at = source + strlen(source), .end = source + sizeof source - 1};
  text_add(&text, name);

  int fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_CREAT | O_EXCL, 0444);
  if (fd < 0) return fd;
  sys_close(fd);
  int rc = sys_mount(source, path, NULL, MS_BIND, NULL);
  if (rc < 0) sys_unlinkat(AT_FDCWD, path);
  return rc;
}

int op_signal(struct run *run, const struct step *step) {
  return channel_send(run, who_of(step, SIGNAL_WHO), MESSAGE_SIGNAL, -1);
}

int op_give(struct run *run, const struct step *step) {
  int fd = register_of(run, step, GIVE_REG);
  if (fd < 0) return -EBADF;
  return channel_send(run, who_of(step, GIVE_WHO), MESSAGE_GIVEN, fd);
}

int op_take(struct run *run, const struct step *step) {
  int fd = actor_take(run, who_of(step, TAKE_WHO));
  return fd < 0 ? fd : register_set(run, step, TAKE_OUT, fd);
}

int op_wait(struct run *run, const struct step *step) { return actor_wait(run, who_of(step, WAIT_WHO)); }

int op_started(struct run *run, const struct step *step) { return actor_await_end(run, who_of(step, STARTED_WHO)); }

int op_hostname(struct run *run, const struct step *step) {
  (void)run;
  return (int)checked(syscall(SYS_sethostname, text_of(step, HOSTNAME_NAME), (size_t)length_of(step, HOSTNAME_NAME)));
}

int op_domainname(struct run *run, const struct step *step) {
  (void)run;
  return (int)checked(syscall(SYS_setdomainname, text_of(step, DOMAINNAME_NAME), (size_t)length_of(step, DOMAINNAME_NAME)));
}

int op_link_up(struct run *run, const struct step *step) {
  (void)run;
  struct ifreq request = {0};
  if (length_of(step, LINK_UP_NAME) >= sizeof request.ifr_name) return -ENAMETOOLONG;
  memcpy(request.ifr_name, text_of(step, LINK_UP_NAME), length_of(step, LINK_UP_NAME));
  int cleanup_close fd = (int)checked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (fd < 0) return fd;
  long rc = checked(ioctl(fd, SIOCGIFFLAGS, &request));
  if (rc < 0) return (int)rc;
  request.ifr_flags |= IFF_UP;
  return (int)checked(ioctl(fd, SIOCSIFFLAGS, &request));
}

static int sys_bpf(int command, union bpf_attr *attributes) {
  return (int)checked(syscall(SYS_bpf, command, attributes, sizeof *attributes));
}

int op_device_program(struct run *run, const struct step *step) {
  uint32_t size = length_of(step, DEVICE_PROGRAM_PROGRAM);
  if (size == 0 || size % sizeof(struct bpf_insn) != 0) return -EINVAL;
  int cgroup = register_of(run, step, DEVICE_PROGRAM_CGROUP);
  if (cgroup < 0) return -EBADF;
  union bpf_attr load;
  memset(&load, 0, sizeof load); /* the kernel wants the padding zero too */
  load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  load.insns = (uintptr_t)text_of(step, DEVICE_PROGRAM_PROGRAM);
  load.insn_cnt = size / (uint32_t)sizeof(struct bpf_insn);
  load.license = (uintptr_t) "Apache-2.0";
  int cleanup_close program = sys_bpf(BPF_PROG_LOAD, &load);
  if (program < 0) return program;
  union bpf_attr attach;
  memset(&attach, 0, sizeof attach);
  attach.target_fd = (uint32_t)cgroup;
  attach.attach_bpf_fd = (uint32_t)program;
  attach.attach_type = BPF_CGROUP_DEVICE;
  attach.attach_flags = BPF_F_ALLOW_MULTI;
  return sys_bpf(BPF_PROG_ATTACH, &attach);
}
