// Starts children until it is refused, tells how many, and ends without them.
#include "../../hostile/lines.h"
#include "../linux.h"

void _start(void) {
  u32 lines = count_lines(), children = 0;
  while (children < 100000) {
    long pid = linux_call(SYS_FORK, 0, 0, 0, 0, 0, 0);
    while (pid == 0) linux_call(SYS_PAUSE, 0, 0, 0, 0, 0, 0);
    if (pid < 0) break;
    children++;
  }
  while (lines-- > 0) {
    put_text("{\"children\":");
    put_number(children);
    put_text("}\n");
  }
  flush_output();
}
