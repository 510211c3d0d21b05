import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InfernetError } from "@infernet/sdk/core";
import { lockDirectory } from "@infernet/sdk/node";
import { Children, childFailed } from "../process/children.ts";
import { listenForInterrupt } from "../process/interrupt.ts";
import { script } from "../process/root.ts";
import { CHAIN_ID, startAnvil, type Anvil } from "./anvil.ts";
import { devnetPaths, type DevnetInfo } from "./directory.ts";

/** How a development network is made. */
export interface UpOptions {
  readonly directory: string;
  readonly port: number;
  /** Seconds between blocks. */
  readonly blockTime: number;
  /** Node owners and operators that get funds: so many providers, and two aggregators. */
  readonly providers: number;
  readonly onProgress: (line: string) => void;
  /** Told once everything stands. */
  readonly onReady: (info: DevnetInfo) => void;
}

const PREPARE_MS = 120_000;

/**
 * Starts the local chain, deploys and funds what is not there yet, and holds it together until it is interrupted.
 * @throws {InfernetError} `data_dir_locked` when it already runs, `child_failed`
 */
export async function runDevnet({ directory, port, blockTime, providers, onProgress, onReady }: UpOptions): Promise<void> {
  const paths = devnetPaths(directory);
  const lock = lockDirectory(paths.directory);
  mkdirSync(paths.logs, { recursive: true });
  const children = new Children();
  let anvil: Anvil | undefined;
  const interrupt = listenForInterrupt(() => {
    children.kill();
    anvil?.kill();
  });
  const { signal } = interrupt;
  try {
    const accounts = 10 + 2 * providers;
    anvil = await startAnvil({ port, blockTime, accounts, stateFile: paths.chainState, logFile: join(paths.logs, "anvil.log"), signal });
    if (!existsSync(paths.deployment)) {
      onProgress("deploying the contracts, funding accounts, opening pools");
      const args = ["--rpc", anvil.rpcUrl, "--deployment", paths.deployment, "--keys", paths.keys, "--providers", String(providers)];
      const prepare = children.start({ name: "the deployment", command: process.execPath, args: [...script("scripts/devnet/prepare.ts"), ...args], logFile: join(paths.logs, "deploy.log") });
      const overdue = setTimeout(() => prepare.kill("SIGKILL"), PREPARE_MS);
      const stopped = () => prepare.kill("SIGTERM");
      signal.addEventListener("abort", stopped);
      const code = await prepare.ended;
      clearTimeout(overdue);
      signal.removeEventListener("abort", stopped);
      signal.throwIfAborted();
      if (code !== 0) throw childFailed(prepare, `ended with ${code === null ? "a signal" : `code ${code}`}`);
    }
    const info: DevnetInfo = { pid: process.pid, rpcUrl: anvil.rpcUrl, chainId: CHAIN_ID, deployment: paths.deployment, keys: paths.keys };
    writeFileSync(paths.info, `${JSON.stringify(info, null, 2)}\n`);
    onReady(info);
    const died = anvil.ended.then(() => {
      throw new InfernetError("child_failed", `anvil ended; its log is ${join(paths.logs, "anvil.log")}`);
    });
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve());
    });
    await Promise.race([died, stopped]);
  } finally {
    rmSync(paths.info, { force: true });
    await children.stop();
    await anvil?.stop();
    interrupt.end();
    lock.release();
  }
}
