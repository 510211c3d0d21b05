// Valid results, the last of which is a line of 8 MiB.
#include "lines.h"

void _start(void) {
  u32 lines = count_lines();
  put_results(lines > 0 ? lines - 1 : 0);
  put_text("{\"pad\":\"");
  for (u32 i = 0; i < (8u << 20) / 8; i++) put_text("aaaaaaaa");
  put_text("\"}\n");
  flush_output();
}
