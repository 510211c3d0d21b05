import { z } from "zod";
import { hex32Schema, InfernetError, integer, shardResult, type FailureCode, type Manifest, type ModuleRun } from "@infernet/sdk/core";

/** Bytes of the unit that memory is limited in. */
export const PAGE_BYTES = 65536;

/** The program of a shard. */
export interface ExecutionModule {
  /** Digest of `bytes`: WebAssembly, an image archive, or which served model to ask. The caller has checked it: executors cache by it. */
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** A model file that the program may read. The caller has checked its bytes. */
export interface ModelFile {
  /** Name below /model, as in the manifest. */
  readonly path: string;
  /** Where the file lies on this host. */
  readonly file: string;
}

/** What one shard may use. The fields of the manifest's `limits`. */
export interface ExecutionLimits {
  /** Modules and containers: most memory, in pages of 64 KiB. */
  readonly memoryPages?: number;
  /** Most wall-clock seconds. */
  readonly seconds: number;
  /** Most bytes of one result line, without its newline. */
  readonly lineBytes: number;
  /** Containers: most processes and threads at once. */
  readonly processes?: number;
  /** Containers: size of /tmp and of /dev/shm. */
  readonly scratchBytes?: number;
  /** Containers: GPUs; default none. */
  readonly gpus?: number;
  /** Served models: most tokens of one completion. */
  readonly maxTokens?: number;
}

/** One shard to run. */
export interface ExecutionTask {
  readonly module: ExecutionModule;
  readonly model: readonly ModelFile[];
  /** Shard input: JSON Lines. */
  readonly input: Uint8Array;
  /** Lines of the input, and of the result. */
  readonly items: number;
  readonly limits: ExecutionLimits;
}

/** What a shard gave: a result in any case, of success or of deterministic failure. */
export interface ExecutionOutcome {
  readonly status: "ok" | "failed";
  /** Why the whole shard failed; absent when `ok`. */
  readonly code?: FailureCode;
  /** Shard result: JSON Lines, exactly `items` lines. */
  readonly output: Uint8Array;
  /** CPU time that this execution took on this host, in seconds. */
  readonly cpuSeconds: number;
  /** What happened, for the operator's log. Differs between hosts; never part of the result. */
  readonly detail?: string;
}

/** How one execution may be stopped. */
export interface ExecutionOptions {
  readonly signal?: AbortSignal;
}

/**
 * Runs the programs of strangers. The outcome is a function of the task alone, the same on every
 * host; whatever a host cannot do is an error, never an outcome.
 */
export interface Executor {
  /** Kind of the manifests that it runs. */
  readonly kind: Manifest["kind"];
  /** Computes each item as if it stood alone, and a failure of one is no failure of the others. */
  readonly itemByItem?: boolean;
  /**
   * Runs one shard. Calls may overlap; an executor decides how many run at once.
   * @throws {InfernetError} `invalid_argument`, `model_missing`, `runtime_unavailable`,
   *   `execution_timeout`, `execution_failed`, `aborted`: the shard has no result from this host
   */
  execute(task: ExecutionTask, options?: ExecutionOptions): Promise<ExecutionOutcome>;
  /**
   * Keeps a program that this executor has already taken in, until the lease is given back: a task may then come with
   * no bytes of it. Only executors of programs that are large have this.
   * @returns undefined when the program is not here
   */
  hold?(digest: string): Disposable | undefined;
  /** Ends everything that is running and frees what is kept warm. Running calls fail as `aborted`. */
  close(): Promise<void>;
}

const taskSchema = z.object({
  module: z.object({ digest: hex32Schema, bytes: z.instanceof(Uint8Array) }),
  model: z.array(z.object({ path: z.string().min(1).max(200), file: z.string().min(1) })).max(64),
  input: z.instanceof(Uint8Array),
  items: integer(1, 2 ** 32 - 1),
  limits: z.object({
    memoryPages: integer(1, 2 ** 24).optional(),
    seconds: z.number().positive().max(86400),
    lineBytes: integer(2, 1 << 20),
    processes: integer(32, 4096).optional(),
    scratchBytes: integer(65536, 2 ** 36).optional(),
    gpus: integer(0, 16).optional(),
    maxTokens: integer(1, 1 << 20).optional(),
  }),
});

/**
 * Checks the shape of a task.
 * @throws {InfernetError} `invalid_argument`
 */
export function checkTask(task: ExecutionTask): void {
  const parsed = taskSchema.safeParse(task);
  if (!parsed.success) throw new InfernetError("invalid_argument", `not an execution task: ${z.prettifyError(parsed.error)}`);
}

/**
 * Memory that a task may use, of a kind whose programs run on this host.
 * @throws {InfernetError} `invalid_argument`
 */
export function memoryPagesOf({ memoryPages }: ExecutionLimits): number {
  if (memoryPages === undefined) throw new InfernetError("invalid_argument", "a task for a module or a container needs a limit of memoryPages");
  return memoryPages;
}

/**
 * What the run of a program comes to.
 * @param cpuSeconds - CPU time that it took
 * @param detail - for the operator's log; empty: nothing to say
 */
export function outcomeOf(run: ModuleRun, { items, limits }: Pick<ExecutionTask, "items" | "limits">, cpuSeconds: number, detail: string): ExecutionOutcome {
  const { file, failure } = shardResult(run, items, limits.lineBytes);
  return { status: failure === null ? "ok" : "failed", ...(failure === null ? {} : { code: failure }), output: file, cpuSeconds, ...(detail === "" ? {} : { detail }) };
}
