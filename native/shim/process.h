/* A process that the shim holds: the container's init or the process of an exec session, with its streams. */
#ifndef NODELET_PROCESS_H
#define NODELET_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "buffer.h"

enum { STREAM_OUT, STREAM_ERR, STREAM_COUNT };
enum { STDIN_NULL, STDIN_OPEN, STDIN_ONCE };

struct process {
  pid_t pid;
  bool tty;
  int stdin_mode;
  /* The shim's ends. With a terminal the master is output[STREAM_OUT], and input is the same number. */
  int input;
  int output[STREAM_COUNT];
  /* The process's ends, as far as the child has not taken them over; in the host only until the plan has ended. */
  int theirs[3];
  bool piped[STREAM_COUNT]; /* there is such a stream to report about */
  struct buffer pending;    /* input that the process did not take yet */
  bool input_closing;       /* close the input once `pending` is empty */
};

void process_init(struct process *process);
/* Closes what only the process itself needs. */
void process_close_theirs(struct process *process);
void process_close(struct process *process);
/* Input from a connection: written at once as far as possible, the rest kept. */
void process_write(struct process *process, const uint8_t *data, size_t size);
/* Writes what is kept. */
void process_flush(struct process *process);
/* No more input will come. A terminal stays open. */
void process_end_input(struct process *process);
void process_close_output(struct process *process, int stream);
int process_resize(const struct process *process, unsigned columns, unsigned rows);

#endif
