import { open, type FileHandle } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { InfernetError, type ModuleRun } from "@infernet/sdk/core";
import { memoryPagesOf, PAGE_BYTES, type ExecutionModule, type ExecutionTask, type ModelFile } from "../executor.ts";
import { FencedChild, hostError } from "./child-process.ts";
import type { Reply } from "./child/frames.ts";
import { CHILD_FOLDER, fencedCommand, nodeArguments, type Fence } from "./fence.ts";
import type { ReceivedReply } from "./reply-reader.ts";

const HEAP_MEGABYTES = 128;
/** Writable memory of a child beyond what its module and model explain: the engine and its compiler. */
const ENGINE_BYTES = 2 ** 31;
const ENTRY = `${CHILD_FOLDER}wasm-child${extname(fileURLToPath(import.meta.url))}`;

/** What a module did, and what it cost this host. */
export interface ChildRun extends ModuleRun {
  readonly cpuSeconds: number;
  readonly detail: string;
}

interface ChildModel {
  readonly path: string;
  readonly fd: number;
  readonly bytes: number;
}

/** How a child is started. */
export interface ChildOptions {
  readonly fence: Fence;
  /** Seconds that start, model loading and compilation may take together. */
  readonly startSeconds: number;
}

/** A fenced process that holds one compiled module and its model files, ready for executions. */
export class ModuleChild {
  readonly #process: FencedChild;
  readonly #module: ExecutionModule;
  readonly #memoryPages: number;
  readonly #model: readonly ChildModel[];
  readonly #startSeconds: number;
  #ready = false;
  /** Why the module may not run, once that is known. */
  #refusal: string | undefined;
  #cpuMicros = 0;

  private constructor(process: FencedChild, task: ExecutionTask, model: readonly ChildModel[], startSeconds: number) {
    this.#process = process;
    this.#module = task.module;
    this.#memoryPages = memoryPagesOf(task.limits);
    this.#model = model;
    this.#startSeconds = startSeconds;
  }

  /**
   * Starts the process; it gets its model files as open files, so it needs no path of this host.
   * @throws {InfernetError} `model_missing`
   */
  static async start(task: ExecutionTask, options: ChildOptions): Promise<ModuleChild> {
    const handles: FileHandle[] = [];
    try {
      const model: ChildModel[] = [];
      for (const file of task.model) {
        const { handle, bytes } = await openModel(file);
        handles.push(handle);
        model.push({ path: file.path, fd: 2 + handles.length, bytes });
      }
      const memoryPages = memoryPagesOf(task.limits);
      const memoryBytes = memoryPages * PAGE_BYTES;
      const modelBytes = model.reduce((sum, { bytes }) => sum + bytes, 0);
      const limits = { dataBytes: ENGINE_BYTES + 3 * memoryBytes + 2 * modelBytes, files: model.length };
      const node = nodeArguments(ENTRY, memoryPages, HEAP_MEGABYTES);
      const process = new FencedChild(fencedCommand(options.fence, node, limits), handles.map(({ fd }) => fd));
      return new ModuleChild(process, task, model, options.startSeconds);
    } finally {
      await Promise.all(handles.map((handle) => handle.close()));
    }
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get alive(): boolean {
    return this.#process.alive;
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  /**
   * Runs the module once, in a fresh instance.
   * @param stdoutBytes - the module is stopped once it has written this many
   * @throws {InfernetError} `execution_timeout`, `execution_failed`, `aborted`; the child is dead then
   */
  async run(task: ExecutionTask, stdoutBytes: number, signal?: AbortSignal): Promise<ChildRun> {
    const before = this.#cpuMicros;
    if (!this.#ready) await this.#initialise(signal);
    if (this.#refusal !== undefined)
      return { outcome: "trap", stdout: new Uint8Array(0), detail: this.#refusal, cpuSeconds: this.#cpuSecondsSince(before) };
    const { seconds } = task.limits;
    const { reply, payload } = await this.#process.request({ kind: "run", stdoutBytes }, task.input, {
      timeoutMs: seconds * 1000,
      maxPayloadBytes: stdoutBytes,
      signal,
      onTimeout: () => new InfernetError("execution_timeout", `the shard ran longer than ${seconds} s`),
    });
    if (reply.kind !== "done") throw await this.#unusable(reply);
    this.#cpuMicros = reply.cpuMicros;
    const detail = [reply.detail, reply.stderr].filter((text) => text !== "").join("\n");
    return { outcome: reply.outcome, stdout: payload, detail, cpuSeconds: this.#cpuSecondsSince(before) };
  }

  async #initialise(signal?: AbortSignal): Promise<void> {
    const header = { kind: "init", memoryPages: this.#memoryPages, model: this.#model } as const;
    const { reply }: ReceivedReply = await this.#process.request(header, this.#module.bytes, {
      timeoutMs: this.#startSeconds * 1000,
      maxPayloadBytes: 0,
      signal,
      onTimeout: () => new InfernetError("execution_failed", `the child was not ready after ${this.#startSeconds} s`),
    });
    if (reply.kind !== "ready" && reply.kind !== "refused") throw await this.#unusable(reply);
    this.#cpuMicros = reply.cpuMicros;
    this.#ready = true;
    if (reply.kind === "refused") this.#refusal = reply.detail;
  }

  /** A child that says something else than asked for is not asked again. */
  async #unusable(reply: Reply): Promise<InfernetError> {
    await this.kill();
    return hostError(reply.kind === "host" ? reply.detail : `it answered ${reply.kind}`);
  }

  #cpuSecondsSince(micros: number): number {
    return (this.#cpuMicros - micros) / 1e6;
  }
}

async function openModel({ path, file }: ModelFile): Promise<{ handle: FileHandle; bytes: number }> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, "r");
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Error("not a regular file");
    return { handle, bytes: stat.size };
  } catch (cause) {
    await handle?.close();
    throw new InfernetError("model_missing", `model file ${path} cannot be read at ${file}`, {
      cause,
      hint: "Install the model file where the node's configuration says it is.",
    });
  }
}
