#include "io.h"
#include "wasi.h"

static const char MOUNT[] = "/model";
enum { MOUNT_LENGTH = sizeof MOUNT - 1 };

static i32 find_mount(void) {
  for (i32 fd = WASI_FIRST_PREOPEN;; fd++) {
    wasi_prestat stat;
    u8 name[MOUNT_LENGTH];
    if (wasi_fd_prestat_get(fd, &stat) != 0) fail("no directory is mounted as /model");
    if (stat.name_length != MOUNT_LENGTH) continue;
    if (wasi_fd_prestat_dir_name(fd, name, MOUNT_LENGTH) != 0) continue;
    u32 same = 0;
    while (same < MOUNT_LENGTH && name[same] == (u8)MOUNT[same]) same++;
    if (same == MOUNT_LENGTH) return fd;
  }
}

i32 open_model(const char *name) {
  u32 length = 0;
  i32 fd = -1;
  while (name[length]) length++;
  if (wasi_path_open(find_mount(), 0, name, length, 0, WASI_RIGHT_FD_READ | WASI_RIGHT_FD_SEEK, 0, 0, &fd) != 0)
    fail("the model file is not in /model");
  return fd;
}

void read_model(i32 fd, void *into, u32 length, u64 offset) {
  u8 *at = into;
  while (length > 0) {
    wasi_iovec target = {at, length};
    u32 got = 0;
    if (wasi_fd_pread(fd, &target, 1, offset, &got) != 0) fail("the model file cannot be read");
    if (got == 0) fail("the model file is shorter than its layout");
    at += got;
    length -= got;
    offset += got;
  }
}
