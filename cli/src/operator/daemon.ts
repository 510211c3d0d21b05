import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isInfernetError } from "@infernet/sdk/core";
import { lockDirectory, type Readiness } from "@infernet/sdk/node";
import type { NodeSettings } from "./role.ts";

/** What can be told about a node's process on this machine. */
export interface DaemonState {
  readonly running: boolean;
  readonly pid: number | null;
  /** Null where it does not run, or serves no port. */
  readonly readiness: Readiness | null;
}

const ANSWER_MS = 5000;

/** Looks for the process that works for a node: told by its lock, not by a process id that may be reused. */
export async function findDaemon({ dataDir, metricsPort }: Pick<NodeSettings, "dataDir" | "metricsPort">): Promise<DaemonState> {
  if (!isHeld(dataDir)) return { running: false, pid: null, readiness: null };
  return { running: true, pid: holder(dataDir), readiness: metricsPort === 0 ? null : await readinessAt(metricsPort) };
}

function isHeld(dataDir: string): boolean {
  if (!existsSync(join(dataDir, "lock"))) return false;
  try {
    lockDirectory(dataDir).release();
    return false;
  } catch (error) {
    if (!isInfernetError(error, "data_dir_locked")) throw error;
    return true;
  }
}

function holder(dataDir: string): number | null {
  try {
    return (JSON.parse(readFileSync(join(dataDir, "owner.json"), "utf8")) as { pid: number }).pid;
  } catch {
    return null;
  }
}

async function readinessAt(port: number): Promise<Readiness | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return (await response.json()) as Readiness;
  } catch {
    return null;
  }
}
