#include "exit.h"

#include <signal.h>

#include "connections.h"
#include "container.h"
#include "log.h"
#include "sessions.h"
#include "syscalls.h"
#include "text.h"

#define DRAIN_MS 2000
/* Without a cgroup a process that was left behind cannot be ended: its silence is the end of the output. */
#define QUIET_MS 200
#define TELL_MS 1000
#define RECORD_MODE 0600

static struct {
  int code, signal;
  uint64_t at; /* realtime ns */
  uint64_t drain_until, quiet_until;
  bool killed_all;
} ended;

static bool kill_cgroup(void) {
  if (container.cgroup < 0) return false;
  int cleanup_close fd = sys_openat(container.cgroup, "cgroup.kill", O_WRONLY, 0);
  return fd >= 0 && sys_write(fd, "1", 1) == 1;
}

void exit_begin(const siginfo_t *info) {
  exit_status(info, &ended.code, &ended.signal);
  ended.at = clock_ns(CLOCK_REALTIME);
  container.state = STATE_EXITED;
  ended.killed_all = kill_cgroup();
  ended.drain_until = monotonic_ms() + DRAIN_MS;
  exit_output();
}

void exit_output(void) { ended.quiet_until = monotonic_ms() + QUIET_MS; }

bool exit_drained(uint64_t now) {
  const struct process *process = &container.process;
  if (now >= ended.drain_until) return true;
  if (sessions_active()) return false;
  if (process->output[STREAM_OUT] < 0 && process->output[STREAM_ERR] < 0) return true;
  return !ended.killed_all && now >= ended.quiet_until;
}

uint64_t exit_deadline(void) {
  bool quiet_matters = !ended.killed_all && ended.quiet_until < ended.drain_until && !sessions_active();
  return quiet_matters ? ended.quiet_until : ended.drain_until;
}

static int write_record(void) {
  char record[256];
  struct text text = text_in(record, sizeof record);
  text_add(&text, "{\"version\":1,\"pid\":");
  text_number(&text, (uint64_t)container.process.pid);
  text_add(&text, ",\"exitCode\":");
  text_number(&text, (uint64_t)ended.code);
  text_add(&text, ",\"signal\":");
  text_number(&text, (uint64_t)ended.signal);
  text_add(&text, ",\"startedAt\":\"");
  text_number(&text, container.started_at);
  text_add(&text, "\",\"finishedAt\":\"");
  text_number(&text, ended.at);
  text_add(&text, "\"}\n");

  char temporary[sizeof container.exit_name];
  struct text name = text_in(temporary, sizeof temporary);
  text_add(&name, container.exit_name);
  text_add(&name, ".tmp");
  int cleanup_close fd =
    sys_openat(container.exit_directory, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, RECORD_MODE);
  if (fd < 0) return fd;
  ssize_t written = sys_write(fd, record, text_length(&text));
  if (written != (ssize_t)text_length(&text)) return written < 0 ? (int)written : -EIO;
  return (int)checked(
    syscall(SYS_renameat2, container.exit_directory, temporary, container.exit_directory, container.exit_name, 0));
}

void exit_finish(void) {
  sessions_sweep(monotonic_ms(), true);
  for (int stream = 0; stream < STREAM_COUNT; stream++) {
    if (container.process.output[stream] < 0) continue;
    log_end(stream);
    connections_output(stream, NULL, 0);
  }
  log_close();
  /* A record that cannot be written is not waited for: the daemon then learns the exit from EXITED, or that it is unknown. */
  if (container.exit_directory >= 0) write_record();
  waitid(P_PID, (id_t)container.process.pid, NULL, WEXITED | __WALL);
  connections_finish(ended.code, ended.signal, ended.at, TELL_MS);
}
