// Asks the host for the time, randomness and files, and tells what it got:
// {"clock":[code,ns],"random":[code,"hex of 8 bytes"],"opened":n} with n = how many of its paths could be opened.
#include "lines.h"

static const char *const PATHS[] = {"/etc/passwd", "../etc/passwd", "etc/passwd", "../../../../etc/passwd",
                                    ".", "..", "/", "/proc/self/environ", "package.json"};

static u32 count_opened(void) {
  u32 opened = 0;
  for (i32 dir = 0; dir < 8; dir++)
    for (u32 i = 0; i < sizeof PATHS / sizeof PATHS[0]; i++) {
      u32 length = 0;
      i32 fd;
      while (PATHS[i][length]) length++;
      if (wasi_path_open(dir, 1, PATHS[i], length, 0, WASI_RIGHT_FD_READ, 0, 0, &fd) == 0) opened++;
    }
  return opened;
}

static void put_u64(u64 value) {
  u8 digits[20];
  u32 at = sizeof digits;
  do {
    digits[--at] = (u8)('0' + value % 10);
    value /= 10;
  } while (value > 0);
  put_bytes(digits + at, sizeof digits - at);
}

static void put_line(u32 opened) {
  static const char HEX[] = "0123456789abcdef";
  u64 time = 0;
  u8 random[8] = {0};
  put_text("{\"clock\":[");
  put_number((u32)wasi_clock_time_get(0, 1, &time));
  put_text(",");
  put_u64(time);
  put_text("],\"random\":[");
  put_number((u32)wasi_random_get(random, sizeof random));
  put_text(",\"");
  for (u32 i = 0; i < sizeof random; i++) {
    u8 pair[2] = {(u8)HEX[random[i] >> 4], (u8)HEX[random[i] & 15]};
    put_bytes(pair, 2);
  }
  put_text("\"],\"opened\":");
  put_number(opened);
  put_text("}\n");
}

void _start(void) {
  u32 lines = count_lines(), opened = count_opened();
  while (lines-- > 0) put_line(opened);
  flush_output();
}
