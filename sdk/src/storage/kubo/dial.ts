import type { PeerId } from "@libp2p/interface";
import { multiaddr, type Multiaddr } from "@multiformats/multiaddr";
import { InfernetError, throwIfAborted } from "../../core/index.ts";
import { ofPeer, type DialTarget } from "../../host/index.ts";
import type { KuboRpc } from "./rpc.ts";

/** Finds out where a peer is that was named by its id alone. */
export type LookUp = (peer: PeerId, signal?: AbortSignal) => Promise<readonly Multiaddr[]>;

/**
 * Has a Kubo daemon dial peers; one that is connected already costs nothing. The addresses of a peer are
 * tried at once, and the first that answers ends the others.
 * @param self - peer id of the daemon, which does not dial itself
 * @throws {InfernetError} `peer_unreachable` when some target could not be reached, `aborted`, `store_unreachable`
 */
export async function dialAll(rpc: KuboRpc, self: string, targets: readonly DialTarget[], signal?: AbortSignal, lookUp?: LookUp): Promise<void> {
  throwIfAborted(signal);
  const dials = targets.map(async (target) => {
    if (target.peer?.toString() !== self) await dial(rpc, target, signal, lookUp);
  });
  const failures = (await Promise.allSettled(dials)).flatMap((result, i) => (result.status === "rejected" ? [{ target: targets[i]!, reason: result.reason as Error }] : []));
  throwIfAborted(signal);
  if (failures.length === 0) return;
  const names = failures.map(({ target, reason }) => `${target.addresses[0] ?? target.peer} (${reason.message})`);
  throw new InfernetError("peer_unreachable", `cannot reach ${names.join(", ")}`, { cause: failures[0]!.reason });
}

async function dial(rpc: KuboRpc, { peer, addresses }: DialTarget, signal: AbortSignal | undefined, lookUp: LookUp | undefined): Promise<void> {
  if (peer === undefined) throw new Error("the address does not name the peer, and Kubo dials none without");
  const enough = new AbortController();
  const either = signal === undefined ? enough.signal : AbortSignal.any([enough.signal, signal]);
  try {
    const found = addresses.length > 0 ? addresses : ((await lookUp?.(peer, either)) ?? []).map((address) => ofPeer(address, peer));
    // What nobody here knows the daemon looks up in its own DHT.
    const alternatives = found.length > 0 ? found : [multiaddr(`/p2p/${peer}`)];
    await Promise.any(alternatives.map((address) => rpc.dial(address, either)));
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  } finally {
    enough.abort();
  }
}
