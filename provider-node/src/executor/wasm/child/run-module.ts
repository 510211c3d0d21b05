import { STDERR_BYTES } from "./frames.ts";
import { ByteSink, Halt } from "./streams.ts";
import { createWasi } from "./wasi.ts";
import { WASI_MODULE } from "./wasi-abi.ts";

/** How one execution ended. `host`: this host could not run it to its end; there is no result. */
export interface Ended {
  readonly outcome: "ok" | "exit" | "trap" | "host";
  readonly detail: string;
  readonly stdout: Uint8Array;
  readonly stderr: string;
  /** What the instance leaves behind for the engine to free. */
  readonly memoryBytes: number;
}

/** The one execution of a fresh instance. */
export interface RunInput {
  readonly stdin: Uint8Array;
  /** The module is stopped once it has written this many bytes. */
  readonly stdoutBytes: number;
  readonly model: ReadonlyMap<string, Uint8Array>;
}

/** Runs a compiled command from instantiation to its end. Nothing of it outlives the call. */
export function runModule(module: WebAssembly.Module, input: RunInput): Ended {
  const stdout = new ByteSink(input.stdoutBytes);
  const stderr = new ByteSink(STDERR_BYTES);
  const wasi = createWasi({ stdin: input.stdin, stdout, stderr, model: input.model });
  let memory: WebAssembly.Memory | undefined;
  const ended = (outcome: Ended["outcome"], detail: string): Ended => ({
    outcome,
    detail,
    stdout: stdout.bytes,
    stderr: new TextDecoder().decode(stderr.bytes),
    memoryBytes: memory?.buffer.byteLength ?? 0,
  });
  try {
    const { exports } = new WebAssembly.Instance(module, { [WASI_MODULE]: wasi.imports });
    memory = exports.memory as WebAssembly.Memory;
    wasi.attach(memory);
    (exports._start as () => void)();
    return ended("ok", "");
  } catch (error) {
    if (error instanceof Halt) return error.exitCode === 0 ? ended("ok", "") : ended("exit", `exit code ${error.exitCode}`);
    // Out of bounds, unreachable, division by zero …: the same on every host.
    if (error instanceof WebAssembly.RuntimeError) return ended("trap", error.message);
    // A RangeError is the host's own stack or memory giving out, and hosts differ in these.
    return ended("host", String(error));
  }
}
