/* The daemon's helper processes end with it, also those that are stuck before their own code runs. */
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "helper.h"
#include "syscalls.h"

#define CANNOT_START 127

int helper_main(int argc, char **argv) {
  if (argc < 2 || sys_prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return CANNOT_START;
  /* It went before the kernel was told to look after it. */
  if (getppid() != (pid_t)strtol(argv[0], NULL, 10)) return CANNOT_START;
  execv(argv[1], argv + 1);
  return CANNOT_START;
}
