// Takes and touches memory as long as it gets any.
#include "../../hostile/lines.h"
#include "../linux.h"

enum { STEP = 1 << 20, PAGE = 4096 };

void _start(void) {
  for (;;) {
    long at = linux_call(SYS_MMAP, 0, STEP, 3, 0x22, -1, 0);
    if (at < 0) __builtin_trap();
    for (u32 i = 0; i < STEP; i += PAGE) *(volatile u8 *)(at + i) = 1;
  }
}
