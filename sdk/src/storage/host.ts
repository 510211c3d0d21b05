import { mkdir } from "node:fs/promises";
import { identify } from "@libp2p/identify";
import type { Libp2p, PrivateKey } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { ping } from "@libp2p/ping";
import { prometheusMetrics } from "@libp2p/prometheus-metrics";
import { tcp } from "@libp2p/tcp";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";
import type { Registry } from "prom-client";
import { InfernetError, isInfernetError } from "../core/index.ts";
import { loadPeerKey } from "./peer-key.ts";

/** Where a node's own libp2p host keeps its key, and how peers reach it. */
export interface HostOptions {
  /** Directory of the peer key; made when it does not exist. */
  readonly directory: string;
  /** Multiaddrs to listen on; default: loopback on a free port. */
  readonly listen?: readonly string[];
  /** Multiaddrs to tell peers instead of those listened on, for a node behind a router. */
  readonly announce?: readonly string[];
  /** Where connections, and bytes in and out by protocol, are counted; default: nowhere. */
  readonly metrics?: Registry;
}

/**
 * A libp2p configuration with TCP, noise and yamux, and nothing that reaches out by itself: no bootstrap
 * list, no router. It talks to peers that somebody named.
 */
export function hostConfig(privateKey: PrivateKey, { listen = ["/ip4/127.0.0.1/tcp/0"], announce = [], metrics }: Omit<HostOptions, "directory">) {
  return {
    privateKey,
    addresses: { listen: [...listen], announce: [...announce] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // libp2p refuses private addresses by default; operators may well run several nodes at home.
    connectionGater: { denyDialMultiaddr: () => false },
    // The defaults, 5 a second and 10 pending from one host, refuse a devnet's nodes at its start.
    connectionManager: { inboundConnectionThreshold: 200, maxIncomingPendingConnections: 200 },
    services: { identify: identify(), ping: ping() },
    ...(metrics !== undefined && { metrics: prometheusMetrics({ registry: metrics, collectDefaultMetrics: false }) }),
  };
}

/**
 * Starts a libp2p host for direct messages, beside a content store that is no part of this process.
 * @throws {InfernetError} `store_failed`
 */
export async function createHost(options: HostOptions): Promise<Libp2p> {
  const { directory } = options;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return await createLibp2p(hostConfig(await loadPeerKey(directory), options));
  } catch (cause) {
    if (isInfernetError(cause)) throw cause;
    throw new InfernetError("store_failed", `cannot start the libp2p host of ${directory}: ${(cause as Error).message}`, { cause });
  }
}
