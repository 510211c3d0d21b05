import type { Libp2p } from "@libp2p/interface";
import { InfernetError, throwIfAborted } from "../../core/index.ts";
import type { DialTarget } from "../dial-targets.ts";

/**
 * Dials every target that is not connected yet.
 * @throws {InfernetError} `peer_unreachable` when some target could not be reached, `aborted`
 */
export async function dialAll(libp2p: Libp2p, targets: readonly DialTarget[], signal?: AbortSignal): Promise<void> {
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
