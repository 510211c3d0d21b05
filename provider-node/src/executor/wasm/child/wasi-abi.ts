/** WASI preview 1: numbers, layouts and signatures (witx of wasi_snapshot_preview1). */
export const WASI_MODULE = "wasi_snapshot_preview1";

/** Error numbers that the shim returns. */
export const errno = {
  success: 0,
  badf: 8,
  fault: 21,
  inval: 28,
  isdir: 31,
  mfile: 33,
  nametoolong: 37,
  noent: 44,
  nosys: 52,
  notdir: 54,
  rofs: 69,
  spipe: 70,
  notcapable: 76,
} as const;

/** File types. Pipes are `unknown`: a libc then takes them for no terminal and buffers its output. */
export const filetype = { unknown: 0, directory: 3, regular: 4 } as const;

/** Rights bits. */
export const rights = {
  fdRead: 1n << 1n,
  fdSeek: 1n << 2n,
  fdTell: 1n << 5n,
  fdWrite: 1n << 6n,
  pathOpen: 1n << 13n,
  pathFilestatGet: 1n << 18n,
  fdFilestatGet: 1n << 21n,
} as const;

/** Flags of path_open. */
export const oflags = { creat: 1, directory: 2, trunc: 8 } as const;

/**
 * Parameters of every function of preview 1 (i: i32, I: i64). Each returns an i32 errno, but for
 * proc_exit, which does not return. A module that imports anything else, or these with another
 * signature, is refused.
 */
export const SIGNATURES: Readonly<Record<string, string>> = {
  args_get: "ii",
  args_sizes_get: "ii",
  environ_get: "ii",
  environ_sizes_get: "ii",
  clock_res_get: "ii",
  clock_time_get: "iIi",
  fd_advise: "iIIi",
  fd_allocate: "iII",
  fd_close: "i",
  fd_datasync: "i",
  fd_fdstat_get: "ii",
  fd_fdstat_set_flags: "ii",
  fd_fdstat_set_rights: "iII",
  fd_filestat_get: "ii",
  fd_filestat_set_size: "iI",
  fd_filestat_set_times: "iIIi",
  fd_pread: "iiiIi",
  fd_prestat_get: "ii",
  fd_prestat_dir_name: "iii",
  fd_pwrite: "iiiIi",
  fd_read: "iiii",
  fd_readdir: "iiiIi",
  fd_renumber: "ii",
  fd_seek: "iIii",
  fd_sync: "i",
  fd_tell: "ii",
  fd_write: "iiii",
  path_create_directory: "iii",
  path_filestat_get: "iiiii",
  path_filestat_set_times: "iiiiIIi",
  path_link: "iiiiiii",
  path_open: "iiiiiIIii",
  path_readlink: "iiiiii",
  path_remove_directory: "iii",
  path_rename: "iiiiii",
  path_symlink: "iiiii",
  path_unlink_file: "iii",
  poll_oneoff: "iiii",
  proc_exit: "i",
  proc_raise: "i",
  random_get: "ii",
  sched_yield: "",
  sock_accept: "iii",
  sock_recv: "iiiiii",
  sock_send: "iiiii",
  sock_shutdown: "ii",
};
