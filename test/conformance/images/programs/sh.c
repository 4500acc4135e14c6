// /bin/sh of the busybox image: Debian's busybox drops variables whose names have a dash, which `sh -c env` is to print.
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "-c") == 0 && strcmp(argv[2], "env") == 0)
    execl("/bin/busybox", "env", (char *)NULL);
  else
    execv("/bin/busybox", argv);
  return 127;
}
