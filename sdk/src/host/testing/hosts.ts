import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InfernetHost } from "../config.ts";
import { createHost } from "../create.ts";
import type { HostOptions } from "../options.ts";

/** Hosts of one test, each with a directory of its own. */
export class TestHosts {
  readonly #directory = mkdtempSync(join(tmpdir(), "infernet-hosts-"));
  readonly #hosts: InfernetHost[] = [];

  async start(name: string, options: Omit<HostOptions, "directory"> = {}): Promise<InfernetHost> {
    const host = await createHost({ directory: join(this.#directory, name), ...options });
    this.#hosts.push(host);
    return host;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.stop()));
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Multiaddrs of a host as text. */
export const addressesOf = (host: InfernetHost): string[] => host.getMultiaddrs().map(String);

/** Resolves when the condition holds; it is looked at again whenever the host says that something about peers has changed. */
export async function until(host: InfernetHost, holds: () => boolean | Promise<boolean>): Promise<void> {
  const names = ["self:peer:update", "peer:connect", "peer:disconnect", "peer:identify", "peer:update", "connection:open"] as const;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = () => void Promise.resolve(holds()).then((yes) => yes && resolve(), reject);
  for (const name of names) host.addEventListener(name, look);
  look();
  await promise;
  for (const name of names) host.removeEventListener(name, look);
}
