import type { Registry } from "prom-client";

/**
 * Whether a host carries the connections of others, and answers their questions about peers.
 * `auto`: once it has an address that the public internet reaches; `server`: from the start; `off`: never.
 */
export type RelayMode = "auto" | "server" | "off";

/** How a host finds peers that nobody named to it. */
export interface DiscoveryOptions {
  /** Multiaddrs of peers to begin with, each with its peer id; they are dialled again whenever none of them is connected. */
  readonly bootstrap?: readonly string[];
  readonly relay?: RelayMode;
  /** The one gossip topic that the host takes part in; without one it does not gossip. */
  readonly topic?: string;
}

/** Where a node's own libp2p host keeps its key, and how peers reach it. */
export interface HostOptions {
  /** Directory of the peer key; made when it does not exist. */
  readonly directory: string;
  /** Multiaddrs to listen on; default: loopback on a free port. `/p2p-circuit` is a slot on a relay, `/ws` a WebSocket. */
  readonly listen?: readonly string[];
  /** Multiaddrs to tell peers instead of those listened on, for a node behind a router. */
  readonly announce?: readonly string[];
  /** Where connections, and bytes in and out by protocol, are counted; default: nowhere. */
  readonly metrics?: Registry;
  /** Without it the host reaches out to nobody by itself: it talks to peers that somebody named. */
  readonly discovery?: DiscoveryOptions;
}

export const DEFAULT_LISTEN: readonly string[] = ["/ip4/127.0.0.1/tcp/0"];
