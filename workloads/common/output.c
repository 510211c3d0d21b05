#include "io.h"
#include "wasi.h"

static u8 buffer[1 << 16];
static u32 filled;

static void write_all(i32 fd, const u8 *bytes, u32 length) {
  while (length > 0) {
    wasi_iovec from = {(u8 *)bytes, length};
    u32 written = 0;
    if (wasi_fd_write(fd, &from, 1, &written) != 0 || written == 0) wasi_proc_exit(74);
    bytes += written;
    length -= written;
  }
}

void flush_output(void) {
  write_all(WASI_STDOUT, buffer, filled);
  filled = 0;
}

void put_bytes(const u8 *bytes, u32 length) {
  if (filled + length > sizeof buffer) flush_output();
  if (length > sizeof buffer) {
    write_all(WASI_STDOUT, bytes, length);
    return;
  }
  for (u32 i = 0; i < length; i++) buffer[filled + i] = bytes[i];
  filled += length;
}

static u32 text_length(const char *text) {
  u32 length = 0;
  while (text[length]) length++;
  return length;
}

void put_text(const char *text) { put_bytes((const u8 *)text, text_length(text)); }

void put_number(u32 value) {
  u8 digits[10];
  u32 at = sizeof digits;
  do {
    digits[--at] = (u8)('0' + value % 10);
    value /= 10;
  } while (value > 0);
  put_bytes(digits + at, sizeof digits - at);
}

void put_bad_input(void) { put_text("{\"error\":{\"code\":\"bad_input\"}}\n"); }

void fail(const char *reason) {
  write_all(WASI_STDERR, (const u8 *)reason, text_length(reason));
  write_all(WASI_STDERR, (const u8 *)"\n", 1);
  wasi_proc_exit(70);
}
