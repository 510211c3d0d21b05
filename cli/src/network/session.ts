import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InfernetError } from "@infernet/sdk/core";
import { readDirectory, type Directory } from "@infernet/sdk/chain";
import type { EvmPort } from "@infernet/sdk/chain/evm";
import type { InfernetHost } from "@infernet/sdk/host";
import type { AnnouncementNetwork } from "@infernet/sdk/net";
import { readJsonFile } from "@infernet/sdk/node";
import { resolveNetwork, type ConnectionFlags } from "../job/connection.ts";

/** Flags of the commands that look at the network. */
export interface NetworkFlags extends ConnectionFlags {
  readonly bootstrap?: readonly string[];
  /** Seconds that peers get to answer. */
  readonly wait: number;
}

/** The network, seen by a host that exists for one command, and what the chain says about it. */
export interface NetworkView {
  readonly host: InfernetHost;
  readonly announcements: AnnouncementNetwork;
  readonly directory: Directory;
  readonly port: EvmPort;
  /** Ends when peers have had their time. */
  readonly deadline: AbortSignal;
}

/** Chain profiles that are tried where no bootstrap peer is named. */
const MOST_TRIED = 16;

/**
 * Joins the network as nobody in particular, looks, and leaves.
 * @throws {InfernetError} `peer_unreachable` when no peer can be reached; of the chain
 */
export async function lookAtNetwork<T>(flags: NetworkFlags, signal: AbortSignal, look: (view: NetworkView) => Promise<T>): Promise<T> {
  const network = resolveNetwork(flags);
  const [{ createEvmPort, parseDeployment }, { createHost }, { AnnouncementNetwork, announcementsTopic, realmOf }] = await Promise.all([
    import("@infernet/sdk/chain/evm"), import("@infernet/sdk/host"), import("@infernet/sdk/net"),
  ]);
  const deployment = parseDeployment(readJsonFile("deployment", network.deploymentFile));
  await using closing = new AsyncDisposableStack();
  const port = closing.adopt(await createEvmPort({ rpc: network.rpc, deployment }), (it) => it.close());
  const directory = await readDirectory(port, signal);
  const bootstrap = flags.bootstrap ?? published(directory);
  const home = closing.adopt(mkdtempSync(join(tmpdir(), "infernet-look-")), (it) => rmSync(it, { recursive: true, force: true }));
  const topic = announcementsTopic(realmOf(port.chain, deployment.jobs));
  const host = closing.adopt(await createHost({ directory: home, discovery: { bootstrap, topic, relay: "off" } }), (it) => it.stop());
  const announcements = new AnnouncementNetwork({ host, port, peerOf: (node) => directory.node(node)?.profile?.peerId });
  await announcements.start();
  closing.defer(() => announcements.stop());
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(1000 * flags.wait)]);
  await meet(host, deadline, bootstrap);
  return await look({ host, announcements, directory, port, deadline });
}

/** Addresses that the chain has of nodes: whoever publishes any is meant to be found. */
function published(directory: Directory): string[] {
  return [...directory.nodes()].flatMap(({ profile }) => profile?.multiaddrs.slice(0, 1) ?? []).slice(0, MOST_TRIED);
}

async function meet(host: InfernetHost, deadline: AbortSignal, bootstrap: readonly string[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  host.addEventListener("peer:connect", () => resolve(), { once: true });
  deadline.addEventListener("abort", () => resolve(), { once: true });
  if (host.getPeers().length === 0 && !deadline.aborted) await promise;
  if (host.getPeers().length > 0) return;
  throw new InfernetError("peer_unreachable", bootstrap.length === 0 ? "no peer to begin with is known" : `none of ${bootstrap.join(", ")} can be reached`, { hint: "Name a running node with --bootstrap." });
}
