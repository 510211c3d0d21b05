import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { delimiter, join } from "node:path";
import { InfernetError, throwIfAborted } from "@infernet/sdk/core";
import { freePort, sleep } from "@infernet/sdk/node";
import { tail } from "../process/children.ts";
import { GUARD } from "../process/guard.ts";
import { ROOT } from "../process/root.ts";

/** A local chain. */
export interface AnvilOptions {
  /** 0 = any free one. */
  readonly port: number;
  /** Seconds between blocks; may be a fraction. */
  readonly blockTime: number;
  /** Accounts with native coins, derived from the mnemonic that every development chain knows. */
  readonly accounts: number;
  /** Where the state is kept between runs. */
  readonly stateFile: string;
  readonly logFile: string;
  readonly signal: AbortSignal;
}

export interface Anvil {
  readonly rpcUrl: string;
  readonly ended: Promise<number | null>;
  /** Writes the state and ends. */
  stop(): Promise<void>;
  kill(): void;
}

export const CHAIN_ID = 31337;
const START_MS = 20_000;

/** Starts anvil, bound to loopback. @throws {InfernetError} `child_failed` when it does not answer */
export async function startAnvil(options: AnvilOptions): Promise<Anvil> {
  const program = findAnvil();
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(options.signal);
    const port = options.port === 0 ? await freePort() : options.port;
    const anvil = launch(program, port, options);
    if (await answers(anvil, options.signal)) return anvil;
    anvil.kill();
    // Somebody else may have taken the free port in between.
    if (options.port !== 0 || attempt === 3)
      throw new InfernetError("child_failed", `anvil does not answer on port ${port}; its log is ${options.logFile}\n${tail(options.logFile)}`.trimEnd(), {
        hint: "The port may be in use: choose another with --port, or 0 for a free one.",
      });
  }
}

function launch(program: string, port: number, { blockTime, accounts, stateFile, logFile }: AnvilOptions): Anvil {
  const args = [
    "--host", "127.0.0.1", "--port", String(port), "--chain-id", String(CHAIN_ID), "--hardfork", "prague",
    "--block-time", String(blockTime), "--accounts", String(accounts), "--balance", "1000000", "--state", stateFile, "--quiet",
  ];
  const log = openSync(logFile, "a");
  const child = spawn("/bin/sh", ["-c", GUARD, "anvil", program, ...args], { stdio: ["pipe", log, log], detached: true });
  closeSync(log);
  const ended = new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("exit", resolve);
  });
  child.stdin!.on("error", () => undefined);
  return {
    rpcUrl: `http://127.0.0.1:${port}`,
    ended,
    async stop() {
      child.stdin!.end();
      const overdue = setTimeout(() => killGroup(child), 10_000);
      await ended;
      clearTimeout(overdue);
    },
    kill: () => killGroup(child),
  };
}

function killGroup(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

async function answers(anvil: Anvil, signal: AbortSignal): Promise<boolean> {
  let ended = false;
  void anvil.ended.then(() => (ended = true));
  for (const deadline = performance.now() + START_MS; performance.now() < deadline && !ended; ) {
    if ((await rpc(anvil.rpcUrl, "eth_chainId").catch(() => undefined)) === `0x${CHAIN_ID.toString(16)}`) return !ended;
    await sleep(50, signal).catch((error: unknown) => {
      anvil.kill();
      throw error;
    });
  }
  return false;
}

/** One JSON-RPC call. */
export async function rpc(url: string, method: string, params: readonly unknown[] = []): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(2000),
  });
  return ((await response.json()) as { result?: unknown }).result;
}

/** anvil of the lock file, else one on PATH. @throws {InfernetError} `child_failed` */
function findAnvil(): string {
  const candidates = [join(ROOT, "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"), ...(process.env.PATH ?? "").split(delimiter).filter(Boolean).map((folder) => join(folder, "anvil"))];
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined)
    throw new InfernetError("child_failed", "anvil is missing", { hint: `Put anvil 1.7 on PATH: the lock file brings it for Linux on x86-64, this is ${process.platform} ${process.arch}.` });
  return found;
}
