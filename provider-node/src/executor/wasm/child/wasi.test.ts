import { expect } from "chai";
import { ByteSink, Halt } from "./streams.ts";
import { CLOCK_NANOSECONDS, createWasi } from "./wasi.ts";
import { errno, oflags, rights, SIGNATURES } from "./wasi-abi.ts";

const MEMORY_BYTES = 65536;
const text = new TextEncoder();

/** A shim with one page of memory and helpers that write and read it. */
function world(stdin = "", stdoutBytes = 100) {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const stdout = new ByteSink(stdoutBytes);
  const stderr = new ByteSink(8);
  const model = new Map([["weights.bin", text.encode("0123456789")], ["sub/x", text.encode("x")]]);
  const wasi = createWasi({ stdin: text.encode(stdin), stdout, stderr, model });
  wasi.attach(memory);
  const view = new DataView(memory.buffer);
  const bytes = new Uint8Array(memory.buffer);
  const call = (name: string, ...args: (number | bigint)[]): number => (wasi.imports[name] as (...args: unknown[]) => number)(...args);
  const put = (at: number, value: string): number => (bytes.set(text.encode(value), at), value.length);
  /** One iovec at 0. */
  const vector = (pointer: number, length: number): [number, number] => {
    view.setUint32(0, pointer, true);
    view.setUint32(4, length, true);
    return [0, 1];
  };
  const get = (at: number, length: number): string => new TextDecoder().decode(bytes.slice(at, at + length));
  const open = (path: string, flags = 0, right = rights.fdRead, dir = 3): number =>
    call("path_open", dir, 0, 200, put(200, path), flags, right, 0n, 0, 100);
  return { memory, view, bytes, stdout, stderr, call, put, vector, get, open };
}

describe("WASI shim", () => {
  it("shows a clock that stands still", () => {
    const { call, view } = world();
    for (const clock of [0, 1, 2, 3]) {
      view.setBigUint64(8, 0n, true);
      expect(call("clock_time_get", clock, 1n, 8)).to.equal(errno.success);
      expect(view.getBigUint64(8, true)).to.equal(CLOCK_NANOSECONDS);
    }
  });

  it("gives the same random bytes to every execution, whatever the sizes they are asked in", () => {
    const whole = world();
    whole.call("random_get", 0, 16);
    const parts = world();
    for (const [at, length] of [[0, 1], [1, 6], [7, 0], [7, 9]] as const) parts.call("random_get", at, length);
    const hex = Buffer.from(whole.bytes.slice(0, 16)).toString("hex");
    expect(hex).to.equal("f3ea87a0c949b300ebc40687fd2726fb");
    expect(Buffer.from(parts.bytes.slice(0, 16)).toString("hex")).to.equal(hex);
  });

  it("has no arguments and no environment", () => {
    const { call, view } = world();
    for (const name of ["args_sizes_get", "environ_sizes_get"]) {
      view.setBigUint64(8, 2n ** 64n - 1n, true);
      expect(call(name, 8, 12)).to.equal(errno.success);
      expect(view.getBigUint64(8, true)).to.equal(0n);
    }
  });

  it("reads stdin in order, over several buffers, up to its end", () => {
    const { call, view, get } = world("hello world");
    for (const [i, pointer, length] of [[0, 300, 4], [1, 400, 3]] as const) {
      view.setUint32(i * 8, pointer, true);
      view.setUint32(i * 8 + 4, length, true);
    }
    expect(call("fd_read", 0, 0, 2, 100)).to.equal(errno.success);
    expect([view.getUint32(100, true), get(300, 4), get(400, 3)]).to.deep.equal([7, "hell", "o w"]);
    call("fd_read", 0, 0, 2, 100);
    expect([view.getUint32(100, true), get(300, 4)]).to.deep.equal([4, "orld"]);
    call("fd_read", 0, 0, 2, 100);
    expect(view.getUint32(100, true)).to.equal(0);
    expect(call("fd_seek", 0, 0n, 0, 100)).to.equal(errno.spipe);
    expect(call("fd_pread", 0, 0, 1, 0n, 100)).to.equal(errno.spipe);
  });

  it("keeps stdout up to its limit, then ends the module; stderr is cut silently", () => {
    const { call, vector, put, stdout, stderr } = world("", 10);
    put(300, "abcdefghij");
    expect(call("fd_write", 1, ...vector(300, 6), 100)).to.equal(errno.success);
    expect(call("fd_write", 2, ...vector(300, 10), 100)).to.equal(errno.success);
    expect(() => call("fd_write", 1, ...vector(300, 6), 100)).to.throw(Halt);
    expect(new TextDecoder().decode(stdout.bytes)).to.equal("abcdefabcd");
    expect(new TextDecoder().decode(stderr.bytes)).to.equal("abcdefgh");
  });

  it("opens model files for reading, and nothing else", () => {
    const { call, view, vector, get, open } = world();
    expect(call("fd_prestat_get", 3, 100)).to.equal(errno.success);
    expect(call("fd_prestat_dir_name", 3, 200, view.getUint32(104, true))).to.equal(errno.success);
    expect(get(200, 6)).to.equal("/model");
    expect(call("fd_prestat_get", 4, 100)).to.equal(errno.badf);
    expect(open("weights.bin")).to.equal(errno.success);
    const fd = view.getUint32(100, true);
    expect(fd).to.equal(4);
    expect(call("fd_pread", fd, ...vector(300, 4), 8n, 100)).to.equal(errno.success);
    expect([view.getUint32(100, true), get(300, 2)]).to.deep.equal([2, "89"]);
    expect(call("fd_seek", fd, -3n, 2, 100)).to.equal(errno.success);
    call("fd_read", fd, ...vector(300, 4), 100);
    expect([view.getUint32(100, true), get(300, 3)]).to.deep.equal([3, "789"]);
    expect(call("fd_tell", fd, 100)).to.equal(errno.success);
    expect(view.getBigUint64(100, true)).to.equal(10n);
    expect(call("fd_seek", fd, -11n, 1, 100)).to.equal(errno.inval);
    expect(call("fd_pread", fd, ...vector(300, 4), -1n, 100)).to.equal(errno.success);
    expect(view.getUint32(100, true)).to.equal(0);
    expect(call("fd_write", fd, ...vector(300, 4), 100)).to.equal(errno.badf);
    expect(call("fd_filestat_get", fd, 400)).to.equal(errno.success);
    expect([view.getUint8(416), view.getBigUint64(432, true)]).to.deep.equal([4, 10n]);
    expect(call("fd_close", fd)).to.equal(errno.success);
    expect(call("fd_read", fd, ...vector(300, 4), 100)).to.equal(errno.badf);
    expect(open("./sub//x")).to.equal(errno.success);
    expect(view.getUint32(100, true)).to.equal(fd);
  });

  it("refuses every other path, writing, creating, and endless opening", () => {
    const { open } = world();
    for (const path of ["..", "../weights.bin", "sub/../../etc/passwd", "/etc/passwd", "/weights.bin"]) expect(open(path)).to.equal(errno.notcapable);
    for (const path of ["etc/passwd", "weights", "weights.bin/x", "sub", "__proto__"]) expect(open(path)).to.equal(errno.noent);
    for (const path of [".", "", "./"]) expect(open(path)).to.equal(errno.isdir);
    expect(open("new", oflags.creat)).to.equal(errno.rofs);
    expect(open("weights.bin", oflags.trunc)).to.equal(errno.rofs);
    expect(open("weights.bin", 0, rights.fdWrite)).to.equal(errno.rofs);
    expect(open("weights.bin", oflags.directory)).to.equal(errno.notdir);
    expect(open("weights.bin", 0, rights.fdRead, 0)).to.equal(errno.notdir);
    expect(open("weights.bin", 0, rights.fdRead, 77)).to.equal(errno.badf);
    expect(open("a".repeat(5000))).to.equal(errno.nametoolong);
    let opened = 0;
    while (open("weights.bin") === errno.success) opened++;
    expect(opened).to.equal(60);
    expect(open("weights.bin")).to.equal(errno.mfile);
  });

  it("answers bad pointers with EFAULT and touches nothing", () => {
    const { call, view, vector } = world("input");
    const bad = [MEMORY_BYTES, MEMORY_BYTES - 1, -1, 0x7fffffff];
    for (const pointer of bad) {
      expect(call("clock_time_get", 0, 0n, pointer)).to.equal(errno.fault);
      expect(call("random_get", pointer, 2)).to.equal(errno.fault);
      expect(call("fd_read", 0, pointer, 1, 100)).to.equal(errno.fault);
      expect(call("fd_read", 0, ...vector(pointer, 2), 100)).to.equal(errno.fault);
      expect(call("fd_write", 1, ...vector(pointer, 2), 100)).to.equal(errno.fault);
      expect(call("path_open", 3, 0, pointer, 4, 0, 0n, 0n, 0, 100)).to.equal(errno.fault);
      expect(call("fd_fdstat_get", 0, pointer)).to.equal(errno.fault);
      expect(call("path_filestat_get", 3, 0, 0, 0, pointer)).to.equal(errno.fault);
    }
    expect(call("fd_read", 0, 0, -1, 100)).to.equal(errno.fault);
    expect(call("fd_read", 0, 0, 1025, 100)).to.equal(errno.fault);
    call("fd_read", 0, ...vector(300, 5), 100);
    expect(view.getUint32(100, true)).to.equal(5);
  });

  it("follows the memory when it grows", () => {
    const { memory, call } = world();
    memory.grow(1);
    expect(call("random_get", MEMORY_BYTES + 10, 4)).to.equal(errno.success);
    expect(new Uint8Array(memory.buffer)[MEMORY_BYTES + 10]).to.equal(0xf3);
  });

  it("offers every function of preview 1, and answers ENOSYS where it does nothing", () => {
    const { call } = world();
    const offered = new Set(
      "args_get args_sizes_get environ_get environ_sizes_get clock_res_get clock_time_get random_get proc_exit fd_read fd_pread fd_write fd_seek fd_tell fd_close fd_fdstat_get fd_filestat_get fd_prestat_get fd_prestat_dir_name path_open path_filestat_get".split(" "),
    );
    const nothing = Object.keys(SIGNATURES).filter((name) => !offered.has(name));
    expect(nothing).to.have.length(26);
    for (const name of nothing) expect(call(name, 0, 0, 0, 0, 0, 0, 0, 0, 0), name).to.equal(errno.nosys);
  });

  it("shows pipes that are no terminal, so that programs buffer", () => {
    const { call, view } = world();
    for (const fd of [0, 1, 2]) {
      expect(call("fd_fdstat_get", fd, 300)).to.equal(errno.success);
      expect(view.getUint8(300)).to.equal(0);
    }
  });
});
