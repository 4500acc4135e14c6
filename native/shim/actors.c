/* The processes of a plan: how they start, order each other and end. */
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "protocol.h"
#include "run.h"
#include "syscalls.h"
#include "text.h"

/* How long an actor may take to die once it was killed; one that sleeps in the kernel for longer is left behind. */
#define KILL_TIMEOUT_MS 5000

/* Every pair of actors of the plan shares a socket pair: a message passes a `wait`, its end tells that the peer has gone. */
int actors_prepare(struct run *run) {
  for (int a = 0; a < WHO_COUNT; a++) {
    for (int b = a + 1; b < WHO_COUNT; b++) {
      if ((a != WHO_HOST && run->plan.forked_at[a] < 0) || run->plan.forked_at[b] < 0) continue;
      int ends[2];
      long rc = checked(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
      if (rc < 0) return (int)rc;
      run->channels[a][b] = ends[0];
      run->channels[b][a] = ends[1];
    }
  }
  return 0;
}

static void close_channels(struct run *run, int whose) {
  for (int other = 0; other < WHO_COUNT; other++) close_descriptor(&run->channels[whose][other]);
}

/* True when the ends of `whose` are kept open only to be inherited by an actor that `starter` still has to start. */
static bool starts(const struct run *run, int starter, int whose) {
  return run->plan.forked_at[whose] >= 0 && run->plan.forked_by[whose] == starter;
}

_Noreturn static void actor_main(struct run *run, enum who who, size_t first) {
  run->me = who;
  for (int other = 0; other < WHO_COUNT; other++) {
    if (other != (int)who && !starts(run, (int)who, other)) close_channels(run, other);
  }
  if (run_steps(run, first) < 0) _exit(1);
  run->shared->ending[who] = ENDING_DONE;
  _exit(0);
}

int actor_fork(struct run *run, enum who who, uint64_t flags, int cgroup, size_t next_step) {
  int pidfd = -1;
  struct clone_args args = {
    .flags = flags | CLONE_PARENT_SETTID,
    .parent_tid = (uintptr_t)&run->shared->pids[who],
  };
  if (run->me == WHO_HOST) {
    args.flags |= CLONE_PIDFD;
    args.pidfd = (uintptr_t)&pidfd;
    args.exit_signal = SIGCHLD;
  } else {
    args.flags |= CLONE_PARENT; /* the host's child; it dies with the signal that its sibling was given */
  }
  if (cgroup >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = (uint64_t)cgroup;
  }
  long pid = checked(syscall(SYS_clone3, &args, sizeof args));
  if (pid < 0) return (int)pid;
  if (pid == 0) actor_main(run, who, next_step);
  if (run->me == WHO_HOST) run->pidfds[who] = pidfd;
  close_channels(run, (int)who);
  for (int other = 0; other < WHO_COUNT; other++) {
    if (starts(run, (int)who, other)) close_channels(run, other);
  }
  return 0;
}

int actor_pid(struct run *run, enum who who) { return run->shared->pids[who]; }

int channel_send(struct run *run, enum who who, char message, int fd) {
  int channel = run->channels[run->me][who];
  if (channel < 0) return -ESRCH;
  if (fd < 0) {
    ssize_t sent = checked(sendto(channel, &message, 1, MSG_NOSIGNAL, NULL, 0));
    if (sent == -EPIPE || sent == -ECONNRESET) return -ECANCELED;
    return sent < 0 ? (int)sent : 0;
  }
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control = {0};
  struct iovec part = {&message, 1};
  struct msghdr header = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(rights), &fd, sizeof fd);
  ssize_t sent = checked(sendmsg(channel, &header, MSG_NOSIGNAL));
  return sent < 0 ? (int)sent : 0;
}

static const char *const who_names[WHO_COUNT] = {"the host", "the joined actor", "the child"};

/* An actor has gone. -ECANCELED after its own report, or after one made here. */
static int actor_gone(struct run *run, enum who who) {
  if (failure_known(run)) return -ECANCELED;
  struct text detail = text_in(run->detail, sizeof run->detail);
  text_add(&detail, who_names[who]);
  text_add(&detail, " ended early");
  siginfo_t info = {0};
  int pid = actor_pid(run, who);
  if (run->me == WHO_HOST && pid > 0 && checked(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | __WALL)) == 0 &&
      info.si_code != CLD_EXITED) {
    text_add(&detail, ", killed by signal ");
    text_number(&detail, (uint64_t)info.si_status);
  }
  return -ESRCH;
}

/* The time that is left of the host's limit; NULL: there is none. Negative errno when it is over. */
static int time_left(const struct run *run, struct timespec *left, struct timespec **timeout) {
  *timeout = NULL;
  if (run->me != WHO_HOST || !run->deadline) return 0;
  uint64_t now = monotonic_ms();
  if (now >= run->deadline) return -ETIMEDOUT;
  *left = (struct timespec){.tv_sec = (time_t)((run->deadline - now) / 1000),
                            .tv_nsec = (long)((run->deadline - now) % 1000) * 1000000};
  *timeout = left;
  return 0;
}

/* Waits until the channel of an actor has something to read. The host gives up when another actor has failed, or when the daemon
 * has gone before it committed. */
static int channel_poll(struct run *run, enum who who) {
  for (;;) {
    struct pollfd set[WHO_COUNT + 1] = {{.fd = run->channels[run->me][who], .events = POLLIN}};
    int whose[WHO_COUNT + 1] = {(int)who}, count = 1;
    for (int other = WHO_JOINED; run->me == WHO_HOST && other < WHO_COUNT; other++) {
      if (other == (int)who || run->channels[WHO_HOST][other] < 0 || run->shared->ending[other] != ENDING_NONE) continue;
      whose[count] = other;
      set[count++] = (struct pollfd){.fd = run->channels[WHO_HOST][other]}; /* its end only */
    }
    int actors = count;
    if (run->me == WHO_HOST && run->control >= 0 && !run->committed) {
      set[count++] = (struct pollfd){.fd = run->control, .events = POLLRDHUP};
    }
    struct timespec left, *timeout;
    int rc = time_left(run, &left, &timeout);
    if (rc < 0) return rc;
    long ready = checked(ppoll(set, (nfds_t)count, timeout, NULL));
    if (ready < 0 && ready != -EINTR) return (int)ready;
    if (ready <= 0) continue;
    if (set[0].revents) return 0;
    for (int i = 1; i < actors; i++) {
      if (set[i].revents && run->shared->ending[whose[i]] == ENDING_NONE) return actor_gone(run, (enum who)whose[i]);
    }
    if (count > actors && set[actors].revents) return -ECONNABORTED;
  }
}

/* The terminal of the process this plan is about. */
static int terminal_set(struct run *run, int master) {
  if (!run->process || run->process->output[STREAM_OUT] >= 0) {
    sys_close(master);
    return -EPROTO;
  }
  run->process->output[STREAM_OUT] = master;
  run->process->input = master;
  sys_fcntl(master, F_SETFL, O_NONBLOCK);
  return 0;
}

/* One message from an actor: 1, or 0 when it has gone, or a negative errno. A terminal is taken in on the way; a given descriptor
 * goes to `given`, which is NULL where none is expected. */
static int channel_receive(struct run *run, enum who who, int *given) {
  int channel = run->channels[run->me][who];
  if (channel < 0) return 0;
  for (;;) {
    int rc = channel_poll(run, who);
    if (rc < 0) return rc;
    union {
      struct cmsghdr align;
      char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    char message;
    struct iovec part = {&message, 1};
    struct msghdr header = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t got = checked(recvmsg(channel, &header, MSG_CMSG_CLOEXEC));
    if (got == -EINTR) continue;
    if (got == -ECONNRESET) return 0;
    if (got <= 0) return (int)got;
    if (message == MESSAGE_SIGNAL) return given ? -EPROTO : 1;
    struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
    if (!rights || rights->cmsg_type != SCM_RIGHTS) return -EPROTO;
    int fd;
    memcpy(&fd, CMSG_DATA(rights), sizeof fd);
    if (message == MESSAGE_GIVEN && given) {
      *given = fd;
      return 1;
    }
    if (message != MESSAGE_TERMINAL) {
      sys_close(fd);
      return -EPROTO;
    }
    rc = terminal_set(run, fd);
    if (rc < 0) return rc;
  }
}

/* pidfds of the actors that another actor started. */
static int open_pidfds(struct run *run) {
  for (int who = 0; run->me == WHO_HOST && who < WHO_COUNT; who++) {
    if (run->pidfds[who] >= 0 || run->plan.forked_by[who] == WHO_HOST || run->shared->pids[who] == 0) continue;
    int fd = sys_pidfd_open(run->shared->pids[who]);
    if (fd < 0) return fd;
    run->pidfds[who] = fd;
  }
  return 0;
}

int actor_wait(struct run *run, enum who who) {
  int rc = channel_receive(run, who, NULL);
  if (rc < 0) return rc;
  if (rc == 0) return actor_gone(run, who);
  return open_pidfds(run);
}

int actor_take(struct run *run, enum who who) {
  int given;
  int rc = channel_receive(run, who, &given);
  if (rc == 0) return actor_gone(run, who);
  return rc < 0 ? rc : given;
}

/* The last step of an actor that became another program never returned: it lasted until now. */
static void close_last_step(struct run *run, enum who who) {
  uint64_t now = monotonic_ns();
  for (size_t i = run->plan.count; i-- > 0;) {
    struct result *result = &run->shared->results[i];
    if (who_of_actor(run->plan.steps[i].actor) != who || !result->started) continue;
    if (result->duration == 0 && result->error == 0) result->duration = now - result->started;
    return;
  }
}

int actor_await_end(struct run *run, enum who who) {
  if (run->channels[WHO_HOST][who] < 0) return 0; /* seen before */
  int rc;
  do rc = channel_receive(run, who, NULL);
  while (rc > 0);
  if (rc < 0) return rc;
  close_descriptor(&run->channels[WHO_HOST][who]);
  if (failure_known(run)) return -ECANCELED;
  switch (run->shared->ending[who]) {
  case ENDING_NONE:
    return actor_gone(run, who);
  case ENDING_EXEC:
  case ENDING_PAUSE:
    close_last_step(run, who);
    return open_pidfds(run);
  default:
    return 0;
  }
}

int actors_kill(struct run *run) {
  int result = 0;
  for (int who = WHO_JOINED; who < WHO_COUNT; who++) {
    if (run->shared->pids[who] > 0) sys_kill(run->shared->pids[who], SIGKILL);
  }
  /* `joined` first: after it no further child can appear. */
  for (int who = WHO_JOINED; who < WHO_COUNT; who++) {
    int pid = run->shared->pids[who];
    if (pid <= 0) continue;
    sys_kill(pid, SIGKILL);
    if (run->pidfds[who] < 0) run->pidfds[who] = sys_pidfd_open(pid);
    struct pollfd end = {.fd = run->pidfds[who], .events = POLLIN};
    struct timespec limit = {.tv_sec = KILL_TIMEOUT_MS / 1000};
    if (checked(ppoll(&end, 1, &limit, NULL)) == 0) {
      result = -ETIMEDOUT;
      continue;
    }
    waitid(P_PID, (id_t)pid, NULL, WEXITED | __WALL);
    run->shared->pids[who] = 0;
  }
  return result;
}
