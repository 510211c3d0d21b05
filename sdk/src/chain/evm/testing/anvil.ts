import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Deployment } from "../deployment.ts";

const root = join(import.meta.dirname, "../../../../..");
// The package's own launcher leaves its child behind when it is killed.
const BINARY = join(root, `node_modules/@foundry-rs/anvil-${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}/bin/anvil`);

/** A development chain of its own process. */
export interface Anvil {
  readonly url: string;
  rpc<T = unknown>(method: string, ...params: unknown[]): Promise<T>;
  stop(): Promise<void>;
}

/** Starts anvil on a free port. */
export async function startAnvil(...args: string[]): Promise<Anvil> {
  const child = spawn(BINARY, ["--port", "0", "--base-fee", "1000000000", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const port = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const found = /Listening on 127\.0\.0\.1:(\d+)/.exec(text);
      if (found) resolve(found[1]!);
    });
    void exited.then(() => reject(new Error(`anvil ended: ${text}`)));
    child.once("error", reject);
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    rpc: <T>(method: string, ...params: unknown[]) => rpc<T>(url, method, params),
    async stop() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** One JSON-RPC call. */
export async function rpc<T>(url: string, method: string, params: readonly unknown[]): Promise<T> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }) });
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (error) throw new Error(`${method}: ${error.message}`);
  return result as T;
}

/** What is deployed for a test. */
export interface LocalDeployment extends Deployment {
  readonly usdc: string;
  readonly pool: `0x${string}`;
  /** Holds all INFER. */
  readonly deployerKey: string;
}

/** Deploys the real contracts, from Hardhat's artifacts. */
export async function deployLocal(url: string): Promise<LocalDeployment> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(root, "scripts/testing/deploy-local.ts"), url]);
  return JSON.parse(stdout) as LocalDeployment;
}
