// Linux system calls of x86-64, for programs without a C library.
#ifndef INFERNET_LINUX_H
#define INFERNET_LINUX_H

#include "../common/wasi.h"

enum {
  SYS_READ = 0, SYS_WRITE = 1, SYS_CLOSE = 3, SYS_MMAP = 9, SYS_PREAD64 = 17, SYS_PAUSE = 34, SYS_SOCKET = 41,
  SYS_CONNECT = 42, SYS_FORK = 57, SYS_KILL = 62, SYS_CHDIR = 80, SYS_MKDIR = 83, SYS_CHMOD = 90, SYS_PTRACE = 101, SYS_SETUID = 105,
  SYS_MKNOD = 133, SYS_PIVOT_ROOT = 155, SYS_CHROOT = 161, SYS_SETTIMEOFDAY = 164, SYS_MOUNT = 165, SYS_UMOUNT2 = 166, SYS_SWAPON = 167,
  SYS_REBOOT = 169, SYS_SETHOSTNAME = 170, SYS_INIT_MODULE = 175, SYS_CLOCK_GETTIME = 228, SYS_EXIT_GROUP = 231,
  SYS_ADD_KEY = 248, SYS_OPENAT = 257, SYS_UNSHARE = 272, SYS_PERF_EVENT_OPEN = 298, SYS_SETNS = 308, SYS_PROCESS_VM_READV = 310,
  SYS_GETRANDOM = 318, SYS_BPF = 321, SYS_USERFAULTFD = 323, SYS_FSOPEN = 430, SYS_OPEN_TREE = 428,
};
enum { AT_FDCWD = -100 };
enum { O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0100, O_TRUNC = 01000 };

static inline long linux_call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}

#endif
