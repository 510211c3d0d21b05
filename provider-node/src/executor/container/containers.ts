import { z } from "zod";
import { InfernetError } from "@infernet/sdk/core";
import { NODE_LABEL } from "./run-arguments.ts";
import type { Runtime } from "./runtime.ts";

/** Milliseconds between two looks at a container that is only just being made. */
const LOOK_MS = 50;
/** Milliseconds until a container that cannot be removed is given up on. */
const REMOVE_MS = 30_000;

const stateSchema = z.object({ Running: z.boolean(), Pid: z.number(), ExitCode: z.number(), OOMKilled: z.boolean(), StartedAt: z.string() });
const inspectSchema = z.array(z.object({ State: stateSchema })).length(1);

/** What an engine says about a container. */
export interface ContainerState {
  readonly running: boolean;
  /** Id of its first process on this host; 0 when there is none. */
  readonly pid: number;
  readonly exitCode: number;
  /** Whether the kernel has killed one of its processes for memory, as far as the engine noticed. */
  readonly outOfMemory: boolean;
  /** Whether its program was ever started. */
  readonly started: boolean;
}

/** @throws {InfernetError} `execution_failed` where there is no such container */
export async function inspectContainer(runtime: Runtime, name: string): Promise<ContainerState> {
  const parsed = inspectSchema.safeParse(JSON.parse(await runtime.call(["inspect", "--type", "container", name])));
  if (!parsed.success) throw new InfernetError("execution_failed", `${runtime.engine} inspect says what is not understood: ${z.prettifyError(parsed.error)}`);
  const { Running, Pid, ExitCode, OOMKilled, StartedAt } = parsed.data[0]!.State;
  return { running: Running, pid: Pid, exitCode: ExitCode, outOfMemory: OOMKilled, started: !StartedAt.startsWith("0001-") };
}

/** Kills and removes a container. One that does not exist is no error. */
export async function removeContainers(runtime: Runtime, names: readonly string[]): Promise<void> {
  const now = runtime.engine === "podman" ? ["--time", "0"] : [];
  if (names.length > 0) await runtime.call(["rm", "--force", "--volumes", ...now, ...names]);
}

/**
 * Removes a container whose client is still at work, be it only just making it: until that has ended.
 * @param ended - resolves when the client has
 */
export async function removeUntilEnded(runtime: Runtime, name: string, ended: Promise<unknown>): Promise<void> {
  let over = false;
  const end = ended.finally(() => (over = true));
  for (const until = performance.now() + REMOVE_MS; !over && performance.now() < until; ) {
    await removeContainers(runtime, [name]).catch(() => {});
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, LOOK_MS))]);
  }
}

/** Names of the containers of a node, whatever state they are in. */
export async function listContainers(runtime: Runtime, node: string): Promise<string[]> {
  return (await runtime.call(["ps", "--all", "--format", "{{.Names}}", "--filter", `label=${NODE_LABEL}=${node}`])).split("\n").filter((line) => line !== "");
}
