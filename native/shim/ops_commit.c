/* The operations that hand over to the daemon: everything is set up, the entrypoint waits for its word. */
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include "container.h"
#include "protocol.h"
#include "run.h"
#include "syscalls.h"

static pid_t init_of(const struct run *run) {
  int child = run->shared->pids[WHO_CHILD];
  return child ? child : run->shared->pids[WHO_JOINED];
}

static int send_ready(const struct run *run) {
  struct report report;
  int rc = report_pid(run, (uint32_t)init_of(run), &report);
  if (rc < 0) return rc;
  rc = frame_send(run->control, FRAME_READY, report.bytes, report.size);
  report_free(&report);
  return rc;
}

static int answer(const struct run *run, int error) {
  uint8_t payload[4], *at = payload;
  put_number(&at, (uint32_t)error, 4);
  return frame_send(run->control, FRAME_DONE, payload, sizeof payload);
}

/* Reads one frame. 1 for COMMIT. A signal goes to the actor, which gets it when it becomes the workload. */
static int take_frame(const struct run *run) {
  uint8_t header[FRAME_HEADER], payload[12];
  int rc = receive_all(run->control, header, sizeof header);
  if (rc < 0) return rc;
  uint32_t length = (uint32_t)get_number(header, 4);
  enum frame_type type = (enum frame_type)get_number(header + 4, 2);
  if (length > sizeof payload) return -EPROTO; /* nothing so long makes sense here */
  rc = receive_all(run->control, payload, length);
  if (rc < 0) return rc;
  if (type == FRAME_COMMIT) return 1;
  if (type != FRAME_SIGNAL || length != 12) return frame_error(run->control, "the container waits for COMMIT");
  uint32_t pid = (uint32_t)get_number(payload, 4);
  pid_t init = init_of(run);
  return answer(run, pid != 0 || init <= 0 ? ESRCH : -sys_kill(init, (int)get_number(payload + 4, 4)));
}

void commit_drain(struct run *run) {
  if (!run->announced || run->committed || !run->shared) return;
  while (take_frame(run) == 0) continue;
}

/* The end of an actor before it is due: 1 when one has gone, 0 otherwise. */
static int actor_has_gone(const struct run *run, const struct pollfd *set, const int *whose, int count) {
  for (int i = 0; i < count; i++) {
    if (set[i].revents && run->shared->ending[whose[i]] == ENDING_NONE) return whose[i];
  }
  return 0;
}

int op_announce(struct run *run, const struct step *step) {
  (void)step;
  if (send_ready(run) < 0) return -ECONNABORTED;
  run->announced = true;
  return 0;
}

int op_commit(struct run *run, const struct step *step) {
  (void)step;
  int rc = run->announced ? 0 : send_ready(run);
  if (rc < 0) return -ECONNABORTED;
  container.state = STATE_SET_UP;
  for (;;) {
    struct pollfd set[WHO_COUNT];
    int whose[WHO_COUNT], count = 0;
    for (int who = WHO_JOINED; who < WHO_COUNT; who++) {
      if (run->channels[WHO_HOST][who] < 0 || run->shared->ending[who] != ENDING_NONE) continue;
      whose[count] = who;
      /* No events: only the end of the actor matters, its messages are for a later step. */
      set[count++] = (struct pollfd){.fd = run->channels[WHO_HOST][who]};
    }
    set[count] = (struct pollfd){.fd = run->control, .events = POLLIN};
    long ready = checked(ppoll(set, (nfds_t)count + 1, NULL, NULL));
    if (ready < 0 && ready != -EINTR) return (int)ready;
    if (ready <= 0) continue;
    int gone = actor_has_gone(run, set, whose, count);
    if (gone) {
      rc = actor_await_end(run, (enum who)gone);
      return rc < 0 ? rc : -ESRCH;
    }
    if (!set[count].revents) continue;
    rc = take_frame(run);
    if (rc == 1) {
      run->committed = true;
      return 0;
    }
    if (rc < 0) return rc == -EPIPE || rc == -ECONNRESET ? -ECONNABORTED : rc;
  }
}
