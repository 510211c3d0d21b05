import { GuestMemory } from "./guest-memory.ts";
import { ByteSink, ByteSource, fixedRandom, Halt } from "./streams.ts";
import { errno, filetype, oflags, rights, SIGNATURES } from "./wasi-abi.ts";

/** All clocks always show this: 2000-01-01T00:00:00Z, in nanoseconds. */
export const CLOCK_NANOSECONDS = 946_684_800_000_000_000n;
const CLOCK_RESOLUTION = 1_000_000n;
const PREOPEN = new TextEncoder().encode("/model");
const PREOPEN_FD = 3;
const MAX_OPEN_FILES = 64;
const MAX_PATH_BYTES = 4096;
const READ_RIGHTS = rights.fdRead | rights.fdSeek | rights.fdTell | rights.fdFilestatGet;
const DIRECTORY_RIGHTS = rights.pathOpen | rights.pathFilestatGet | rights.fdFilestatGet;

/** What one execution sees and where its output goes. */
export interface WasiWorld {
  readonly stdin: Uint8Array;
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  /** Model files by path below /model. */
  readonly model: ReadonlyMap<string, Uint8Array>;
}

type Open =
  | { readonly kind: "in"; readonly source: ByteSource }
  | { readonly kind: "out"; readonly sink: ByteSink; readonly stop: boolean }
  | { readonly kind: "directory" }
  | { readonly kind: "file"; readonly source: ByteSource };

/**
 * A strict WASI preview 1: stdin, stdout, stderr and the read-only files below /model, a clock that
 * stands still, a fixed random stream, no arguments, no environment. Everything else is ENOSYS.
 * @returns the import object of the module, and the call that shows the shim the module's memory
 */
export function createWasi(world: WasiWorld): { imports: WebAssembly.ModuleImports; attach(memory: WebAssembly.Memory): void } {
  const memory = new GuestMemory();
  const random = fixedRandom();
  const files = new Map<number, Open>([
    [0, { kind: "in", source: new ByteSource(world.stdin) }],
    [1, { kind: "out", sink: world.stdout, stop: true }],
    [2, { kind: "out", sink: world.stderr, stop: false }],
    [PREOPEN_FD, { kind: "directory" }],
  ]);
  const status = (ok: boolean): number => (ok ? errno.success : errno.fault);

  /** Two sizes, both zero: arguments and environment are empty. */
  const noStrings = (count: number, size: number): number => status(memory.setU32(count, 0) && memory.setU32(size, 0));

  const read = (fd: number, iovs: number, count: number, done: number, offset?: bigint): number => {
    const file = files.get(fd);
    if (file?.kind !== "in" && file?.kind !== "file") return errno.badf;
    if (offset !== undefined && file.kind === "in") return errno.spipe;
    const targets = memory.vectors(iovs, count);
    if (targets === undefined) return errno.fault;
    const from = offset === undefined ? file.source.position : Number(BigInt.asUintN(64, offset));
    const copied = file.source.readAt(from, targets);
    if (offset === undefined) file.source.position += copied;
    return status(memory.setU32(done, copied));
  };

  const seek = (fd: number, delta: bigint, whence: number, result: number): number => {
    const file = files.get(fd);
    if (file === undefined) return errno.badf;
    if (file.kind !== "file") return errno.spipe;
    const { source } = file;
    const base = [0, source.position, source.bytes.length][whence];
    if (base === undefined) return errno.inval;
    const target = BigInt(base) + delta;
    if (target < 0n || target > BigInt(Number.MAX_SAFE_INTEGER)) return errno.inval;
    source.position = Number(target);
    return status(memory.setU64(result, target));
  };

  /** A file below /model, "directory" for /model itself, or the errno. */
  const lookUp = (fd: number, pointer: number, length: number): Uint8Array | "directory" | number => {
    const from = files.get(fd);
    if (from === undefined) return errno.badf;
    if (from.kind !== "directory") return errno.notdir;
    if (length >>> 0 > MAX_PATH_BYTES) return errno.nametoolong;
    const bytes = memory.slice(pointer, length);
    if (bytes === undefined) return errno.fault;
    const parts = new TextDecoder().decode(bytes).split("/");
    if (parts.includes("..") || (parts.length > 1 && parts[0] === "")) return errno.notcapable;
    const path = parts.filter((part) => part !== "" && part !== ".").join("/");
    return path === "" ? "directory" : (world.model.get(path) ?? errno.noent);
  };

  const filestat = (result: number, type: number, size: number): number => {
    const at = memory.fields(result, 64);
    if (at === undefined) return errno.fault;
    for (let offset = 0; offset < 64; offset += 8) at.setBigUint64(offset, 0n, true);
    at.setUint8(16, type);
    at.setBigUint64(24, 1n, true);
    at.setBigUint64(32, BigInt(size), true);
    for (const offset of [40, 48, 56]) at.setBigUint64(offset, CLOCK_NANOSECONDS, true);
    return errno.success;
  };

  const offered: WebAssembly.ModuleImports = {
    args_get: () => errno.success,
    args_sizes_get: noStrings,
    environ_get: () => errno.success,
    environ_sizes_get: noStrings,
    clock_res_get: (_clock: number, result: number) => status(memory.setU64(result, CLOCK_RESOLUTION)),
    clock_time_get: (_clock: number, _precision: bigint, result: number) => status(memory.setU64(result, CLOCK_NANOSECONDS)),

    random_get(pointer: number, length: number): number {
      const target = memory.slice(pointer, length);
      if (target === undefined) return errno.fault;
      random(target);
      return errno.success;
    },

    proc_exit(code: number): never {
      throw new Halt(code);
    },

    fd_read: (fd: number, iovs: number, count: number, done: number) => read(fd, iovs, count, done),
    fd_pread: (fd: number, iovs: number, count: number, offset: bigint, done: number) => read(fd, iovs, count, done, offset),
    fd_seek: seek,
    fd_tell: (fd: number, result: number) => seek(fd, 0n, 1, result),
    fd_close: (fd: number) => (files.delete(fd) ? errno.success : errno.badf),

    fd_write(fd: number, iovs: number, count: number, done: number): number {
      const file = files.get(fd);
      if (file?.kind !== "out") return errno.badf;
      const chunks = memory.vectors(iovs, count);
      if (chunks === undefined) return errno.fault;
      let length = 0;
      for (const chunk of chunks) {
        file.sink.write(chunk);
        length += chunk.length;
      }
      if (file.stop && file.sink.full) throw new Halt(0);
      return status(memory.setU32(done, length));
    },

    fd_fdstat_get(fd: number, result: number): number {
      const file = files.get(fd);
      if (file === undefined) return errno.badf;
      const at = memory.fields(result, 24);
      if (at === undefined) return errno.fault;
      const [type, base] = {
        in: [filetype.unknown, rights.fdRead] as const,
        out: [filetype.unknown, rights.fdWrite] as const,
        directory: [filetype.directory, DIRECTORY_RIGHTS] as const,
        file: [filetype.regular, READ_RIGHTS] as const,
      }[file.kind];
      at.setBigUint64(0, BigInt(type), true);
      at.setBigUint64(8, base, true);
      at.setBigUint64(16, file.kind === "directory" ? READ_RIGHTS : 0n, true);
      return errno.success;
    },

    fd_filestat_get(fd: number, result: number): number {
      const file = files.get(fd);
      if (file === undefined) return errno.badf;
      if (file.kind === "directory") return filestat(result, filetype.directory, 0);
      if (file.kind === "file") return filestat(result, filetype.regular, file.source.bytes.length);
      return filestat(result, filetype.unknown, 0);
    },

    fd_prestat_get(fd: number, result: number): number {
      if (fd !== PREOPEN_FD || !files.has(fd)) return errno.badf;
      return status(memory.setU32(result, 0) && memory.setU32(result + 4, PREOPEN.length));
    },

    fd_prestat_dir_name(fd: number, pointer: number, length: number): number {
      if (fd !== PREOPEN_FD || !files.has(fd)) return errno.badf;
      const target = memory.slice(pointer, Math.min(length >>> 0, PREOPEN.length));
      target?.set(PREOPEN.subarray(0, target.length));
      return status(target !== undefined);
    },

    path_open(dir: number, _look: number, path: number, length: number, open: number, base: bigint, _inherit: bigint, _fdflags: number, result: number): number {
      const found = lookUp(dir, path, length);
      if ((open & (oflags.creat | oflags.trunc)) !== 0 || (base & rights.fdWrite) !== 0n) return errno.rofs;
      if (typeof found === "number") return found;
      // A directory could not be listed anyway.
      if (found === "directory") return errno.isdir;
      if ((open & oflags.directory) !== 0) return errno.notdir;
      if (files.size >= MAX_OPEN_FILES) return errno.mfile;
      let fd = PREOPEN_FD + 1;
      while (files.has(fd)) fd++;
      if (!memory.setU32(result, fd)) return errno.fault;
      files.set(fd, { kind: "file", source: new ByteSource(found) });
      return errno.success;
    },

    path_filestat_get(dir: number, _look: number, path: number, length: number, result: number): number {
      const found = lookUp(dir, path, length);
      if (typeof found === "number") return found;
      return found === "directory" ? filestat(result, filetype.directory, 0) : filestat(result, filetype.regular, found.length);
    },
  };

  const imports: WebAssembly.ModuleImports = {};
  for (const name of Object.keys(SIGNATURES)) imports[name] = offered[name] ?? (() => errno.nosys);
  return { imports, attach: (own) => memory.attach(own) };
}
