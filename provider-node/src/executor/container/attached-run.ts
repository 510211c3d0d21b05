import { spawn } from "node:child_process";
import { InfernetError } from "@infernet/sdk/core";
import { removeUntilEnded } from "./containers.ts";
import type { Runtime } from "./runtime.ts";

/** Bytes of stderr that are kept for the operator's log. */
const STDERR_BYTES = 4096;
/** Seconds that an engine may take to make a container. */
const START_SECONDS = 60;
/** Seconds that it is given where nobody can tell when it is done. */
const START_ALLOWANCE_SECONDS = 10;
/** Milliseconds between two looks whether it is. */
const LOOK_MS = 20;

/** A container to run with its streams attached. */
export interface AttachedRun {
  readonly name: string;
  /** Arguments of the engine. */
  readonly args: readonly string[];
  readonly input: Uint8Array;
  /** The container is ended once it has written this many bytes. */
  readonly stdoutBytes: number;
  /** Seconds that its program may take. */
  readonly seconds: number;
  /** Whether it has begun, where that can be told. */
  readonly begun: (() => boolean) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What came of it. */
export interface AttachedOutcome {
  /** Exit code of the client: that of the program, or one that says why it could not be started. */
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
  /** It was ended because it wrote too much. */
  readonly overflowed: boolean;
}

/**
 * Runs a container to its end. Whatever ends it early also removes it.
 * @throws {InfernetError} `execution_timeout`, `execution_failed`, `aborted`
 */
export async function runAttached(runtime: Runtime, { name, args, input, stdoutBytes, seconds, begun, signal }: AttachedRun): Promise<AttachedOutcome> {
  const [file, ...global] = runtime.command;
  // A session of its own: Ctrl-C in the operator's terminal must not reach a stranger's program, which could answer it.
  const client = spawn(file!, [...global, ...args], { env: runtime.env, cwd: "/", detached: true, stdio: "pipe" });
  const exited = Promise.withResolvers<number>();
  client.once("close", (code, killed) => (code === null ? exited.reject(failed(`${runtime.engine} was killed (${killed})`)) : exited.resolve(code)));
  client.once("error", (cause) => exited.reject(failed(`${runtime.engine} cannot be started: ${cause.message}`)));
  exited.promise.catch(() => {});
  const early = Promise.withResolvers<InfernetError | "overflow">();

  const [chunks, kept] = [[] as Uint8Array[], { stdout: 0, stderr: "" }];
  client.stdout.on("data", (chunk: Uint8Array) => {
    if (kept.stdout >= stdoutBytes) return;
    chunks.push(chunk);
    kept.stdout += chunk.length;
    if (kept.stdout >= stdoutBytes) early.resolve("overflow");
  });
  client.stderr.setEncoding("utf8").on("data", (text: string) => {
    kept.stderr = (kept.stderr + text).slice(0, STDERR_BYTES);
  });
  // A program that does not read its input, or has ended, is no error of this side.
  client.stdin.on("error", () => {});
  client.stdin.end(input);

  const onAbort = (): void => early.resolve(new InfernetError("aborted", "aborted by the caller", { cause: signal?.reason }));
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const late = (error: InfernetError, inSeconds: number) => setTimeout(() => early.resolve(error), inSeconds * 1000);
  const timeout = new InfernetError("execution_timeout", `the shard ran longer than ${seconds} s`);
  // Making a container takes time that is not the program's.
  let timer = begun === undefined ? late(timeout, seconds + START_ALLOWANCE_SECONDS) : late(failed(`the container had not begun after ${START_SECONDS} s`), START_SECONDS);
  const look = setInterval(() => {
    if (begun === undefined || !begun()) return;
    clearInterval(look);
    clearTimeout(timer);
    timer = late(timeout, seconds);
  }, LOOK_MS);
  try {
    const first = await Promise.race([exited.promise, early.promise]);
    if (first instanceof InfernetError || first === "overflow") {
      await removeUntilEnded(runtime, name, exited.promise.catch(() => {}));
      client.kill("SIGKILL");
    }
    if (first instanceof InfernetError) throw first;
    return { exitCode: typeof first === "number" ? first : 0, stdout: Buffer.concat(chunks), stderr: kept.stderr, overflowed: first === "overflow" };
  } finally {
    clearInterval(look);
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

function failed(message: string): InfernetError {
  return new InfernetError("execution_failed", message);
}
