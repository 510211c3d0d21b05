// The WASI preview-1 functions that the workloads import, and nothing else of WASI.
// A module imports only those it calls, so `wasm-objdump` shows what each one can ask of its host.
#ifndef INFERNET_WASI_H
#define INFERNET_WASI_H

#include "types.h"

#ifdef __wasm__
#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))
#else
#define WASI(name)  // native/wasi.c
#endif

typedef struct {
  u8 *bytes;
  u32 length;
} wasi_iovec;

typedef struct {
  u32 tag;
  u32 name_length;
} wasi_prestat;

enum { WASI_STDIN = 0, WASI_STDOUT = 1, WASI_STDERR = 2, WASI_FIRST_PREOPEN = 3 };
enum { WASI_RIGHT_FD_READ = 2, WASI_RIGHT_FD_SEEK = 4 };

WASI(fd_read) i32 wasi_fd_read(i32 fd, wasi_iovec *iovs, u32 count, u32 *read);
WASI(fd_pread) i32 wasi_fd_pread(i32 fd, wasi_iovec *iovs, u32 count, u64 offset, u32 *read);
WASI(fd_write) i32 wasi_fd_write(i32 fd, const wasi_iovec *iovs, u32 count, u32 *written);
WASI(fd_prestat_get) i32 wasi_fd_prestat_get(i32 fd, wasi_prestat *out);
WASI(fd_prestat_dir_name) i32 wasi_fd_prestat_dir_name(i32 fd, u8 *name, u32 length);
WASI(path_open)
i32 wasi_path_open(i32 dir, u32 lookup, const char *path, u32 length, u32 oflags, u64 rights,
                   u64 inherited, u32 fdflags, i32 *opened);
WASI(clock_time_get) i32 wasi_clock_time_get(u32 clock, u64 precision, u64 *time);
WASI(random_get) i32 wasi_random_get(u8 *bytes, u32 length);
WASI(proc_exit) __attribute__((noreturn)) void wasi_proc_exit(i32 code);

#endif
