// The right number of lines, none of them JSON, one of them not even UTF-8.
#include "lines.h"

void _start(void) {
  static const u8 broken[] = {0xff, 0xfe, 0x80, '\n'};
  u32 lines = count_lines();
  for (u32 i = 0; i < lines; i++) {
    if (i == 0) put_bytes(broken, sizeof broken);
    else put_text("this is not JSON\n");
  }
  flush_output();
}
