#include "process.h"

#include <string.h>
#include <sys/ioctl.h>

#include "syscalls.h"

void process_init(struct process *process) {
  *process = (struct process){.input = -1, .output = {-1, -1}, .theirs = {-1, -1, -1}};
}

void process_close_theirs(struct process *process) {
  for (int i = 0; i < 3; i++) {
    /* One descriptor of /dev/null may stand for several streams. */
    for (int other = i + 1; other < 3; other++) {
      if (process->theirs[other] == process->theirs[i]) process->theirs[other] = -1;
    }
    close_descriptor(&process->theirs[i]);
  }
}

static void close_input(struct process *process) {
  buffer_free(&process->pending);
  if (process->tty) process->input = -1;
  else close_descriptor(&process->input);
}

void process_close_output(struct process *process, int stream) {
  if (process->tty) close_input(process); /* the same descriptor */
  close_descriptor(&process->output[stream]);
}

void process_close(struct process *process) {
  close_input(process);
  for (int stream = 0; stream < STREAM_COUNT; stream++) close_descriptor(&process->output[stream]);
  process_close_theirs(process);
}

void process_flush(struct process *process) {
  while (buffer_used(&process->pending) > 0) {
    ssize_t written =
      sys_write(process->input, process->pending.data + process->pending.start, buffer_used(&process->pending));
    if (written == -EAGAIN || written == -EINTR) return;
    if (written < 0) {
      close_input(process); /* nobody reads it any more */
      return;
    }
    buffer_consume(&process->pending, (size_t)written);
  }
  if (process->input_closing && !process->tty) close_input(process);
}

void process_write(struct process *process, const uint8_t *data, size_t size) {
  if (process->input < 0 || process->input_closing || process->stdin_mode == STDIN_NULL) return;
  if (buffer_used(&process->pending) == 0) {
    ssize_t written = sys_write(process->input, data, size);
    if (written < 0 && written != -EAGAIN && written != -EINTR) {
      close_input(process);
      return;
    }
    if (written > 0) {
      data += written;
      size -= (size_t)written;
    }
  }
  if (buffer_append(&process->pending, data, size) < 0) close_input(process);
}

void process_end_input(struct process *process) {
  if (process->tty || process->input < 0) return;
  process->input_closing = true;
  process_flush(process);
}

int process_resize(const struct process *process, unsigned columns, unsigned rows) {
  if (!process->tty || process->output[STREAM_OUT] < 0) return -ENOTTY;
  struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
  return (int)checked(ioctl(process->output[STREAM_OUT], TIOCSWINSZ, &size));
}
