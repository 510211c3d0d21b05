import { z } from "zod";
import { DEFAULT_LISTEN } from "../host/options.ts";

const multiaddr = z.string().max(256).regex(/^\/[\x21-\x7e]+$/, "must be a multiaddr");

/** Settings of a daemon's place in the network; part of its own schema. */
export const networkSettings = {
  /** Where peers reach this node: name a port, so that the address stays right over restarts. `/p2p-circuit` asks relays for a slot. */
  listen: z.array(multiaddr).min(1).default([...DEFAULT_LISTEN]),
  /** What to tell peers instead, for a node behind a router that forwards a port. */
  announce: z.array(multiaddr).default([]),
  /** Peers to begin with, each with its peer id. One is enough to find all others. */
  bootstrap: z.array(multiaddr.regex(/\/p2p\/[1-9A-HJ-NP-Za-km-z]{20,80}$/, "must end with the peer's id, /p2p/…")).max(64).default([]),
  /** Whether to carry connections for nodes behind NAT, and to answer questions about peers. auto: once publicly reachable. */
  relay: z.enum(["auto", "server", "off"]).default("auto"),
  /** RPC of a Kubo daemon that keeps the content instead of this process. */
  kuboRpcUrl: z.url({ protocol: /^https?$/ }).optional(),
};

/**
 * Which addresses go into the profile on chain. Whoever has a bootstrap peer is found by its peer id, wherever
 * it moves; each change of a profile costs gas. What an operator has named itself is meant to stay.
 */
export function publishedAddresses({ announce, bootstrap }: { readonly announce: readonly string[]; readonly bootstrap: readonly string[] }, present: readonly string[]): readonly string[] {
  return bootstrap.length > 0 && announce.length === 0 ? [] : present;
}
