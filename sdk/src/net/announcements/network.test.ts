import { expect } from "chai";
import { Wallet } from "ethers";
import type { InfernetHost } from "../../host/index.ts";
import { addressesOf, TestHosts } from "../../host/testing/hosts.ts";
import type { Announcement } from "../../core/index.ts";
import { Announcer } from "./announcer.ts";
import { AnnouncementNetwork } from "./network.ts";
import { describe as selfOf, Registry } from "./testing/registry.ts";
import { announcementsTopic } from "./topic.ts";

interface Member {
  readonly host: InfernetHost;
  readonly network: AnnouncementNetwork;
  readonly refused: string[];
  /** Resolves at the next news that is this. */
  news(is: (announcement: Announcement) => boolean): Promise<Announcement>;
}

describe("the network of announcements", function () {
  this.timeout(60_000);
  let hosts: TestHosts;
  let registry: Registry;
  const members: Member[] = [];
  const seconds = () => Math.floor(Date.now() / 1000);

  beforeEach(() => {
    hosts = new TestHosts();
    registry = new Registry();
    for (const node of [1, 2, 3]) registry.register(node);
    registry.register(4, 0n);
  });

  afterEach(async () => {
    await Promise.all(members.splice(0).map(({ network }) => network.stop()));
    await hosts.stop();
  });

  const join = async (name: string, bootstrap: readonly string[] = [], peerOf?: (node: number) => string | undefined): Promise<Member> => {
    const topic = announcementsTopic(registry.realm);
    const host = await hosts.start(name, { discovery: { bootstrap, topic, relay: bootstrap.length === 0 ? "server" : "auto" } });
    const waiting: { is: (announcement: Announcement) => boolean; resolve: (announcement: Announcement) => void }[] = [];
    const refused: string[] = [];
    const onNews = (announcement: Announcement) => waiting.forEach(({ is, resolve }) => is(announcement) && resolve(announcement));
    const network = new AnnouncementNetwork({ host, port: registry.port(), ...(peerOf && { peerOf }), onNews, onRefused: (why) => refused.push(why) });
    await network.start();
    const member: Member = {
      host, network, refused,
      news: (is) => {
        const known = network.known.all().find(({ announcement }) => is(announcement));
        return known === undefined ? new Promise((resolve) => waiting.push({ is, resolve })) : Promise.resolve(known.announcement);
      },
    };
    members.push(member);
    return member;
  };

  /** Resolves when the condition holds; it is looked at again at each heartbeat of the gossip. */
  const eventually = (member: Member, holds: () => boolean) => new Promise<void>((resolve) => {
    const pubsub = member.host.services.pubsub!;
    const look = () => {
      if (!holds()) return;
      pubsub.removeEventListener("gossipsub:heartbeat", look);
      resolve();
    };
    pubsub.addEventListener("gossipsub:heartbeat", look);
  });

  it("carries what a node says of itself to those that it does not know", async () => {
    const middle = await join("middle");
    const [a, b] = await Promise.all([join("a", addressesOf(middle.host)), join("b", addressesOf(middle.host))]);
    let last = 0;
    const sequence = { get: () => last, set: (value: number) => (last = value) };
    const announcer = new Announcer({ network: a.network, host: a.host, signer: registry.port(1), describe: () => selfOf(1), sequence });
    announcer.start();
    const heard = await b.news(({ node }) => node === 1);
    await announcer.stop();
    expect(heard).to.include({ peerId: a.host.peerId.toString(), sequence: last, role: "provider" });
    expect(heard.multiaddrs).to.deep.equal(addressesOf(a.host));
  });

  it("passes nothing on that is unsigned, replayed, oversized, stale, or a lie", async () => {
    const middle = await join("middle");
    const [liar, victim] = await Promise.all([join("liar", addressesOf(middle.host)), join("victim", addressesOf(middle.host))]);
    // What is passed on goes to the mesh, which heartbeats make.
    const mesh = () => (middle.host.services.pubsub as unknown as { getMeshPeers(topic: string): string[] }).getMeshPeers(announcementsTopic(registry.realm));
    await eventually(middle, () => mesh().length === 2);
    const other = new Registry(1);
    other.register(1);
    const good = await registry.announce({ node: 1, issuedAt: seconds() });
    const send = (bytes: Uint8Array) => liar.host.services.pubsub!.publish(announcementsTopic(registry.realm), bytes);
    await send(good);
    await victim.news(({ node }) => node === 1);
    const bad: Record<string, Uint8Array> = {
      "too-large": new Uint8Array(5000),
      malformed: new TextEncoder().encode("hello"),
      "not-the-operator": await registry.announce({ node: 2, issuedAt: seconds() }, Wallet.createRandom() as unknown as Wallet),
      "no-stake": await registry.announce({ node: 4, issuedAt: seconds() }),
      expired: await registry.announce({ node: 2, issuedAt: seconds() - 1900 }),
      replayed: await registry.announce({ node: 1, issuedAt: seconds() - 5 }),
      "other-chain": await other.announce({ node: 1, issuedAt: seconds() }),
    };
    // What a stranger does first costs it little trust; the message after all of them shows that they have been dealt with.
    for (const bytes of [bad["expired"]!, bad["replayed"]!]) await send(bytes);
    await send(await registry.announce({ node: 3, issuedAt: seconds() }));
    await victim.news(({ node }) => node === 3);
    expect(middle.refused).to.have.members(["expired", "replayed"]);
    for (const name of ["too-large", "malformed", "not-the-operator", "no-stake", "other-chain"]) await send(bad[name]!);
    await eventually(middle, () => middle.refused.length >= 5);
    expect(Object.keys(bad)).to.include.members([...new Set(middle.refused)]);
    expect(victim.refused, "nothing of it reached the next").to.deep.equal([]);
    expect(victim.network.known.all().map(({ announcement }) => announcement.node)).to.deep.equal([1, 3]);
    const score = () => (middle.host.services.pubsub as unknown as { score: { score(id: string): number } }).score.score(liar.host.peerId.toString());
    await eventually(middle, () => score() < -10);
  });

  it("tells newcomers what was said before they came, each word checked again", async () => {
    const middle = await join("middle");
    for (const node of [1, 2]) await middle.network.publish(await registry.announce({ node, issuedAt: seconds() }));
    // Known to a peer that does not check: the newcomer does.
    await middle.network.publish(await registry.announce({ node: 4, issuedAt: seconds() }));
    const late = await join("late", addressesOf(middle.host));
    await Promise.all([late.news(({ node }) => node === 1), late.news(({ node }) => node === 2)]);
    await late.network.settled(AbortSignal.timeout(20_000));
    expect(late.network.known.all().map(({ announcement }) => announcement.node)).to.deep.equal([1, 2]);
    expect(late.refused).to.deep.equal(["no-stake"]);
  });

  it("uses announced addresses only of peers that the chain has for the node", async () => {
    const middle = await join("middle");
    const right = "12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust";
    const a = await join("a", addressesOf(middle.host), (node) => (node === 1 ? right : undefined));
    const address = `/ip4/127.0.0.1/tcp/9/p2p/${right}`;
    const victim = middle.host.peerId.toString();
    await middle.network.publish(await registry.announce({ node: 2, issuedAt: seconds(), peerId: victim, multiaddrs: [`/ip4/127.0.0.1/tcp/9/p2p/${victim}`] }));
    await middle.network.publish(await registry.announce({ node: 1, issuedAt: seconds(), peerId: right, multiaddrs: [address] }));
    await Promise.all([a.news(({ node }) => node === 1), a.news(({ node }) => node === 2)]);
    const stored = await a.host.peerStore.all();
    const of = (id: string) => stored.find(({ id: peer }) => peer.toString() === id)!.addresses.map(({ multiaddr }) => String(multiaddr));
    expect(of(right)).to.deep.equal(["/ip4/127.0.0.1/tcp/9"]);
    expect(of(victim)).to.not.include("/ip4/127.0.0.1/tcp/9");
  });
});
