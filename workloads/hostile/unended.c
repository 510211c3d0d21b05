// The right results, but the last line lacks its "\n".
#include "lines.h"

void _start(void) {
  u32 lines = count_lines();
  put_results(lines > 0 ? lines - 1 : 0);
  put_text("{\"ok\":true}");
  flush_output();
}
