// Fills every folder that it can write to, and tells how many KiB fit in all.
#include "../../hostile/lines.h"
#include "../linux.h"

static const char *const FILES[] = {"/tmp/f",    "/dev/shm/f", "/f",      "/etc/f",       "/var/tmp/f", "/run/f",
                                    "/dev/f",    "/model/f",   "/proc/f", "/sys/f",       "/bin/f",     "/etc/hostname",
                                    "/etc/passwd", "/etc/resolv.conf", "/dev/mqueue/f", "/run/.containerenv", "/sys/fs/cgroup/f", "/model/digits.bin"};
static const u8 block[1 << 12];

void _start(void) {
  u32 lines = count_lines(), kib = 0;
  for (u32 i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
    long fd = linux_call(SYS_OPENAT, AT_FDCWD, (long)FILES[i], O_WRONLY | O_CREAT, 0600, 0, 0);
    if (fd < 0) continue;
    while (kib < (1u << 20) && linux_call(SYS_WRITE, fd, (long)block, sizeof block, 0, 0, 0) > 0) kib += 4;
  }
  while (lines-- > 0) {
    put_text("{\"kib\":");
    put_number(kib);
    put_text("}\n");
  }
  flush_output();
}
