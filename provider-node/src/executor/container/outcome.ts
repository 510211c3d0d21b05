import { InfernetError, type ModuleRun } from "@infernet/sdk/core";
import type { AttachedOutcome } from "./attached-run.ts";
import type { ContainerState } from "./containers.ts";
import { lastLine } from "./runtime.ts";

/** An exit code beyond this is 128 and the number of the signal that ended the process. */
const SIGNALLED = 128;
/** Signals by which people and systems end processes: hangup, interrupt, quit, kill, terminate. */
const FROM_OUTSIDE = new Set([1, 2, 3, 9, 15]);

/** What engines say of a command that is not there, or may not be run. Their exit codes alone can mean any trouble of theirs. */
const CANNOT_INVOKE = /exec: "|executable file .* not found/;

/**
 * What a container's end means: a result, if every host would see the same.
 * @param outOfMemory - whether the kernel has killed one of its processes for memory
 * @throws {InfernetError} `execution_memory`, `runtime_unavailable`, `execution_failed`
 */
export function moduleRun({ exitCode, stdout, stderr, overflowed }: AttachedOutcome, state: ContainerState | undefined, outOfMemory: boolean): ModuleRun {
  if (outOfMemory || state?.outOfMemory) throw new InfernetError("execution_memory", "a process of the program was killed because its memory was used up");
  // Whatever else it would have done, it has written too much.
  if (overflowed) return { outcome: "ok", stdout };
  if (state === undefined) throw new InfernetError("execution_failed", `the container is gone: ${lastLine(stderr)}`);
  if (!state.started) throw new InfernetError(CANNOT_INVOKE.test(stderr) ? "runtime_unavailable" : "execution_failed", `the image cannot be started here: ${lastLine(stderr)}`);
  if (state.running || state.exitCode !== exitCode) throw new InfernetError("execution_failed", `the engine lost sight of the container (${exitCode}): ${lastLine(stderr)}`);
  if (FROM_OUTSIDE.has(exitCode - SIGNALLED)) throw new InfernetError("execution_failed", `the program was ended from outside (signal ${exitCode - SIGNALLED})`);
  return { outcome: exitCode === 0 ? "ok" : exitCode > SIGNALLED ? "trap" : "exit", stdout };
}
