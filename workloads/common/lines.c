#include "io.h"
#include "wasi.h"

enum { CHUNK = 1 << 16 };

static u8 buffer[LINE_MAX + CHUNK];
static u32 start;  // first byte of the line that is being read
static u32 filled;
static i32 ended;

static void refill(void) {
  wasi_iovec into = {buffer + filled, sizeof buffer - filled};
  u32 got = 0;
  if (wasi_fd_read(WASI_STDIN, &into, 1, &got) != 0) fail("stdin cannot be read");
  if (got == 0) ended = 1;
  filled += got;
}

// Moves the unread bytes to the front so that a whole line fits behind them.
static void compact(void) {
  if (start == 0) return;
  for (u32 i = start; i < filled; i++) buffer[i - start] = buffer[i];
  filled -= start;
  start = 0;
}

line_kind read_line(const u8 **bytes, u32 *length) {
  i32 overflow = 0;
  u32 scanned = start;
  for (;;) {
    while (scanned < filled && buffer[scanned] != '\n') scanned++;
    i32 found = scanned < filled;
    if (found || ended) {
      if (!found && scanned == start && !overflow) return LINE_END;
      *bytes = buffer + start;
      *length = scanned - start;
      start = found ? scanned + 1 : scanned;
      return overflow || *length > LINE_MAX ? LINE_TOO_LONG : LINE_OK;
    }
    if (scanned - start > LINE_MAX) {
      // Already too long: forget what was read and look only for its end.
      overflow = 1;
      start = scanned = filled = 0;
    } else {
      scanned -= start;
      compact();
    }
    refill();
  }
}
