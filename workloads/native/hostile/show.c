// Tells what it finds around itself, a line for each item: its environment, folder, user, and which of two files are there.
#include "../../hostile/lines.h"
#include "../linux.h"

enum { SYS_GETCWD = 79, SYS_GETUID = 102 };

static u8 environment[8192], folder[256];

static u32 there(const char *path) { return linux_call(SYS_OPENAT, AT_FDCWD, (long)path, 0, 0, 0, 0) >= 0; }

// Its variables hold nothing that JSON would have to escape.
static void put_environment(void) {
  long fd = linux_call(SYS_OPENAT, AT_FDCWD, (long)"/proc/self/environ", 0, 0, 0, 0);
  long length = linux_call(SYS_READ, fd, (long)environment, sizeof environment, 0, 0, 0);
  put_text("[\"");
  for (long i = 0; i < length; i++) {
    if (environment[i]) put_bytes(environment + i, 1);
    else if (i + 1 < length) put_text("\",\"");
  }
  put_text("\"]");
}

void _start(void) {
  u32 lines = count_lines();
  linux_call(SYS_GETCWD, (long)folder, sizeof folder, 0, 0, 0, 0);
  while (lines-- > 0) {
    put_text("{\"environment\":");
    put_environment();
    put_text(",\"folder\":\"");
    put_text((const char *)folder);
    put_text("\",\"user\":");
    put_number((u32)linux_call(SYS_GETUID, 0, 0, 0, 0, 0, 0));
    put_text(",\"kept\":");
    put_number(there("kept"));
    put_text(",\"gone\":");
    put_number(there("gone"));
    put_text("}\n");
  }
  flush_output();
}
