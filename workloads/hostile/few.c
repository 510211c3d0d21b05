// One line too few.
#include "lines.h"

void _start(void) {
  u32 lines = count_lines();
  put_results(lines > 0 ? lines - 1 : 0);
  flush_output();
}
