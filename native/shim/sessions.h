/* Exec sessions: processes that joined the running container. */
#ifndef NODELET_SESSIONS_H
#define NODELET_SESSIONS_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/wait.h>

#include "process.h"

#define SESSIONS_MAX 64

struct connection;
struct session {
  bool used;
  bool ended; /* its process was reaped; output may still be on its way */
  int code, signal;
  uint64_t ended_at;    /* realtime ns */
  uint64_t quiet_until; /* monotonic ms: output that comes no later is waited for */
  uint64_t drain_until;
  struct process process;
  struct connection *connection; /* NULL: it has gone, the process goes on */
};

extern struct session sessions[SESSIONS_MAX];

/* Runs the plan of an EXEC frame; `plan` is mapped and taken over. The connection becomes the session's. */
void session_start(struct connection *connection, uint8_t *plan, size_t size);
/* True when the process was one of a session. It is reaped. */
bool session_reap(pid_t pid);
/* All sessions whose process has ended. */
void sessions_reap(void);
void session_output(struct session *session, int stream, const uint8_t *data, size_t size);
struct session *session_of_pid(pid_t pid);
/* Ends the sessions whose output is complete, or all whose process has ended. */
void sessions_sweep(uint64_t now, bool all);
uint64_t sessions_deadline(void);
bool sessions_active(void);

/* What siginfo says, as a shell would: 128 and the signal when one ended it. */
void exit_status(const siginfo_t *info, int *code, int *signal);

#endif
