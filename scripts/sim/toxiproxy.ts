import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { GUARD } from "../../cli/src/process/guard.ts";

const MODULE = "github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0";
const FOLDER = join(import.meta.dirname, "../../.cache/toxiproxy/2.12.0");
const PROGRAM = join(FOLDER, "server");
const START_MS = 20_000;

/** What a link does to what passes over it, in the words of Toxiproxy: rates in KB/s, times in milliseconds. */
export type Toxic = { readonly type: "latency"; readonly attributes: { readonly latency: number; readonly jitter: number } } | { readonly type: "bandwidth"; readonly attributes: { readonly rate: number } };

/** A TCP link that can be poor, or cut. */
export interface Link {
  readonly port: number;
  /** Ends its connections and takes no new ones until it is mended. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

/** A Toxiproxy server of its own process. */
export class Toxiproxy {
  readonly #api: string;
  readonly #stop: () => Promise<void>;
  #links = 0;

  private constructor(api: string, stop: () => Promise<void>) {
    this.#api = api;
    this.#stop = stop;
  }

  /** Starts one on loopback, built from source with go the first time. It ends with this process, however that ends. @param say - told what takes long */
  static async start(port: number, say: (line: string) => void): Promise<Toxiproxy> {
    if (!existsSync(PROGRAM)) await build(say);
    const child = spawn("/bin/sh", ["-c", GUARD, "toxiproxy", PROGRAM, "-host", "127.0.0.1", "-port", String(port)], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    child.stdin.on("error", () => {});
    const exited = once(child, "exit");
    const stop = async () => {
      child.stdin.end();
      await exited;
    };
    const api = `http://127.0.0.1:${port}`;
    const end = performance.now() + START_MS;
    while (!(await fetch(`${api}/version`).then(({ ok }) => ok, () => false))) {
      if (performance.now() > end || child.exitCode !== null) throw new Error(`Toxiproxy does not answer at ${api}`);
      await sleep(50);
    }
    return new Toxiproxy(api, stop);
  }

  /** A link to a port of this machine. */
  async link(to: number, ...toxics: readonly Toxic[]): Promise<Link> {
    const name = `link-${++this.#links}`;
    const { listen } = (await this.#post("/proxies", { name, listen: "127.0.0.1:0", upstream: `127.0.0.1:${to}`, enabled: true })) as { listen: string };
    for (const toxic of toxics) for (const stream of ["upstream", "downstream"]) await this.#post(`/proxies/${name}/toxics`, { ...toxic, name: `${toxic.type}-${stream}`, stream });
    const set = async (enabled: boolean) => void (await this.#post(`/proxies/${name}`, { enabled }));
    return { port: Number(listen.split(":").at(-1)), cut: () => set(false), mend: () => set(true) };
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  async #post(path: string, body: object): Promise<unknown> {
    const response = await fetch(`${this.#api}${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`Toxiproxy refuses ${path}: ${await response.text()}`);
    return response.json();
  }
}

async function build(say: (line: string) => void): Promise<void> {
  say("building Toxiproxy 2.12.0 from source with go, once (about 30 seconds of two cores)");
  const folder = `${FOLDER}.building-${process.pid}`;
  await mkdir(folder, { recursive: true });
  try {
    await promisify(execFile)("go", ["install", MODULE], { env: { ...process.env, GOBIN: folder, CGO_ENABLED: "0" } });
    await mkdir(FOLDER, { recursive: true });
    await rename(join(folder, "server"), PROGRAM);
  } catch (cause) {
    throw new Error(`cannot build Toxiproxy; it needs Go 1.23 and a module proxy: ${(cause as Error).message}`, { cause });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
