/* The container's log in the CRI format. */
#ifndef NODELET_LOG_H
#define NODELET_LOG_H

#include <stddef.h>
#include <stdint.h>

#define LOG_LINE_MAX 16384

/* Where output is read to: room for an unfinished line comes before it. Gives its pages back when it has been idle. */
#define SCRATCH_SIZE (64 * 1024)
int scratch_map(void);
uint8_t *scratch(void);
void scratch_used(size_t size);
/* True once there is something to give back. */
int scratch_is_large(void);
void scratch_trim(void);

/* Opens the log of this container. */
int log_open(const char *path);
/* Opens the same path anew; the old file stays in use when that fails. */
int log_reopen(void);
/* `data` was read into scratch(). */
void log_write(int stream, uint8_t *data, size_t size);
/* The stream has ended: what it left unfinished is written. */
void log_end(int stream);
void log_close(void);

#endif
