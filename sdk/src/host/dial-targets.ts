import type { PeerId } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr, type Multiaddr } from "@multiformats/multiaddr";
import { InfernetError } from "../core/index.ts";

/** A peer and the addresses under which it may be reached. */
export interface DialTarget {
  readonly peer: PeerId | undefined;
  /** Where it may be; none when only its id was named. */
  readonly addresses: Multiaddr[];
  /** Whether its bare id, `/p2p/<id>`, was among them: its addresses may be looked up. */
  lookUp: boolean;
}

/**
 * Groups multiaddrs by the peer that they name.
 * @throws {InfernetError} `invalid_argument`
 */
export function dialTargets(multiaddrs: readonly string[]): DialTarget[] {
  const targets = new Map<string, DialTarget>();
  for (const text of multiaddrs) {
    try {
      const address = multiaddr(text);
      const components = address.getComponents();
      const id = components.findLast((component) => component.name === "p2p")?.value;
      const key = id ?? text;
      const target = targets.get(key) ?? { peer: id === undefined ? undefined : peerIdFromString(id), addresses: [], lookUp: false };
      if (id !== undefined && components.length === 1) target.lookUp = true;
      else target.addresses.push(address);
      targets.set(key, target);
    } catch (cause) {
      throw new InfernetError("invalid_argument", `not a multiaddr: ${text.slice(0, 200)}`, { cause });
    }
  }
  return [...targets.values()];
}
