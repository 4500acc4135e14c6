#include "log.h"

#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "process.h"
#include "syscalls.h"
#include "text.h"

#define LOG_MODE 0640
#define PARTS_MAX 1024 /* the kernel's limit for one writev */
#define TRIM_ABOVE 4096 /* what a quiet container uses is not worth it */
#define STAMP_BYTES 30 /* "2006-01-02T15:04:05.000000000Z" */
#define HEAD_BYTES (STAMP_BYTES + 10)

/* Reading, the unfinished lines and the parts of a writev: pages that are only there while there is much output. A mapping of its
 * own, so that giving it back touches nothing else, however large the pages are. */
static struct work {
  uint8_t before[LOG_LINE_MAX];
  uint8_t data[SCRATCH_SIZE];
  struct iovec parts[PARTS_MAX];
} *work;
static size_t work_high; /* most bytes used since the last trim */

static struct {
  size_t size;
  uint8_t bytes[LOG_LINE_MAX];
} unfinished[STREAM_COUNT];

static char log_path[PATH_MAX];
static int log_fd = -1;
static size_t part_count;
static int torn; /* the last write ended inside a line */

int scratch_map(void) {
  work = pages_map(sizeof *work);
  return work ? 0 : -ENOMEM;
}

uint8_t *scratch(void) { return work->data; }

void scratch_used(size_t size) {
  if (size > work_high) work_high = size;
}

int scratch_is_large(void) { return work_high > TRIM_ABOVE; }

void scratch_trim(void) {
  madvise(work, sizeof *work, MADV_DONTNEED);
  work_high = 0;
}

static int open_log_file(const char *path) {
  /* O_NONBLOCK: a FIFO in its place must not stop the container; it has no effect on a regular file. */
  int fd = sys_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, LOG_MODE);
  if (fd < 0) return fd;
  struct stat info;
  int rc = sys_fstat(fd, &info);
  if (rc == 0 && !S_ISREG(info.st_mode)) rc = -EINVAL;
  if (rc == 0) return fd;
  sys_close(fd);
  return rc;
}

int log_open(const char *path) {
  if (strlen(path) >= sizeof log_path) return -ENAMETOOLONG;
  strcpy(log_path, path);
  log_fd = open_log_file(path);
  return log_fd < 0 ? log_fd : 0;
}

int log_reopen(void) {
  if (!log_path[0]) return 0;
  int fd = open_log_file(log_path);
  if (fd < 0) return fd;
  if (log_fd >= 0) sys_close(log_fd);
  log_fd = fd;
  torn = 0;
  return 0;
}

void log_close(void) { close_descriptor(&log_fd); }

static void add_part(const void *data, size_t size) {
  work->parts[part_count++] = (struct iovec){(void *)(uintptr_t)data, size};
}

/* Writes the batch. What cannot be written is lost, and the next batch starts on a line of its own. */
static void flush_parts(void) {
  struct iovec *parts = work->parts;
  size_t count = part_count;
  part_count = 0;
  while (count > 0) {
    ssize_t written = checked(writev(log_fd, parts, (int)count));
    if (written == -EINTR) continue;
    if (written <= 0) return;
    size_t left = (size_t)written;
    while (count > 0 && left >= parts->iov_len) {
      left -= parts->iov_len;
      parts++;
      count--;
    }
    torn = count > 0;
    if (count > 0) {
      parts->iov_base = (char *)parts->iov_base + left;
      parts->iov_len -= left;
    }
  }
}

static void two_digits(char *at, unsigned value) {
  at[0] = (char)('0' + value / 10);
  at[1] = (char)('0' + value % 10);
}

/* The date of a day number since 1970 in the Gregorian calendar; years count from March, so that leap days come last. */
static void write_date(char *at, uint64_t day_number) {
  uint64_t days = day_number + 719468; /* since 0000-03-01 */
  uint64_t era = days / 146097;        /* 400 years */
  unsigned of_era = (unsigned)(days % 146097);
  unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
  unsigned month = (5 * of_year + 2) / 153; /* from March */
  unsigned day = of_year - (153 * month + 2) / 5 + 1;
  month = month < 10 ? month + 3 : month - 9;
  year += (unsigned)era * 400 + (month <= 2);
  two_digits(at, year / 100 % 100);
  two_digits(at + 2, year % 100);
  at[4] = at[7] = '-';
  two_digits(at + 5, month);
  two_digits(at + 8, day);
}

static void write_stamp(char *at) {
  static char second[STAMP_BYTES]; /* everything of it but the fraction */
  static time_t second_of = -1;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (now.tv_sec != second_of) {
    unsigned of_day = (unsigned)(now.tv_sec % 86400);
    write_date(second, (uint64_t)now.tv_sec / 86400);
    second[10] = 'T';
    two_digits(second + 11, of_day / 3600);
    two_digits(second + 14, of_day / 60 % 60);
    two_digits(second + 17, of_day % 60);
    second[13] = second[16] = ':';
    second[19] = '.';
    second[29] = 'Z';
    second_of = now.tv_sec;
  }
  memcpy(at, second, STAMP_BYTES);
  unsigned long fraction = (unsigned long)now.tv_nsec;
  for (int i = 28; i >= 20; i--, fraction /= 10) at[i] = (char)('0' + fraction % 10);
}

/* The heads of the lines of one batch, which all carry the time at which the batch was read. */
struct heads {
  char full[HEAD_BYTES], partial[HEAD_BYTES];
};

static void make_heads(struct heads *heads, int stream) {
  write_stamp(heads->full);
  memcpy(heads->full + STAMP_BYTES, stream == STREAM_ERR ? " stderr F " : " stdout F ", 10);
  memcpy(heads->partial, heads->full, HEAD_BYTES);
  heads->partial[HEAD_BYTES - 2] = 'P';
}

static void begin_line(void) {
  if (part_count + 3 > PARTS_MAX) flush_parts();
  if (part_count == 0 && torn) add_part("\n", 1);
}

void log_write(int stream, uint8_t *data, size_t size) {
  if (log_fd < 0) return;
  size_t kept = unfinished[stream].size;
  memcpy(data - kept, unfinished[stream].bytes, kept);
  data -= kept;
  size += kept;
  struct heads heads;
  make_heads(&heads, stream);
  for (;;) {
    size_t window = size > LOG_LINE_MAX ? LOG_LINE_MAX + 1 : size;
    uint8_t *newline = memchr(data, '\n', window);
    if (!newline && size <= LOG_LINE_MAX) break;
    begin_line();
    size_t line = newline ? (size_t)(newline - data) + 1 : LOG_LINE_MAX;
    add_part(newline ? heads.full : heads.partial, HEAD_BYTES);
    add_part(data, line);
    if (!newline) add_part("\n", 1);
    data += line;
    size -= line;
  }
  flush_parts();
  memcpy(unfinished[stream].bytes, data, size);
  unfinished[stream].size = size;
}

void log_end(int stream) {
  if (log_fd < 0 || unfinished[stream].size == 0) return;
  struct heads heads;
  make_heads(&heads, stream);
  begin_line();
  add_part(heads.partial, HEAD_BYTES);
  add_part(unfinished[stream].bytes, unfinished[stream].size);
  add_part("\n", 1);
  flush_parts();
  unfinished[stream].size = 0;
}
