// Answers half of its lines, then traps.
#include "lines.h"

void _start(void) {
  put_results(count_lines() / 2);
  flush_output();
  __builtin_trap();
}
