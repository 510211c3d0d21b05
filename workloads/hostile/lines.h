// What the hostile workloads share: a count of input lines and one harmless result line.
#ifndef INFERNET_HOSTILE_H
#define INFERNET_HOSTILE_H

#include "../common/io.h"
#include "../common/wasi.h"

static inline u32 count_lines(void) {
  const u8 *line;
  u32 length, lines = 0;
  while (read_line(&line, &length) != LINE_END) lines++;
  return lines;
}

static inline void put_results(u32 lines) {
  while (lines-- > 0) put_text("{\"ok\":true}\n");
}

#endif
