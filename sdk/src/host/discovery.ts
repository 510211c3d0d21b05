import { autoNAT } from "@libp2p/autonat";
import { circuitRelayServer } from "@libp2p/circuit-relay-v2";
import { dcutr } from "@libp2p/dcutr";
import type { GossipSub } from "@libp2p/gossipsub";
import { contentRoutingSymbol } from "@libp2p/interface";
import { kadDHT, type KadDHT, type KadDHTComponents } from "@libp2p/kad-dht";
import { bootstrapKeeper } from "./bootstrap.ts";
import { gossip } from "./gossip.ts";
import type { DiscoveryOptions } from "./options.ts";
import { DHT_PROTOCOL } from "./protocol.ts";
import { preferPublic } from "./public-addresses.ts";
import { whenReachable } from "./when-reachable.ts";

/** What a host that discovers offers beyond identify and ping. */
export interface DiscoveryServices {
  readonly dht: KadDHT;
  readonly pubsub?: GossipSub;
}

/** Slots on one relay: each is a connection that it holds open anyway. */
const RESERVATIONS = 256;
const RELAYED_SECONDS = 3600;
const RELAYED_BYTES = 1n << 30n;

/** The services of a host that discovers, as libp2p makes them. */
export function discoveryServices({ bootstrap = [], relay = "auto", topic }: DiscoveryOptions) {
  const reservations = { maxReservations: RESERVATIONS, defaultDurationLimit: 1000 * RELAYED_SECONDS, defaultDataLimit: RELAYED_BYTES };
  return {
    dht: peerTable(relay === "server"),
    autonat: autoNAT(),
    dcutr: dcutr(),
    ...(relay === "off" ? {} : { relay: relay === "server" ? circuitRelayServer({ reservations }) : whenReachable(circuitRelayServer({ reservations })) }),
    ...(bootstrap.length === 0 ? {} : { bootstrap: bootstrapKeeper(bootstrap) }),
    ...(topic === undefined ? {} : { pubsub: gossip(topic) }),
  };
}

/** A Kademlia table of peers; it answers others when it is told to or has a public address. */
function peerTable(server: boolean) {
  const create = kadDHT({
    protocol: DHT_PROTOCOL,
    peerInfoMapper: preferPublic,
    // A node asks for itself as soon as it knows anybody: until then no lookup begins.
    initialQuerySelfInterval: 100,
    ...(server ? { clientMode: false } : {}),
  });
  return (components: KadDHTComponents): KadDHT => {
    const dht = create(components) as KadDHT & object;
    // Bitswap would look every single block up. Who has what is known from the chain; the table is for addresses.
    Object.defineProperty(dht, contentRoutingSymbol, { value: undefined });
    return dht;
  };
}
