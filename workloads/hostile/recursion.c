// Calls itself until the host's stack ends.
#include "lines.h"

static volatile u32 depth, limit = 0xffffffff;

__attribute__((noinline)) static u32 deeper(u32 n) {
  depth = n;
  if (n == limit) return 0;
  return deeper(n + 1) + depth;
}

void _start(void) { put_number(deeper(0)); }
