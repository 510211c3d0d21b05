import { join } from "node:path";
import { expect } from "chai";
import { Wallet } from "ethers";
import { createHost } from "@infernet/sdk/host";
import { AnnouncementNetwork, announcementsTopic, createDirect, listProtocol, realmOf } from "@infernet/sdk/net";
import { Registry } from "../../sdk/src/net/announcements/testing/registry.ts";
import { Market, type TestClient } from "./market.ts";

const LISTENS_NOWHERE = "/p2p-circuit";

describe("a network in which one bootstrap peer is all that anybody is told", function () {
  this.timeout(240_000);
  let market: Market;
  let buyer: TestClient | undefined;
  let bootstrap: readonly string[];

  before(async () => {
    market = await new Market().open(
      ({ multiaddrs }) => {
        bootstrap = multiaddrs;
        return [{ bootstrap: [...multiaddrs] }, { bootstrap: [...multiaddrs] }, { bootstrap: [...multiaddrs], listen: [LISTENS_NOWHERE] }];
      },
      { relay: "server" },
    );
    buyer = await market.client("buyer", bootstrap);
  });
  after(async () => {
    await buyer?.close();
    await market.close();
  });

  it("does a job of providers whose addresses the chain does not have", async () => {
    const ready = await Promise.all(market.providers.map((provider) => provider.ready));
    for (const { node, peerId } of ready) expect(market.network.directoryView.node(node!)!.profile).to.deep.include({ multiaddrs: [], peerId });
    const job = await buyer!.client.submitJob(market.request(12));
    const { complete, items } = await job.result().then(({ complete, output }) => ({ complete, items: output.filter((byte) => byte === 10).length }));
    expect({ complete, items }).to.deep.equal({ complete: true, items: 12 });
  });

  it("reaches a node that listens nowhere by its id, through a relay", async () => {
    const { peerId } = await market.providers[2]!.ready;
    const stranger = await createHost({ directory: join(market.network.directory, "stranger"), discovery: { bootstrap, relay: "off" } });
    try {
      const { announcements } = await createDirect(stranger).call([`/p2p/${peerId}`], listProtocol, { after: 0 });
      expect(announcements).to.not.deep.equal([]);
      const [connection] = stranger.getConnections().filter(({ remotePeer }) => remotePeer.toString() === peerId);
      expect(connection!.direct).to.equal(false);
      expect(String(connection!.remoteAddr)).to.include("/p2p-circuit");
    } finally {
      await stranger.stop();
    }
  });

  it("knows what its nodes say of themselves, and believes nobody else", async () => {
    const { deployment, directory } = market.network;
    const realm = realmOf({ kind: "evm", id: String(deployment.chainId) }, deployment.jobs);
    const topic = announcementsTopic(realm);
    const [liar, listener] = await Promise.all(["liar", "listener"].map((name) => createHost({ directory: join(directory, name), discovery: { bootstrap, topic, relay: "off" } })));
    const heard = Promise.withResolvers<void>();
    const network = new AnnouncementNetwork({ host: listener!, port: buyer!.port, onNews: () => network.known.all().length === 4 && heard.resolve() });
    try {
      await network.start();
      await heard.promise;
      const known = network.known.all().map(({ announcement }) => announcement);
      const nodes = await Promise.all([market.aggregator, ...market.providers].map(async ({ ready }) => (await ready).node!));
      expect(known.map(({ node }) => node)).to.have.members(nodes);
      const provider = known.find(({ role }) => role === "provider")!;
      expect(provider).to.deep.include({ executors: ["wasm"], pools: [deployment.pool], status: "available" });
      expect(provider.models).to.have.length(1);
      expect(provider.hardware.cpu.cores).to.be.above(0);

      const pubsub = liar!.services.pubsub!;
      while (pubsub.getSubscribers(topic).length === 0) await new Promise((resolve) => pubsub.addEventListener("subscription-change", resolve, { once: true }));
      const forger = new Registry(deployment.chainId);
      forger.register(known[0]!.node);
      const issuedAt = Math.floor(Date.now() / 1000);
      const refused = (why: string) => market.aggregator.line(({ msg, why: said }) => msg === "refused an announcement" && said === why);
      await pubsub.publish(topic, await forger.announce({ ...realm, node: known[0]!.node, issuedAt, sequence: 2 ** 52 }, Wallet.createRandom() as unknown as Wallet));
      await refused("not-the-operator");
      await pubsub.publish(topic, network.known.get(known[0]!.node)!.bytes.slice(0, -1));
      await refused("malformed");
      expect(network.known.get(known[0]!.node)!.announcement.sequence).to.be.below(2 ** 52);
    } finally {
      await network.stop();
      await Promise.all([liar!.stop(), listener!.stop()]);
    }
  });
});
