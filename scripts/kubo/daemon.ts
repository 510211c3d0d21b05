import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { GUARD } from "../../cli/src/process/guard.ts";
import { requireKubo } from "./build.ts";

const START_MS = 60_000;

/** A Kubo daemon of its own process. */
export interface KuboDaemon {
  readonly rpcUrl: string;
  readonly pid: number;
  /** Runs the `ipfs` command against it. @returns what it printed @throws when it fails */
  ipfs(...args: string[]): Promise<string>;
  /** As {@link ipfs}, for commands that print no text. */
  ipfsBytes(...args: string[]): Promise<Uint8Array>;
  stop(): Promise<void>;
}

/**
 * Starts Kubo over a directory, on free ports of loopback and cut off from the public network: no bootstrap
 * peers, no local discovery, no directory. It ends with this process, however that ends.
 * @param directory - its repository; made on first use, so that a peer id and content outlast the daemon
 * @throws Error with the daemon's last words
 */
export async function startKubo(directory: string): Promise<KuboDaemon> {
  const program = await requireKubo();
  const env = { ...process.env, IPFS_PATH: directory, IPFS_TELEMETRY: "off" };
  const runBytes = async (...args: string[]) => (await promisify(execFile)(program, args, { env, maxBuffer: 64 << 20, encoding: "buffer" })).stdout;
  const run = async (...args: string[]) => (await runBytes(...args)).toString("utf8");
  if (!existsSync(join(directory, "config"))) {
    await mkdir(directory, { recursive: true });
    // The profile "test": loopback, free ports, no bootstrap peers, no mDNS.
    await run("init", "--profile=test", "--empty-repo");
    await writeFile(join(directory, "config"), await alone(join(directory, "config")));
  }
  await rm(join(directory, "api"), { force: true });
  const child = spawn("/bin/sh", ["-c", GUARD, "kubo", program, "daemon", "--migrate=false"], { env, stdio: ["pipe", "pipe", "pipe"], detached: true });
  child.stdin.on("error", () => {});
  const exited = once(child, "exit");
  let said = "";
  const ready = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4000);
      if (said.includes("Daemon is ready")) ready.resolve();
    });
  void exited.then(() => ready.reject(new Error(`Kubo ended: ${said}`)));
  const overdue = setTimeout(() => ready.reject(new Error(`Kubo is not ready after ${START_MS} ms: ${said}`)), START_MS);
  const stop = async () => {
    child.stdin.end();
    await exited;
  };
  try {
    await ready.promise;
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(overdue);
  }
  const address = (await readFile(join(directory, "api"), "utf8")).trim();
  return { rpcUrl: `http://127.0.0.1:${address.split("/")[4]}`, pid: child.pid!, ipfs: run, ipfsBytes: runBytes, stop };
}

/** The profile's configuration, changed so that the daemon talks to whom it is told to and to nobody else. */
async function alone(file: string): Promise<string> {
  const config = JSON.parse(await readFile(file, "utf8")) as Record<string, Record<string, unknown>>;
  const change: Record<string, object> = {
    Addresses: { Gateway: [] },
    AutoNAT: { ServiceMode: "disabled" },
    Internal: { Bitswap: { BroadcastControl: { Enable: false } } },
    Provide: { Enabled: false },
    Routing: { Type: "none" },
    Swarm: { RelayClient: { Enabled: false }, RelayService: { Enabled: false }, EnableHolePunching: false },
    Version: { SwarmCheckEnabled: false },
  };
  for (const [section, values] of Object.entries(change)) config[section] = { ...config[section], ...values };
  return JSON.stringify(config, null, 2);
}
