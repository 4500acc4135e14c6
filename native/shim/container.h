/* The container (or the sandbox) that this shim set up: what it keeps of it after the plan. */
#ifndef NODELET_CONTAINER_H
#define NODELET_CONTAINER_H

#include <stdint.h>

#include "process.h"
#include "protocol.h"

struct container {
  enum shim_state state;
  struct process process;
  int pidfd;          /* of init */
  int listener;       /* the shim's socket */
  int cgroup;         /* directory that init was started in, or -1 */
  int root;           /* mount of the root; held until the exit is recorded */
  int exit_directory; /* of the exit record, or -1 */
  char exit_name[128];
  uint64_t started_at; /* realtime ns */
};

extern struct container container;

#endif
