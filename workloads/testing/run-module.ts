/** Runs a workload in this process, for tests and benches; providers run it in a limited child process instead. */
import { File, OpenFile, PreopenDirectory, WASI, ConsoleStdout } from "@bjorn3/browser_wasi_shim";
import { readFileSync } from "node:fs";

/** What a run left behind. */
export interface Outcome {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A read-only file whose bytes are copied once, into the module's memory; the shim itself would copy them twice. */
class ModelFile extends File {
  constructor(bytes: ArrayBuffer) {
    super(bytes, { readonly: true });
  }

  override path_open(): { ret: number; fd_obj: OpenFile } {
    const opened = new OpenFile(this);
    opened.fd_pread = (size, offset) => ({ ret: 0, data: this.data.subarray(Number(offset), Number(offset) + size) });
    return { ret: 0, fd_obj: opened };
  }
}

const compiled = new Map<string, WebAssembly.Module>();

/** Compiles a module file once and keeps it. */
export function compileModule(path: string): WebAssembly.Module {
  const known = compiled.get(path);
  if (known !== undefined) return known;
  const module = new WebAssembly.Module(readFileSync(path));
  compiled.set(path, module);
  return module;
}

/** Reads a model file without the copy that a pooled Buffer would cost later. */
export function readModelFile(path: string): ArrayBuffer {
  const bytes = readFileSync(path);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

/**
 * Runs a module as a WASI command in a fresh instance.
 *
 * @param modelFiles name → bytes, mounted at /model
 * @param input the bytes of stdin
 * @throws WebAssembly.RuntimeError when the module traps
 */
export function runModule(module: WebAssembly.Module, modelFiles: ReadonlyMap<string, ArrayBuffer>, input: string | Uint8Array): Outcome {
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  const collect = (into: Uint8Array[]) => new ConsoleStdout((bytes: Uint8Array) => void into.push(bytes.slice()));
  const mounted = new Map([...modelFiles].map(([name, bytes]) => [name, new ModelFile(bytes)] as const));
  const stdin = new OpenFile(new File(typeof input === "string" ? new TextEncoder().encode(input) : input));
  const wasi = new WASI([], [], [stdin, collect(stdout), collect(stderr), new PreopenDirectory("/model", mounted)], { debug: false });
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
  const code = wasi.start(instance as { exports: { memory: WebAssembly.Memory; _start: () => unknown } });
  return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString("utf8") };
}
