// The right results, and 64 MiB of noise on stderr.
#include "lines.h"

static u8 noise[1 << 16];

void _start(void) {
  put_results(count_lines());
  flush_output();
  for (u32 i = 0; i < sizeof noise; i++) noise[i] = '#';
  for (u32 i = 0; i < 1024; i++) {
    wasi_iovec from = {noise, sizeof noise};
    u32 written;
    wasi_fd_write(WASI_STDERR, &from, 1, &written);
  }
}
