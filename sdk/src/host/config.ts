import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { identify, identifyPush } from "@libp2p/identify";
import type { Libp2p, PrivateKey, ServiceMap } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { ping } from "@libp2p/ping";
import { prometheusMetrics } from "@libp2p/prometheus-metrics";
import { tcp } from "@libp2p/tcp";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import type { Libp2pOptions, ServiceFactoryMap } from "libp2p";
import { discoveryServices, type DiscoveryServices } from "./discovery.ts";
import { DEFAULT_LISTEN, type HostOptions } from "./options.ts";

/** Peers learn of a change of addresses so long after it. */
const PUSH_DEBOUNCE_MS = 250;

/**
 * Pings that one connection may have open, each way. The default is one: libp2p's own look at a connection and
 * the DHT's at a new peer would meet, and libp2p takes a ping that could not begin for the end of the connection.
 */
const PINGS = { maxOutboundStreams: 16, maxInboundStreams: 32 };

/** A libp2p host of this project; the services are there when it was asked to discover. */
export type InfernetHost = Libp2p<ServiceMap & Partial<DiscoveryServices>>;

/**
 * The libp2p configuration of every host: TCP, noise, yamux, identify and ping. With `discovery` also
 * WebSocket, relayed connections and hole punching, AutoNAT, the DHT and gossip.
 */
export function hostConfig(privateKey: PrivateKey, { listen = DEFAULT_LISTEN, announce = [], discovery, metrics }: Omit<HostOptions, "directory">): Libp2pOptions {
  return {
    privateKey,
    addresses: { listen: [...listen], announce: [...announce] },
    transports: discovery === undefined ? [tcp()] : [tcp(), webSockets(), circuitRelayTransport()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // libp2p refuses private addresses by default; operators may well run several nodes at home.
    connectionGater: { denyDialMultiaddr: () => false },
    // The defaults, 5 a second and 10 pending from one host, refuse a devnet's nodes at its start.
    connectionManager: { inboundConnectionThreshold: 200, maxIncomingPendingConnections: 200 },
    // libp2p finds the services that a service needs by what they provide; its types do not know.
    services: { identify: identify(), identifyPush: identifyPush({ debounce: PUSH_DEBOUNCE_MS }), ping: ping(PINGS), ...(discovery === undefined ? {} : discoveryServices(discovery)) } as unknown as ServiceFactoryMap,
    ...(metrics !== undefined && { metrics: prometheusMetrics({ registry: metrics, collectDefaultMetrics: false }) }),
  };
}
