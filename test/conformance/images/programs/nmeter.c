// The part of busybox's nmeter that test suites use, which Debian builds busybox without: `nmeter -d MS "%3t..."` prints the time
// of day, UTC, each MS milliseconds (default 1000).
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(int argc, char **argv) {
  long milliseconds = 1000;
  for (int i = 1; i < argc; i++) {
    if (strncmp(argv[i], "-d", 2) != 0) continue;
    const char *value = argv[i][2] != '\0' ? argv[i] + 2 : i + 1 < argc ? argv[++i] : "1000";
    milliseconds = strtol(value, NULL, 10);
  }
  struct timespec pause = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
  for (;;) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct tm utc;
    gmtime_r(&now.tv_sec, &utc);
    printf("%02d:%02d:%02d.%03ld\n", utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec / 1000000);
    fflush(stdout);
    nanosleep(&pause, NULL);
  }
}
