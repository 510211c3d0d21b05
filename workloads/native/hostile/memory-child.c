// A child takes memory until it is killed; its parent goes on as if nothing had happened, and answers.
#include "../../hostile/lines.h"
#include "../linux.h"

enum { STEP = 1 << 20, PAGE = 4096, SYS_WAIT4 = 61 };

void _start(void) {
  u32 lines = count_lines();
  long child = linux_call(SYS_FORK, 0, 0, 0, 0, 0, 0);
  while (child == 0) {
    long at = linux_call(SYS_MMAP, 0, STEP, 3, 0x22, -1, 0);
    if (at < 0) __builtin_trap();
    for (u32 i = 0; i < STEP; i += PAGE) *(volatile u8 *)(at + i) = 1;
  }
  linux_call(SYS_WAIT4, child, 0, 0, 0, 0, 0);
  put_results(lines);
  flush_output();
}
