// Never ends and never calls the host.
#include "lines.h"

void _start(void) {
  for (volatile u32 i = 0;; i++) {
  }
}
