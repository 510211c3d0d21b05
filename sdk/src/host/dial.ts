import type { Connection, Libp2p, PeerId } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { InfernetError, throwIfAborted } from "../core/index.ts";
import type { DialTarget } from "./dial-targets.ts";

/**
 * A connection to a peer: the one that is there, else by the addresses that were named, else by those that
 * the host has heard of or the DHT knows.
 */
export async function dialTarget(libp2p: Libp2p, { peer, addresses, lookUp }: DialTarget, signal?: AbortSignal): Promise<Connection> {
  const options = signal === undefined ? {} : { signal };
  if (addresses.length > 0) {
    try {
      return await libp2p.dial(addresses, options);
    } catch (error) {
      if (peer === undefined || !lookUp || signal?.aborted) throw error;
    }
  }
  if (peer === undefined) throw new Error("neither an address nor a peer id is named");
  try {
    return await libp2p.dial(peer, options);
  } catch (error) {
    // What the host has heard of may be where the peer was before it started again.
    const { multiaddrs } = await libp2p.peerRouting.findPeer(peer, { ...options, useCache: false }).catch(() => ({ multiaddrs: [] as Multiaddr[] }));
    if (multiaddrs.length === 0) throw error;
    return libp2p.dial(multiaddrs.map((address) => ofPeer(address, peer)), options);
  }
}

/**
 * Dials every target that is not connected yet.
 * @throws {InfernetError} `peer_unreachable` when some target could not be reached, `aborted`
 */
export async function dialAll(libp2p: Libp2p, targets: readonly DialTarget[], signal?: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  const dials = targets.map(async (target) => {
    const { peer } = target;
    if (peer?.equals(libp2p.peerId) || (peer !== undefined && libp2p.getConnections(peer).length > 0)) return;
    await dialTarget(libp2p, target, signal);
  });
  const failures = (await Promise.allSettled(dials)).flatMap((result, i) => (result.status === "rejected" ? [{ target: targets[i]!, reason: result.reason as Error }] : []));
  throwIfAborted(signal);
  if (failures.length === 0) return;
  const names = failures.map(({ target, reason }) => `${target.addresses[0] ?? target.peer} (${reason.message})`);
  throw new InfernetError("peer_unreachable", `cannot reach ${names.join(", ")}`, { cause: failures[0]!.reason });
}

/** An address with the peer's id at its end, once. */
export function ofPeer(address: Multiaddr, peer: PeerId): Multiaddr {
  const suffix = `/p2p/${peer}`;
  return address.toString().endsWith(suffix) ? address : address.encapsulate(suffix);
}
