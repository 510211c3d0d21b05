import { expect } from "chai";
import { batchResultDocument } from "@infernet/sdk/core";
import { caseReplicas, shardsOfSeat, type JobView } from "@infernet/sdk/chain";
import { createLogger } from "@infernet/sdk/node";
import { startProvider, type ProviderSettings, type RunningProvider } from "../src/index.ts";
import { Network } from "./network.ts";

const PROVIDERS = 8;
const LIAR = 0;
const SILENT = 1;

describe("providers without an aggregator, one of them lying and one silent", function () {
  this.timeout(240_000);
  let network: Network;
  let settings: ProviderSettings[];
  let running: RunningProvider[] = [];
  let nodes: number[];
  const log = createLogger({ name: "provider", level: "silent" });

  before(async () => {
    network = await new Network().open();
    settings = [];
    for (let i = 0; i < PROVIDERS; i++) {
      const misbehave = i === LIAR ? ("lie" as const) : i === SILENT ? ("silent" as const) : undefined;
      settings.push((await network.provider(`provider-${i}`, misbehave === undefined ? {} : { misbehave })).settings);
    }
    // Nobody but the providers turns a crank.
    await network.startClock(false);
    running = await Promise.all(settings.map((one) => startProvider(one, { log })));
    nodes = await Promise.all(running.map(async ({ ready }) => (await ready).node!));
  });
  after(async () => {
    await Promise.all(running.map((provider) => provider.stop()));
    await network.close();
  });

  let job: JobView;
  it("bring a job to its end: every shard agreed and paid", async () => {
    const id = await network.openJob(16, 2, { committeeWidth: PROVIDERS, commitWindow: 120, revealWindow: 30 });
    job = await network.until(id, (view) => view.closed !== undefined);
    expect(job.closed!.outcome).to.equal("completed");
  });

  it("convict the liar by a panel, slash the silent one, and nobody else", async () => {
    await network.until(job.id, (view) => view.slashes.length > 0 && view.slashes.every(({ state }) => state === "executed"));
    const guilty = (fault: string) => [...new Set(job.slashes.filter((slash) => slash.fault === fault).map(({ node }) => node))];
    expect(guilty("wrong")).to.deep.equal([nodes[LIAR]]);
    expect(guilty("silent")).to.deep.equal([nodes[SILENT]]);
    expect(job.penalties).to.deep.equal([]);
    const lies = shardsOfSeat(job, 0, job.batches.get(0)!.seats.findIndex(({ member }) => network.directoryView.nodeOf(job.terms.pool, member) === nodes[LIAR]));
    for (const shard of lies) {
      const convicted = caseReplicas(job, shard).filter((replica) => replica.convicted);
      expect(convicted.map(({ member }) => network.directoryView.nodeOf(job.terms.pool, member!))).to.deep.equal([nodes[LIAR]]);
    }
  });

  it("serve what they showed, so that anybody can check it", async () => {
    for (const batch of job.batches.values())
      for (const [position, { member, revealed }] of batch.seats.entries()) {
        if (revealed === undefined) continue;
        const from = [...network.directoryView.multiaddrs(network.directoryView.nodeOf(job.terms.pool, member)!)];
        const document = batchResultDocument.decode(await network.store.getDocument(revealed.dataDigest, { from }));
        expect(document).to.deep.include({ job: job.id, batch: batch.number });
        expect(document.results.map(({ shard }) => shard)).to.deep.equal(shardsOfSeat(job, batch.number, position));
        expect(document.results.map(({ root }) => root)).to.deep.equal(revealed.roots);
        for (const { file } of document.results) await network.store.getFile(file, { from });
      }
  });

  it("claim what they earned", async () => {
    const honest = nodes.filter((_, i) => i !== LIAR && i !== SILENT);
    for (const node of honest) {
      const earned = await network.client.earningsOf(job.terms.token, node);
      if (earned > 0n) await network.untilFact((event) => event.type === "claimed" && event.node === node);
    }
    for (const node of honest) expect(await network.client.earningsOf(job.terms.token, node)).to.equal(0n);
  });

  it("register once, however often they start", async () => {
    const [last, lastNode] = [PROVIDERS - 1, nodes[PROVIDERS - 1]];
    const { height } = await network.client.head();
    await running[last]!.stop();
    running[last] = await startProvider(settings[last]!, { log });
    const { node } = await running[last].ready;
    expect(node).to.equal(lastNode);
    expect(network.facts.filter((event) => event.at.height > height && ["node-registered", "member-joined", "profile-set"].includes(event.type))).to.deep.equal([]);
  });
});
