/* The interpreter: runs the steps of one actor, keeps their results, undoes a plan that failed. */
#include "run.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include "container.h"
#include "syscalls.h"
#include "text.h"

#define ENTRY(code, name) [code] = op_##name,
static operation *const operations[OP_MAX + 1] = {FOR_EACH_OPERATION(ENTRY)};
#undef ENTRY

/* The plan's memory, given back once it is not needed: by the host after the start, by an actor that stays. */
static struct {
  void *frame, *arena;
  size_t frame_size, arena_size;
} held;

void run_hold(void *frame, size_t frame_size, void *arena, size_t arena_size) {
  held.frame = frame;
  held.frame_size = frame_size;
  held.arena = arena;
  held.arena_size = arena_size;
}

void run_unmap(struct run *run) {
  pages_unmap(run->shared, run->shared_size);
  run->shared = NULL;
  pages_unmap(held.frame, held.frame_size);
  pages_unmap(held.arena, held.arena_size);
  held.frame = held.arena = NULL;
}

void set_detail(struct run *run, const char *text) {
  struct text detail = text_in(run->detail, sizeof run->detail);
  text_add(&detail, text);
}

int register_set(struct run *run, const struct step *step, int index, int fd) {
  if (fd < 0) return fd;
  int64_t reg = number_of(step, index);
  if (run->registers[reg] >= 0) {
    sys_close(fd);
    return -EEXIST; /* a plan that loses track of a descriptor is wrong */
  }
  run->registers[reg] = fd;
  return 0;
}

void failure_record(struct run *run, int step, int error, const char *detail) {
  int expected = FAILURE_NONE;
  struct shared *shared = run->shared;
  if (!atomic_compare_exchange_strong(&shared->failure, &expected, FAILURE_CLAIMED)) return;
  shared->failed_step = step;
  shared->failed_error = error;
  struct text text = text_in(shared->detail, sizeof shared->detail);
  text_add(&text, detail);
  shared->failure = FAILURE_WRITTEN;
}

bool failure_known(const struct run *run) { return run->shared->failure != FAILURE_NONE; }

static bool tolerated(const struct step *step, int error) {
  switch (step->tolerance) {
  case TOLERATE_MISSING:
    return error == ENOENT || error == ENOTDIR;
  case TOLERATE_DENIED:
    return error == EPERM || error == EACCES || error == EROFS;
  case TOLERATE_ANY:
    return true;
  default:
    return false;
  }
}

/* What a failing step concerns: what it said itself, else its first string. */
static const char *detail_of(const struct run *run, const struct step *step) {
  if (run->detail[0]) return run->detail;
  const char *kinds = op_signatures[step->code].args;
  for (int i = 0; kinds[i]; i++) {
    if (kinds[i] == 's' && length_of(step, i)) return text_of(step, i);
    if (kinds[i] == 'l' && length_of(step, i)) return list_of(step, i)[0];
  }
  return "";
}

int run_steps(struct run *run, size_t first) {
  for (size_t i = first; i < run->plan.count; i++) {
    const struct step *step = &run->plan.steps[i];
    if (who_of_actor(step->actor) != run->me) continue;
    struct result *result = &run->shared->results[i];
    run->detail[0] = 0;
    result->started = monotonic_ns();
    int rc = operations[step->code](run, step);
    result->duration = monotonic_ns() - result->started;
    result->error = -rc;
    if (rc < 0 && !tolerated(step, -rc)) {
      failure_record(run, (int)i, -rc, detail_of(run, step));
      return rc;
    }
  }
  return 0;
}

/* Waits for every actor to end, or to become what it stays. */
static int await_actors(struct run *run) {
  for (int who = WHO_JOINED; who < WHO_COUNT; who++) {
    if (run->plan.forked_at[who] < 0) continue;
    int rc = actor_await_end(run, (enum who)who);
    if (rc < 0) {
      failure_record(run, run->plan.forked_at[who], -rc, run->detail);
      return rc;
    }
    if (run->shared->ending[who] == ENDING_DONE && run->shared->pids[who] > 0) {
      waitid(P_PID, (id_t)run->shared->pids[who], NULL, WEXITED | __WALL);
      run->shared->pids[who] = 0;
    }
  }
  return 0;
}

int run_plan(struct run *run) {
  run->me = WHO_HOST;
  for (int i = 0; i < REGISTER_COUNT; i++) run->registers[i] = -1;
  for (int a = 0; a < WHO_COUNT; a++) {
    run->pidfds[a] = -1;
    for (int b = 0; b < WHO_COUNT; b++) run->channels[a][b] = -1;
  }
  run->shared_size = sizeof(struct shared) + run->plan.count * sizeof(struct result);
  void *pages = mmap(NULL, run->shared_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return -ENOMEM;
  run->shared = pages;

  int rc = actors_prepare(run);
  if (rc < 0) failure_record(run, 0, -rc, "");
  if (rc == 0) rc = run_steps(run, 0);
  if (rc == 0) rc = await_actors(run);
  if (rc < 0) run_undo(run);
  return rc;
}

/* Ends what runs in the cgroup that the child was started in; an exec session shares it with the container. */
static void kill_cgroup(struct run *run) {
  int forked_at = run->plan.forked_at[WHO_CHILD];
  if (run->exec_session || forked_at < 0 || !run->shared->results[forked_at].started) return;
  int cgroup = register_of(run, &run->plan.steps[forked_at], FORK_CGROUP);
  if (cgroup < 0) return;
  int cleanup_close fd = sys_openat(cgroup, "cgroup.kill", O_WRONLY, 0);
  if (fd >= 0) sys_write(fd, "1", 1);
}

void run_undo(struct run *run) {
  if (!run->shared) return;
  actors_kill(run);
  kill_cgroup(run);
  for (size_t i = run->plan.count; i-- > 0;) {
    const struct step *step = &run->plan.steps[i];
    const struct result *result = &run->shared->results[i];
    if (step->actor != ACTOR_HOST || !result->started || result->error) continue;
    if (step->code == OP_PIN) {
      sys_umount2(text_of(step, PIN_PATH), MNT_DETACH);
      sys_unlinkat(AT_FDCWD, text_of(step, PIN_PATH));
    }
    if (step->code == OP_LISTEN) sys_unlinkat(directory_of(run, step, LISTEN_AT), text_of(step, LISTEN_NAME));
  }
}

static bool container_keeps(int fd) {
  return fd == container.cgroup || fd == container.root || fd == container.exit_directory || fd == container.pidfd;
}

void run_release(struct run *run) {
  for (int i = 0; i < REGISTER_COUNT; i++) {
    if (run->registers[i] < 0 || container_keeps(run->registers[i])) continue;
    for (int who = 0; who < WHO_COUNT; who++) {
      if (run->pidfds[who] == run->registers[i]) run->pidfds[who] = -1; /* one descriptor, two names */
    }
    close_descriptor(&run->registers[i]);
  }
  for (int who = 0; who < WHO_COUNT; who++) {
    if (!container_keeps(run->pidfds[who])) close_descriptor(&run->pidfds[who]);
    for (int other = 0; other < WHO_COUNT; other++) close_descriptor(&run->channels[who][other]);
  }
  run_unmap(run);
}
