import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { createServer, connect } from "node:net";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { operatorKey, PASSWORD_ENV, readJsonFile } from "@infernet/sdk/node";
import type { DaemonState } from "../daemon.ts";
import type { NodeSettings } from "../role.ts";
import { failed, ok, skipped, warning, type Found } from "./finding.ts";

const run = promisify(execFile);
const NODE_MAJOR = 24;
const DIAL_MS = 3000;

export function nodeVersion(version = process.versions.node): Found {
  return Number(version.split(".")[0]) >= NODE_MAJOR ? ok(version) : failed(`Node.js ${version}`, `Install Node.js ${NODE_MAJOR} or newer.`);
}

export async function key(settings: NodeSettings): Promise<Found> {
  const { chainId } = readJsonFile("deployment", settings.deployment) as { chainId: number };
  const { address } = await operatorKey(settings, chainId);
  const how = settings.keyFile !== undefined ? "a plain key of a development chain" : settings.passwordFile !== undefined ? "its password file opens it" : `${PASSWORD_ENV} opens it`;
  return ok(`${address}, ${how}`);
}

export async function disk({ dataDir, minFreeMegabytes }: NodeSettings): Promise<Found> {
  let existing = dataDir;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = await statfs(existing);
  const free = Math.floor((bavail * bsize) / 2 ** 20);
  return free >= minFreeMegabytes ? ok(`${free} MiB free in ${dataDir}`) : failed(`${free} MiB free in ${dataDir}, ${minFreeMegabytes} are needed`, "Free room on that disk, move dataDir to another one, or lower minFreeMegabytes.");
}

/** Whether peers could reach the node at the addresses that it listens on. */
export async function listening({ listen }: Pick<NodeSettings, "listen">, daemon: DaemonState): Promise<Found> {
  const addresses = listen.flatMap((address) => {
    const match = /^\/ip[46]\/([^/]+)\/tcp\/(\d+)$/.exec(address);
    return match === null ? [] : [{ host: match[1]!, port: Number(match[2]), address }];
  });
  if (addresses.length === 0) return skipped(`only TCP addresses are looked at, not ${listen.join(", ")}`);
  for (const { host, port, address } of addresses) {
    if (port === 0) return warning(`${address} is another port at each start`, "Name a port in listen: the published address must stay right over restarts.");
    const trouble = daemon.running ? await dial(host, port) : await bind(host, port);
    if (trouble !== null) return failed(`${address}: ${trouble}`, daemon.running ? "The daemon runs and does not listen there: read its log, then restart it." : "Another program has the port, or the address is not this machine's: change listen.");
  }
  if (addresses.every(({ host }) => host.startsWith("127.") || host === "::1")) return warning(`${listen.join(", ")} is reached from this machine only`, "Listen on /ip4/0.0.0.0/tcp/<port>, and open that port in the firewall.");
  return ok(`${listen.join(", ")} ${daemon.running ? "answers" : "is free"}`);
}

async function bind(host: string, port: number): Promise<string | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", (error) => resolve(error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

async function dial(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: host === "0.0.0.0" ? "127.0.0.1" : host, port });
    const end = (trouble: string | null) => {
      socket.destroy();
      resolve(trouble);
    };
    socket.setTimeout(DIAL_MS, () => end("does not answer"));
    socket.once("connect", () => end(null));
    socket.once("error", (error) => end(error.message));
  });
}

/** The GPU driver, where there is one. */
export async function gpu(program = "nvidia-smi"): Promise<Found> {
  try {
    const { stdout } = await run(program, ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"], { timeout: 20_000 });
    return ok(stdout.trim().split("\n").join("; "));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return skipped("no nvidia-smi on this machine");
    return failed(`${program} fails: ${(error as Error).message.split("\n")[0]}`, "Install the driver that fits the kernel, and load it: see `dmesg | grep -i nvidia`.");
  }
}
