// Grows and touches its memory as long as it is allowed to, then traps.
#include "lines.h"

enum { PAGE = 65536 };

void _start(void) {
  for (;;) {
    i32 pages = (i32)__builtin_wasm_memory_grow(0, 16);
    if (pages < 0) __builtin_trap();
    for (u32 i = 0; i < 16; i++) *(volatile u8 *)((u32)(pages + (i32)i) * PAGE) = 1;
  }
}
