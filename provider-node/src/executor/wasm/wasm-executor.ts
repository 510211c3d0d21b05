import { availableParallelism } from "node:os";
import { InfernetError, stdoutLimit, throwIfAborted } from "@infernet/sdk/core";
import { checkTask, memoryPagesOf, outcomeOf, type ExecutionOptions, type ExecutionOutcome, type ExecutionTask, type Executor } from "../executor.ts";
import { ChildPool } from "./child-pool.ts";
import { detectFence, type Isolation } from "./fence.ts";
import { ModuleChild } from "./module-child.ts";

/** What this host is willing to spend. None of it changes a result. */
export interface WasmExecutorOptions {
  /** Processes at once, running or warm. Default: one per CPU. */
  readonly maxChildren?: number;
  /** Largest `limits.memoryPages` that is accepted, in pages of 64 KiB. Default: 65536 (4 GiB). */
  readonly maxMemoryPages?: number;
  /** Largest result that is accepted, in bytes. Default: 256 MiB. */
  readonly maxOutputBytes?: number;
  /** Seconds that a child may take to start, load the model and compile. Default: 60. */
  readonly startSeconds?: number;
  /** Refuse to run where the operating system cannot take the network from the child. Default: false. */
  readonly requireNetworkFence?: boolean;
}

/**
 * Runs WASI preview-1 commands, each in a process of its own behind the fence of docs/EXECUTORS.md.
 * A process stays warm for the next shard of the same module, memory limit and model.
 */
export class WasmExecutor implements Executor {
  readonly kind = "wasm";
  readonly #options: Required<WasmExecutorOptions>;
  readonly #pool: ChildPool<ModuleChild>;

  constructor(options: WasmExecutorOptions = {}) {
    this.#options = {
      maxChildren: availableParallelism(),
      maxMemoryPages: 65536,
      maxOutputBytes: 256 * 1024 * 1024,
      startSeconds: 60,
      requireNetworkFence: false,
      ...options,
    };
    this.#pool = new ChildPool(this.#options.maxChildren);
  }

  /** Process ids of the children that exist now. */
  get pids(): readonly number[] {
    return this.#pool.children.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** What the operating system adds to the isolation on this host. */
  async isolation(): Promise<Isolation> {
    return (await detectFence()).isolation;
  }

  /** @inheritdoc */
  async execute(task: ExecutionTask, { signal }: ExecutionOptions = {}): Promise<ExecutionOutcome> {
    checkTask(task);
    throwIfAborted(signal);
    const outputBytes = stdoutLimit(task.items, task.limits.lineBytes);
    this.#checkAffordable(task, outputBytes);
    const run = await this.#pool.with(
      JSON.stringify([task.module.digest, task.limits.memoryPages, task.model.map(({ path, file }) => [path, file])]),
      () => this.#start(task),
      (child) => child.run(task, outputBytes + 1, signal),
      signal,
    );
    return outcomeOf(run, task, run.cpuSeconds, run.detail);
  }

  /** @inheritdoc */
  close(): Promise<void> {
    return this.#pool.close();
  }

  async #start(task: ExecutionTask): Promise<ModuleChild> {
    const fence = await detectFence();
    if (this.#options.requireNetworkFence && !fence.isolation.network)
      throw new InfernetError("runtime_unavailable", "this host cannot start a process without network");
    return ModuleChild.start(task, { fence, startSeconds: this.#options.startSeconds });
  }

  #checkAffordable({ limits }: ExecutionTask, outputBytes: number): void {
    const { maxMemoryPages, maxOutputBytes } = this.#options;
    const memoryPages = memoryPagesOf(limits);
    if (memoryPages > maxMemoryPages)
      throw new InfernetError("runtime_unavailable", `the module may use ${memoryPages} pages, this node allows ${maxMemoryPages}`);
    if (outputBytes > maxOutputBytes)
      throw new InfernetError("runtime_unavailable", `the result may take ${outputBytes} bytes, this node allows ${maxOutputBytes}`);
  }
}
