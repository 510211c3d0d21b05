import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { InfernetError, stdoutLimit, throwIfAborted } from "@infernet/sdk/core";
import { checkTask, memoryPagesOf, outcomeOf, PAGE_BYTES, type ExecutionOptions, type ExecutionOutcome, type ExecutionTask, type Executor } from "../executor.ts";
import { Executions } from "../executions.ts";
import { runAttached } from "./attached-run.ts";
import { Cgroups, CgroupMeter } from "./cgroup.ts";
import { inspectContainer, listContainers, removeContainers } from "./containers.ts";
import { detectRuntime } from "./detect.ts";
import { gpuArguments } from "./gpus.ts";
import { ImageCache } from "./image-cache.ts";
import { modelMounts } from "./model-mounts.ts";
import { moduleRun } from "./outcome.ts";
import { runArguments, type ContainerSpec } from "./run-arguments.ts";
import type { Runtime } from "./runtime.ts";
import { seccompProfile } from "./seccomp.ts";
import { Units } from "../units.ts";

/** What this host is willing to spend. None of it changes a result. */
export interface ContainerExecutorOptions {
  /** Folder of its own: images, what podman keeps of containers, archives on their way. One process at a time. */
  readonly folder: string;
  /** `podman`, `docker` or the path of either. Default: the first that works. */
  readonly runtime?: string;
  /** Containers at once. Default: one per CPU. */
  readonly maxContainers?: number;
  /** CPUs of one container. Default: 1. */
  readonly cpus?: number;
  /** Largest `limits.memoryPages`, `limits.processes` and `limits.scratchBytes`. Defaults: 65536 (4 GiB), 256, 1 GiB. */
  readonly maxMemoryPages?: number;
  readonly maxProcesses?: number;
  readonly maxScratchBytes?: number;
  /** Largest result that is accepted, in bytes. Default: 256 MiB. */
  readonly maxOutputBytes?: number;
  /** GPUs that programs may be given, by their CDI names (nvidia.com/gpu=0), or nvidia:0 for the nvidia runtime of docker. Default: none. */
  readonly gpus?: readonly string[];
  /** Most bytes of all images together, unpacked. Default: 20 GiB. */
  readonly imageCacheBytes?: number;
}

const DEFAULTS: Required<Omit<ContainerExecutorOptions, "folder" | "runtime">> = { maxContainers: availableParallelism(), cpus: 1, maxMemoryPages: 65536, maxProcesses: 256, maxScratchBytes: 2 ** 30, maxOutputBytes: 256 << 20, gpus: [], imageCacheBytes: 20 * 2 ** 30 };
const SECCOMP_FILE = "seccomp.json";
type Options = ContainerExecutorOptions & typeof DEFAULTS;

/** Runs Linux programs out of image archives, each execution in a container of its own behind the limits of docs/EXECUTORS.md. */
export class ContainerExecutor implements Executor {
  readonly kind = "container";
  readonly #options: Options;
  readonly #runtime: Runtime;
  readonly #images: ImageCache;
  readonly #folder: string;
  readonly #node: string;
  readonly #slots: Units;
  readonly #gpus: Units;
  readonly #meters: ReadonlyMap<string, CgroupMeter>;
  readonly #executions = new Executions();

  private constructor(options: Options, runtime: Runtime, images: ImageCache, folder: string, node: string) {
    this.#folder = folder;
    this.#options = options;
    this.#runtime = runtime;
    this.#images = images;
    this.#node = node;
    const slots = Array.from({ length: options.maxContainers }, (_, i) => `/infernet-${node}/slot-${i}`);
    this.#slots = new Units(slots);
    this.#gpus = new Units(options.gpus);
    const cgroups = new Cgroups();
    this.#meters = new Map(slots.map((slot) => [slot, new CgroupMeter(cgroups, slot)]));
  }

  /**
   * Tries whether this host enforces every limit, and removes what an earlier process with this folder has left.
   * @throws {InfernetError} `runtime_unavailable` with what is not enforced; `config_invalid` for GPUs that no engine can give
   */
  static async open(given: ContainerExecutorOptions): Promise<ContainerExecutor> {
    const options: Options = { ...DEFAULTS, ...given };
    mkdirSync(options.folder, { recursive: true });
    const folder = realpathSync(options.folder);
    const node = createHash("sha256").update(folder).digest("hex").slice(0, 12);
    const seccomp = join(folder, SECCOMP_FILE);
    writeFileSync(seccomp, JSON.stringify(seccompProfile()));
    const probing = { runtime: options.runtime, node, folder, runFolder: runFolder(folder, node), seccomp, gpus: options.gpus, cgroupParent: `/infernet-${node}/probe` };
    const runtime = await detectRuntime(probing).catch(async (error: unknown) => {
      await forget(folder, node);
      throw error;
    });
    await removeContainers(runtime, await listContainers(runtime, node));
    const images = await ImageCache.open({ runtime, node, folder, maxBytes: options.imageCacheBytes });
    return new ContainerExecutor(options, runtime, images, folder, node);
  }

  /** The engine's command line. */
  get engine(): string {
    return this.#runtime.name;
  }

  /** Ids of the processes that run in its containers now, where this host tells. */
  get pids(): readonly number[] {
    return [...this.#meters.values()].flatMap((meter) => meter.pids());
  }

  /** Digests of the images that are kept. */
  get images(): readonly string[] {
    return this.#images.digests;
  }

  /** @inheritdoc */
  async execute(task: ExecutionTask, { signal }: ExecutionOptions = {}): Promise<ExecutionOutcome> {
    checkTask(task);
    this.#checkAffordable(task);
    return this.#executions.run(signal, (either) => this.#execute(task, either));
  }

  /** @inheritdoc */
  hold(digest: string): Disposable | undefined {
    return this.#images.keep(digest);
  }

  /** @inheritdoc */
  async close(): Promise<void> {
    if (this.#executions.closed) return;
    await this.#executions.close();
    await removeContainers(this.#runtime, await listContainers(this.#runtime, this.#node));
    await forget(this.#folder, this.#node);
  }

  async #execute(task: ExecutionTask, signal: AbortSignal): Promise<ExecutionOutcome> {
    using slot = await this.#slots.take(1, signal);
    using gpus = await this.#gpus.take(task.limits.gpus ?? 0, signal);
    using image = await this.#images.hold(task.module.digest, task.module.bytes);
    const files = await modelMounts(task.model);
    throwIfAborted(signal);
    const name = `infernet-${this.#node}-${randomUUID()}`;
    const cgroupParent = this.#runtime.ownCgroups ? slot.units[0]! : undefined;
    const meter = cgroupParent === undefined ? undefined : this.#meters.get(cgroupParent)!;
    const spec: ContainerSpec = { name, node: this.#node, image: image.reference, seccomp: join(this.#folder, SECCOMP_FILE), limits: this.#limits(task), files, gpus: gpus.units, cgroupParent };
    try {
      return await this.#run(task, spec, meter, signal);
    } finally {
      await removeContainers(this.#runtime, [name]).catch(() => {});
    }
  }

  async #run(task: ExecutionTask, spec: ContainerSpec, meter: CgroupMeter | undefined, signal: AbortSignal): Promise<ExecutionOutcome> {
    const { input, items, limits } = task;
    const [began, cpuBefore] = [performance.now(), meter?.cpuMicros() ?? 0];
    const outOfMemory = meter?.watchMemory(spec.limits.memoryBytes);
    const ended = await runAttached(this.#runtime, {
      name: spec.name,
      args: runArguments(this.#runtime.engine, spec, gpuArguments(this.#runtime.engine, spec.gpus)),
      input,
      stdoutBytes: stdoutLimit(items, limits.lineBytes) + 1,
      seconds: limits.seconds,
      begun: meter && (() => meter.pids().length > 0),
      signal,
    });
    const state = await inspectContainer(this.#runtime, spec.name).catch(() => undefined);
    // A container that never was may have lacked its image, which somebody else can have removed.
    if (state === undefined && !ended.overflowed) this.#images.forget(task.module.digest);
    const run = moduleRun(ended, state, outOfMemory?.() ?? false);
    const cpuMicros = meter?.cpuMicros();
    return outcomeOf(run, task, cpuMicros === undefined ? (performance.now() - began) / 1000 : (cpuMicros - cpuBefore) / 1e6, ended.stderr);
  }

  #limits({ limits }: ExecutionTask): ContainerSpec["limits"] {
    return { memoryBytes: memoryPagesOf(limits) * PAGE_BYTES, cpus: this.#options.cpus, processes: limits.processes!, scratchBytes: limits.scratchBytes!, seconds: limits.seconds };
  }

  #checkAffordable({ items, limits }: ExecutionTask): void {
    const { maxMemoryPages, maxProcesses, maxScratchBytes, maxOutputBytes } = this.#options;
    const { processes, scratchBytes, gpus = 0, lineBytes } = limits;
    if (processes === undefined || scratchBytes === undefined) throw new InfernetError("invalid_argument", "a task for a container needs limits of processes and scratchBytes");
    const most = [["memory pages", memoryPagesOf(limits), maxMemoryPages], ["processes", processes, maxProcesses], ["bytes of scratch space", scratchBytes, maxScratchBytes], ["GPUs", gpus, this.#gpus.size], ["bytes of output", stdoutLimit(items, lineBytes), maxOutputBytes]] as const;
    for (const [what, asked, allowed] of most)
      if (asked > allowed) throw new InfernetError("runtime_unavailable", `the job asks for ${asked} ${what}, this node allows ${allowed}`);
  }
}

/** Removes what is outside of the folder, now that there are no containers. What is in use after all stays. */
async function forget(folder: string, node: string): Promise<void> {
  new Cgroups().remove(`/infernet-${node}`);
  await rm(runFolder(folder, node), { recursive: true, force: true }).catch(() => {});
}

/** Podman's state of what runs now has to be gone after a restart of the machine. */
function runFolder(folder: string, node: string): string {
  const root = process.getuid?.() === 0 ? "/run" : process.env["XDG_RUNTIME_DIR"];
  return root === undefined ? join(folder, "run") : join(root, `infernet-${node}`);
}
