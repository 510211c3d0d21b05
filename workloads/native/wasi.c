// The WASI functions of common/wasi.h over Linux system calls, so that the sources of the modules also make static
// programs for containers. The one preopened directory is /model.
#include "linux.h"

// Sources name their entry _start, which the build renames: a C function needs another stack than a process begins with.
__asm__(".globl _start\n_start:\n  xor %ebp, %ebp\n  call module_start\n  xor %edi, %edi\n  mov $231, %eax\n  syscall\n");

enum { MODEL = WASI_FIRST_PREOPEN };
static const char MOUNT[] = "/model";

static i32 count(long result, u32 *into) {
  if (result < 0) return 1;
  *into = (u32)result;
  return 0;
}

i32 wasi_fd_read(i32 fd, wasi_iovec *iovs, u32 n, u32 *read) {
  (void)n;
  return count(linux_call(SYS_READ, fd, (long)iovs->bytes, iovs->length, 0, 0, 0), read);
}

i32 wasi_fd_pread(i32 fd, wasi_iovec *iovs, u32 n, u64 offset, u32 *read) {
  (void)n;
  return count(linux_call(SYS_PREAD64, fd, (long)iovs->bytes, iovs->length, (long)offset, 0, 0), read);
}

i32 wasi_fd_write(i32 fd, const wasi_iovec *iovs, u32 n, u32 *written) {
  (void)n;
  return count(linux_call(SYS_WRITE, fd, (long)iovs->bytes, iovs->length, 0, 0, 0), written);
}

i32 wasi_fd_prestat_get(i32 fd, wasi_prestat *out) {
  out->name_length = sizeof MOUNT - 1;
  return fd != MODEL;
}

i32 wasi_fd_prestat_dir_name(i32 fd, u8 *name, u32 length) {
  for (u32 i = 0; i < length; i++) name[i] = (u8)MOUNT[i];
  return fd != MODEL;
}

i32 wasi_path_open(i32 dir, u32 lookup, const char *path, u32 length, u32 oflags, u64 rights, u64 inherited,
                   u32 fdflags, i32 *opened) {
  (void)lookup, (void)oflags, (void)rights, (void)inherited, (void)fdflags;
  char full[256];
  u32 at = 0;
  if (dir != MODEL || length > sizeof full - sizeof MOUNT - 1) return 1;
  while (MOUNT[at]) full[at] = MOUNT[at], at++;
  full[at++] = '/';
  for (u32 i = 0; i < length; i++) full[at++] = path[i];
  full[at] = 0;
  return count(linux_call(SYS_OPENAT, AT_FDCWD, (long)full, 0, 0, 0, 0), (u32 *)opened);
}

i32 wasi_clock_time_get(u32 clock, u64 precision, u64 *time) {
  (void)precision;
  long spec[2];
  if (linux_call(SYS_CLOCK_GETTIME, clock, (long)spec, 0, 0, 0, 0) != 0) return 1;
  *time = (u64)spec[0] * 1000000000u + (u64)spec[1];
  return 0;
}

i32 wasi_random_get(u8 *bytes, u32 length) { return linux_call(SYS_GETRANDOM, (long)bytes, length, 0, 0, 0, 0) != length; }

void wasi_proc_exit(i32 code) {
  for (;;) linux_call(SYS_EXIT_GROUP, code, 0, 0, 0, 0, 0);
}

// clang turns loops into calls of these.
void *memset(void *to, int value, unsigned long n) {
  for (volatile u8 *at = to; n > 0; n--) *at++ = (u8)value;
  return to;
}

void *memcpy(void *to, const void *from, unsigned long n) {
  const u8 *source = from;
  for (volatile u8 *at = to; n > 0; n--) *at++ = *source++;
  return to;
}
