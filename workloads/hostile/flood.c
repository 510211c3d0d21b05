// Prints results without end: only a limit on output or time stops it.
#include "lines.h"

void _start(void) {
  for (;;) put_results(1024);
}
