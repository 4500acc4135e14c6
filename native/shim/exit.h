/* The end of the container. */
#ifndef NODELET_EXIT_H
#define NODELET_EXIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/wait.h>

/* Init has ended and is not reaped yet: everything that it left in the container is ended too. */
void exit_begin(const siginfo_t *info);
/* True when the output is complete, or was waited for long enough. */
bool exit_drained(uint64_t now);
uint64_t exit_deadline(void);
/* Output of the container has come. */
void exit_output(void);
/* Records the exit, then reaps init and tells it to everybody. */
void exit_finish(void);

#endif
