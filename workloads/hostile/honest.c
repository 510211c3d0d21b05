// Behaves: one result a line. The control that hostile modules are compared with.
#include "lines.h"

void _start(void) {
  put_results(count_lines());
  flush_output();
}
