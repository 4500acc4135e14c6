#include "container.h"

struct container container = {.pidfd = -1, .listener = -1, .cgroup = -1, .root = -1, .exit_directory = -1};
