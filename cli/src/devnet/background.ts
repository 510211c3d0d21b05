import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InfernetError, isInfernetError } from "@infernet/sdk/core";
import { lockDirectory, sleep } from "@infernet/sdk/node";
import { tail } from "../process/children.ts";
import { DETACHED_ENV } from "../process/interrupt.ts";
import { SELF } from "../process/root.ts";
import { devnetInfoSchema, devnetPaths, type DevnetInfo } from "./directory.ts";

const STOP_MS = 20_000;

/**
 * Starts a devnet that goes on after this process has ended, and waits until it stands.
 * @param args - arguments of `devnet up`
 * @throws {InfernetError} `child_failed` with the end of its log
 */
export async function startInBackground(directory: string, args: readonly string[], signal: AbortSignal): Promise<DevnetInfo> {
  const paths = devnetPaths(directory);
  // A devnet that runs already is named now, not in a log.
  lockDirectory(paths.directory).release();
  mkdirSync(paths.logs, { recursive: true });
  const logFile = join(paths.logs, "devnet.log");
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [...SELF, "devnet", "up", "--foreground", ...args], {
    stdio: ["ignore", log, log, "ipc"],
    detached: true,
    env: { ...process.env, [DETACHED_ENV]: "1" },
  });
  closeSync(log);
  try {
    return await new Promise<DevnetInfo>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => reject(new InfernetError("child_failed", `the devnet ended with code ${code}; its log is ${logFile}\n${tail(logFile)}`.trimEnd())));
      child.on("message", (message) => resolve(devnetInfoSchema.parse(message)));
      signal.addEventListener("abort", () => {
        child.kill("SIGTERM");
        reject(signal.reason as Error);
      });
    });
  } finally {
    child.removeAllListeners();
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** Process that holds a devnet, or undefined when none does: told by the lock, not by a process id that may be reused. */
export function devnetHolder(directory: string): number | undefined {
  if (!existsSync(directory)) return undefined;
  try {
    lockDirectory(directory).release();
    return undefined;
  } catch (error) {
    if (!isInfernetError(error, "data_dir_locked")) throw error;
    const { pid } = JSON.parse(readFileSync(join(directory, "owner.json"), "utf8")) as { pid: number };
    return pid;
  }
}

/** Ends a devnet. @returns whether one was running */
export async function stopDevnet(directory: string, signal: AbortSignal): Promise<boolean> {
  const pid = devnetHolder(directory);
  if (pid === undefined) return false;
  process.kill(pid, "SIGTERM");
  for (const deadline = performance.now() + STOP_MS; performance.now() < deadline; await sleep(50, signal)) if (devnetHolder(directory) === undefined) return true;
  throw new InfernetError("child_failed", `process ${pid} does not end`, { hint: `End it with: kill -9 ${pid}` });
}
