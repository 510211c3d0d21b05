import { buildProgram, digitsSources, hostileSources } from "../../../../workloads/native/build.ts";
import type { Behaviour } from "../compliance.ts";
import type { ExecutionLimits, ExecutionTask } from "../executor.ts";
import { programImage } from "./images.ts";
import { digitsTask, moduleOf } from "./workloads.ts";

/** Programs that only an operating system can suffer, beside those that a module can be as well. */
export type NativeBehaviour = "fork" | "children" | "disk" | "network" | "escape" | "memory-child" | "killed" | "show";

/** Behaviours whose source for a module is of no use to a process. */
const OWN_SOURCE: ReadonlySet<string> = new Set(["memory", "foreign", "fork", "children", "disk", "network", "escape", "memory-child", "killed", "show"]);

/** Limits that the hostile programs get: small ones, which the probe has checked. */
export const NATIVE_LIMITS = { memoryPages: 1024, seconds: 30, lineBytes: 1024, processes: 64, scratchBytes: 1 << 20, gpus: 0 } as const satisfies ExecutionLimits;

const images = new Map<string, Promise<Uint8Array>>();

/** The image of a hostile program. */
export function hostileImage(behaviour: Behaviour | NativeBehaviour): Promise<Uint8Array> {
  const sources = hostileSources(behaviour, OWN_SOURCE.has(behaviour) ? "native/hostile" : "hostile");
  return remember(behaviour, () => programImage(buildProgram(sources)));
}

/** The image of the digits workload: its sources, compiled for this processor. */
export function digitsImage(): Promise<Uint8Array> {
  return remember("digits", () => programImage(buildProgram(digitsSources)));
}

/** A task for an image. */
export function containerTask(image: Uint8Array, items: number, limits: Partial<ExecutionLimits> = {}): ExecutionTask {
  return { module: moduleOf(image), model: [], input: new TextEncoder().encode("{}\n".repeat(items)), items, limits: { ...NATIVE_LIMITS, ...limits } };
}

/** The digits workload over its sample file, in a container. */
export async function digitsContainerTask(): Promise<ExecutionTask> {
  const task = digitsTask();
  return { ...task, module: moduleOf(await digitsImage()), limits: { ...NATIVE_LIMITS, ...task.limits, memoryPages: 1024 } };
}

function remember(name: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const known = images.get(name);
  if (known !== undefined) return known;
  const made = make();
  images.set(name, made);
  return made;
}
