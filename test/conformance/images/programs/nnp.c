// Prints the user that it runs as; installed setuid root, it shows whether privileges can be gained.
#include <stdio.h>
#include <unistd.h>

int main(void) {
  printf("Effective uid: %u\n", (unsigned)geteuid());
  return 0;
}
