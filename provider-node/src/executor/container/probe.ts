import { readFileSync } from "node:fs";
import { InfernetError, isInfernetError } from "@infernet/sdk/core";
import { Cgroups, CgroupMeter } from "./cgroup.ts";
import { processFacts, unenforced } from "./confinement.ts";
import { inspectContainer, removeContainers } from "./containers.ts";
import { gpuArguments } from "./gpus.ts";
import { PROBE_PROGRAM, writeProbeImage } from "./probe-image.ts";
import { runArguments, type ContainerLimits, type ContainerSpec } from "./run-arguments.ts";
import type { Runtime } from "./runtime.ts";

/** Unlike anything that an engine would give by itself. */
const LIMITS: ContainerLimits = { memoryBytes: 48 << 20, cpus: 0.5, processes: 61, scratchBytes: 192 << 10, seconds: 60 };
/** Milliseconds for the program to take the place of what the engine started. */
const EXEC_MS = 20_000;

/** What a probe needs to know. */
export interface ProbeOptions {
  readonly node: string;
  /** For its image. */
  readonly folder: string;
  /** GPUs that containers may get: the engine must know them. */
  readonly gpus: readonly string[];
  readonly cgroupParent: string;
  readonly seccomp: string;
}

/**
 * Starts a container with every limit and looks from outside whether the kernel enforces them: engines silently ignore
 * limits that they cannot set.
 * @returns what is not enforced or does not work; empty when containers can be offered
 */
export async function probe(runtime: Runtime, { node, folder, gpus, cgroupParent, seccomp }: ProbeOptions): Promise<string[]> {
  const image = `localhost/infernet-probe-${node}:1`;
  const name = `infernet-${node}-probe`;
  const parent = runtime.ownCgroups ? cgroupParent : undefined;
  const spec: ContainerSpec = { name, node, image, seccomp, limits: LIMITS, files: [], gpus: [], cgroupParent: parent };
  try {
    await removeContainers(runtime, [name]).catch(() => {});
    await runtime.call(["load", "--quiet", "--input", await writeProbeImage(folder, image)]);
    await runtime.call(runArguments(runtime.engine, spec, gpuArguments(runtime.engine, []), "detached"));
    const { pid } = await inspectContainer(runtime, name);
    if (!(await runs(pid))) return ["its containers do not run on this host"];
    const cgroups = new Cgroups();
    const defects = unenforced(processFacts(pid), processFacts("self"), LIMITS, cgroups);
    if (parent !== undefined && new CgroupMeter(cgroups, parent).cpuMicros() === undefined) defects.push("the CPU time of a container that has ended");
    if (parent === undefined && runtime.engine === "podman" && cgroups.version === 1) defects.push("notice of processes that were killed for memory");
    await removeContainers(runtime, [name]);
    if (gpus.length > 0) await runtime.call(runArguments(runtime.engine, spec, gpuArguments(runtime.engine, gpus), "detached"));
    return defects;
  } catch (error) {
    if (isInfernetError(error, "config_invalid") || !(error instanceof InfernetError)) throw error;
    return [error.message];
  } finally {
    await removeContainers(runtime, [name]).catch(() => {});
  }
}

/** Whether a process of this host becomes the probe's program. */
async function runs(pid: number): Promise<boolean> {
  for (const until = performance.now() + EXEC_MS; performance.now() < until; await new Promise((resolve) => setTimeout(resolve, 10)))
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, "utf8") === `${PROBE_PROGRAM}\0`) return true;
    } catch {
      return false;
    }
  return false;
}
