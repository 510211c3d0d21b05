import { peerIdFromString } from "@libp2p/peer-id";
import { expect } from "chai";
import { dialAll } from "./dial.ts";
import { dialTargets } from "./dial-targets.ts";
import { DHT_PROTOCOL } from "./protocol.ts";
import { peersNear } from "./lookup.ts";
import { addressesOf, TestHosts, until } from "./testing/hosts.ts";

const HOP = "/libp2p/circuit/relay/0.2.0/hop";
/** Whether a host has an address of a peer, or this one. */
const knows = async (host: Parameters<typeof until>[0], peer: string, address = "") => {
  const entry = await host.peerStore.get(peerIdFromString(peer)).catch(() => undefined);
  return entry?.addresses.some(({ multiaddr }) => `${multiaddr}/p2p/${peer}`.endsWith(address)) ?? false;
};

describe("hosts that discover", function () {
  this.timeout(60_000);
  let hosts: TestHosts;
  beforeEach(() => (hosts = new TestHosts()));
  afterEach(() => hosts.stop());

  it("reach a peer of which only the id is known, with one bootstrap peer between them", async () => {
    const first = await hosts.start("bootstrap", { discovery: { relay: "server" } });
    const discovery = { bootstrap: addressesOf(first) };
    const [a, b] = await Promise.all([hosts.start("a", { discovery }), hosts.start("b", { discovery })]);
    const id = b.peerId.toString();
    await until(first, () => knows(first, id));
    await dialAll(a, dialTargets([`/p2p/${id}`]));
    expect(a.getConnections(b.peerId).map(({ remoteAddr }) => String(remoteAddr))).to.deep.equal(addressesOf(b));
    const found = await peersNear(a, AbortSignal.timeout(10_000));
    expect(found.map(({ peerId, dhtServer }) => [peerId, dhtServer])).to.have.deep.members([[id, false], [first.peerId.toString(), true]]);
  });

  it("reach a peer that listens nowhere, through the relay that it keeps a slot on", async () => {
    const relay = await hosts.start("relay", { discovery: { relay: "server" } });
    const discovery = { bootstrap: addressesOf(relay) };
    const [a, hidden] = await Promise.all([hosts.start("a", { discovery }), hosts.start("hidden", { listen: ["/p2p-circuit"], discovery })]);
    await until(hidden, () => addressesOf(hidden).length > 0);
    expect(addressesOf(hidden)).to.have.length(1).and.satisfy(([address]: string[]) => address!.includes("/p2p-circuit/"));
    await until(relay, () => knows(relay, hidden.peerId.toString()));
    await dialAll(a, dialTargets([`/p2p/${hidden.peerId}`]));
    const [connection] = a.getConnections(hidden.peerId);
    expect(connection!.direct).to.equal(false);
    expect(connection!.limits?.bytes).to.not.equal(undefined, "relays limit what they carry");
  });

  it("find a peer again that has moved since they met", async () => {
    const first = await hosts.start("bootstrap", { discovery: { relay: "server" } });
    const discovery = { bootstrap: addressesOf(first) };
    const [a, before] = await Promise.all([hosts.start("a", { discovery }), hosts.start("b", { discovery })]);
    await dialAll(a, dialTargets(addressesOf(before)));
    const [old] = addressesOf(before);
    await before.stop();
    await until(a, () => a.getConnections(before.peerId).length === 0);
    const now = await hosts.start("b", { discovery });
    const [address] = addressesOf(now);
    expect(address).to.not.equal(old);
    await until(first, () => knows(first, now.peerId.toString(), address));
    await dialAll(a, dialTargets([`/p2p/${now.peerId}`]));
    expect(a.getConnections(now.peerId).map(({ remoteAddr }) => String(remoteAddr))).to.deep.equal([address]);
  });

  it("find their bootstrap peer when it comes up after them", async () => {
    const early = await hosts.start("bootstrap", { discovery: { relay: "server" } });
    const [address] = addressesOf(early);
    await early.stop();
    const a = await hosts.start("a", { discovery: { bootstrap: [address!] } });
    await hosts.start("bootstrap", { listen: [address!.replace(/\/p2p\/.*/, "")], discovery: { relay: "server" } });
    await until(a, () => a.getConnections(early.peerId).length > 0);
  });

  it("answer questions about peers and carry others' connections only when told to or publicly reachable", async () => {
    const speaks = (protocols: readonly string[]) => [protocols.includes(DHT_PROTOCOL), protocols.includes(HOP)];
    const quiet = await hosts.start("quiet", { discovery: {} });
    expect(speaks(quiet.getProtocols())).to.deep.equal([false, false]);
    const server = await hosts.start("server", { discovery: { relay: "server" } });
    expect(speaks(server.getProtocols())).to.deep.equal([true, true]);
    const announced = await hosts.start("announced", { announce: ["/ip4/8.8.8.8/tcp/4001"], discovery: {} });
    await until(announced, () => speaks(announced.getProtocols()).every(Boolean));
    const off = await hosts.start("off", { announce: ["/ip4/8.8.8.8/tcp/4001"], discovery: { relay: "off" } });
    await until(off, () => off.getProtocols().includes(DHT_PROTOCOL));
    expect(off.getProtocols()).to.not.include(HOP);
  });

  it("stay connected however many of their parts ping a peer at once", async () => {
    const [a, b] = await Promise.all([hosts.start("a", { discovery: {} }), hosts.start("b", { discovery: {} })]);
    const connection = await a.dial(b.getMultiaddrs());
    const streams = await Promise.all(Array.from({ length: 8 }, () => connection.newStream("/ipfs/ping/1.0.0")));
    expect(connection.status).to.equal("open");
    for (const stream of streams) stream.abort(new Error("enough"));
  });

  it("speak WebSocket where they are asked to", async () => {
    const server = await hosts.start("server", { listen: ["/ip4/127.0.0.1/tcp/0/ws"], discovery: {} });
    const a = await hosts.start("a", { discovery: {} });
    await dialAll(a, dialTargets(addressesOf(server)));
    expect(a.getConnections(server.peerId)).to.have.length(1);
  });

  it("look nobody up for hosts that were not asked to", async () => {
    const plain = await hosts.start("plain");
    expect(plain.getProtocols()).to.not.include(DHT_PROTOCOL);
    const error: unknown = await dialAll(plain, dialTargets([`/p2p/12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust`])).then(() => null, (reason: unknown) => reason);
    expect(error).to.have.property("code", "peer_unreachable");
  });
});
