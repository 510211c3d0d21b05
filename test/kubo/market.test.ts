import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { startKubo, type KuboDaemon } from "../../scripts/kubo/daemon.ts";
import { verifyReceipt } from "../../sdk/src/client/index.ts";
import { Market, type TestClient } from "../scenarios/market.ts";

describe("a market in which some keep content in Kubo and others themselves", function () {
  this.timeout(240_000);
  let directory: string;
  const daemons: KuboDaemon[] = [];
  let market: Market;
  let buyer: TestClient | undefined;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "infernet-kubo-"));
    for (const name of ["aggregator", "providers"]) daemons.push(await startKubo(join(directory, name)));
    const [own, shared] = daemons.map(({ rpcUrl }) => ({ kuboRpcUrl: rpcUrl }));
    // Two providers share a daemon; one that keeps its content itself is found by its peer id alone.
    market = await new Market().open(({ multiaddrs }) => [{ ...shared }, { bootstrap: [...multiaddrs] }, { ...shared, bootstrap: [...multiaddrs] }], { ...own, relay: "server" });
    buyer = await market.client("buyer", (await market.aggregator.ready).multiaddrs);
  });
  after(async () => {
    await buyer?.close();
    await market.close();
    for (const daemon of daemons) await daemon.stop();
    await rm(directory, { recursive: true, force: true });
  });

  for (const [name, through] of [["through the aggregator", {}], ["without one", { aggregator: null }]] as const)
    it(`does a job ${name}`, async () => {
      const job = await buyer!.client.submitJob(market.request(12, { replicas: 3, ...through }));
      const { complete, output, data, receipt } = await job.result();
      expect(complete).to.equal(true);
      expect(receipt.jobs.flatMap(({ slashes }) => slashes)).to.deep.equal([]);
      const { checks } = await verifyReceipt(JSON.parse(JSON.stringify(receipt)), { port: buyer!.port, data, output });
      expect(checks.filter(({ ok }) => !ok)).to.deep.equal([]);
    });

  it("says where the content of a node is that its host does not keep", async () => {
    const { node, peerId } = await market.providers[0]!.ready;
    const { profile } = market.network.directoryView.node(node!)!;
    expect(profile!.peerId).to.equal(peerId);
    expect(profile!.multiaddrs.some((address) => !address.endsWith(peerId))).to.equal(true);
  });
});
