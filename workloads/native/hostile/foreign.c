// Wants what a container does not offer: another root. Crashes when it is refused.
#include "../../hostile/lines.h"
#include "../linux.h"

void _start(void) {
  if (linux_call(SYS_CHROOT, (long)"/model", 0, 0, 0, 0, 0) != 0) __builtin_trap();
  put_results(count_lines());
  flush_output();
}
