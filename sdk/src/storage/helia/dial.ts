import type { Libp2p, PeerId } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr, type Multiaddr } from "@multiformats/multiaddr";
import { InfernetError, throwIfAborted } from "../../core/index.ts";

/** A peer and the addresses under which it may be reached. */
interface Target {
  readonly peer: PeerId | undefined;
  readonly addresses: Multiaddr[];
}

/**
 * Groups multiaddrs by the peer that they name.
 * @throws {InfernetError} `invalid_argument`
 */
export function dialTargets(multiaddrs: readonly string[]): Target[] {
  const targets = new Map<string, Target>();
  for (const text of multiaddrs) {
    try {
      const address = multiaddr(text);
      const id = address.getComponents().findLast((component) => component.name === "p2p")?.value;
      const key = id ?? text;
      const target = targets.get(key) ?? { peer: id === undefined ? undefined : peerIdFromString(id), addresses: [] };
      target.addresses.push(address);
      targets.set(key, target);
    } catch (cause) {
      throw new InfernetError("invalid_argument", `not a multiaddr: ${text.slice(0, 200)}`, { cause });
    }
  }
  return [...targets.values()];
}

/**
 * Dials every target that is not connected yet.
 * @throws {InfernetError} `peer_unreachable` when some target could not be reached, `aborted`
 */
export async function dialAll(libp2p: Libp2p, targets: readonly Target[], signal?: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  const options = signal === undefined ? {} : { signal };
  const dials = targets.map(async ({ peer, addresses }) => {
    if (peer?.equals(libp2p.peerId) || (peer !== undefined && libp2p.getConnections(peer).length > 0)) return;
    await libp2p.dial(addresses, options);
  });
  const failures = (await Promise.allSettled(dials)).flatMap((result, i) => (result.status === "rejected" ? [{ target: targets[i]!, reason: result.reason as Error }] : []));
  throwIfAborted(signal);
  if (failures.length === 0) return;
  const names = failures.map(({ target, reason }) => `${target.addresses[0]} (${reason.message})`);
  throw new InfernetError("peer_unreachable", `cannot reach ${names.join(", ")}`, { cause: failures[0]!.reason });
}
