/* One execution of a plan: the interpreter's state, seen by every operation. */
#ifndef NODELET_RUN_H
#define NODELET_RUN_H

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "plan.h"
#include "process.h"

#define DETAIL_MAX 1024

struct result {
  int32_t error; /* positive errno */
  uint64_t started, duration;
};

/* How an actor came to the end of its steps, as it says itself. */
enum ending { ENDING_NONE, ENDING_DONE, ENDING_EXEC, ENDING_PAUSE };

/* Shared by all actors of a plan. After the failure flag is `FAILURE_WRITTEN` the fields of the failure are final. */
enum { FAILURE_NONE, FAILURE_CLAIMED, FAILURE_WRITTEN };
struct shared {
  atomic_int failure;
  int32_t failed_step;
  int32_t failed_error;
  char detail[DETAIL_MAX];
  int32_t pids[WHO_COUNT]; /* in the host's numbering; written by clone3 before the actor runs */
  atomic_int ending[WHO_COUNT];
  int32_t hook_error;
  struct result results[];
};

struct run {
  struct plan plan;
  enum who me;
  bool exec_session;
  int control;       /* the connection that is told, or -1 */
  bool announced;    /* READY is out */
  bool committed;    /* the end of the control connection does not matter any more */
  uint64_t deadline; /* monotonic ms at which waiting gives up; 0: never */
  int registers[REGISTER_COUNT];
  int channels[WHO_COUNT][WHO_COUNT]; /* [mine][theirs]: the end of the first one */
  int pidfds[WHO_COUNT];
  struct shared *shared;
  size_t shared_size;
  struct process *process; /* whose io this plan describes */
  char detail[256];        /* of the step that fails: a path or name; empty: the step's first string */
};

typedef int operation(struct run *run, const struct step *step);
#define DECLARE_OPERATION(code, name) operation op_##name;
FOR_EACH_OPERATION(DECLARE_OPERATION)
#undef DECLARE_OPERATION

static inline int64_t number_of(const struct step *step, int index) { return step->arguments[index].number; }
static inline const char *text_of(const struct step *step, int index) { return step->arguments[index].text; }
static inline uint32_t length_of(const struct step *step, int index) { return step->arguments[index].length; }
static inline char **list_of(const struct step *step, int index) { return step->arguments[index].list; }

/* The descriptor in a register argument; -1, which no call accepts, when there is none. */
static inline int register_of(const struct run *run, const struct step *step, int index) {
  int64_t reg = number_of(step, index);
  return reg < 0 ? -1 : run->registers[reg];
}
/* The same where NO_REG stands for the working directory. */
static inline int directory_of(const struct run *run, const struct step *step, int index) {
  return number_of(step, index) < 0 ? AT_FDCWD : register_of(run, step, index);
}
/* Puts a fresh descriptor, or passes on the error, into an `out` register. */
int register_set(struct run *run, const struct step *step, int index, int fd);

void set_detail(struct run *run, const char *text);

/* Executes a plan of the host. 0, or a negative errno after everything was undone: run->shared then tells the failure.
 * The caller calls run_release in both cases. */
int run_plan(struct run *run);
/* Undoes a plan that has succeeded so far. */
void run_undo(struct run *run);
void run_release(struct run *run);
/* The calling actor's steps from `first` on. */
int run_steps(struct run *run, size_t first);
/* Gives back the memory of the plan in the process that calls. */
void run_unmap(struct run *run);
/* The plan's memory: the frame it came in and the decoded steps. */
void run_hold(void *frame, size_t frame_size, void *arena, size_t arena_size);

/* ops_commit.c: a plan that has failed behind its announcement takes in the COMMIT that is on its way, as a socket that is closed
 * with something unread loses what was sent last. Ends with the daemon too. */
void commit_drain(struct run *run);

/* actors.c */
#define MESSAGE_SIGNAL 's'
#define MESSAGE_TERMINAL 't' /* with the master's descriptor */
#define MESSAGE_GIVEN 'g'    /* with the descriptor */
int actors_prepare(struct run *run);
int actor_fork(struct run *run, enum who who, uint64_t flags, int cgroup, size_t next_step);
int actor_wait(struct run *run, enum who who);
/* The descriptor that an actor gives; a negative errno. */
int actor_take(struct run *run, enum who who);
int actor_await_end(struct run *run, enum who who);
int actors_kill(struct run *run);
int actor_pid(struct run *run, enum who who);
int channel_send(struct run *run, enum who who, char message, int fd);
/* The first failure of a plan is kept. */
void failure_record(struct run *run, int step, int error, const char *detail);
bool failure_known(const struct run *run);

/* paths.c */
int open_in_root(int root, const char *path, uint64_t flags);
int ensure_path(int root, const char *path, bool directory, int mode);
/* 1 or 0, or a negative errno. */
int file_system_is(int fd, int64_t magic);

#endif
