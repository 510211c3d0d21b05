import { expect } from "chai";
import type { Hex32 } from "@infernet/sdk/core";
import type { JobView } from "@infernet/sdk/chain";
import { Network } from "./network.ts";
import { ProviderProcess, type LogLine } from "./provider-process.ts";

/** Where a provider dies: at the first line of its log that says so. */
const POINTS: readonly { readonly name: string; readonly at: (line: LogLine) => boolean }[] = [
  { name: "when it begins to fetch", at: (line) => line.msg === "seat" && line["to"] === "fetching" },
  { name: "when its results are journaled", at: (line) => line.msg === "seat" && line["to"] === "ready" },
  { name: "when its first transaction is mined", at: (line) => line.msg === "done" },
  { name: "when its commitment is on the chain", at: (line) => line.msg === "seat" && line["to"] === "committed" },
  { name: "when its reveal is on the chain", at: (line) => line.msg === "seat" && line["to"] === "revealed" },
];

describe("a provider that is killed", function () {
  this.timeout(180_000);
  let network: Network;
  let steady: ProviderProcess;
  let victim: { file: string; operator: string };
  let process: ProviderProcess;

  before(async () => {
    network = await new Network().open();
    const [other, own] = [await network.provider("steady"), await network.provider("victim")];
    victim = own;
    await network.startClock();
    steady = new ProviderProcess(other.file);
    process = new ProviderProcess(victim.file);
    await Promise.all([steady.ready, process.ready]);
  });
  after(async () => {
    await Promise.all([steady.kill(), process.kill()]);
    await network.close();
  });

  /** Kills the victim at the next line that is a point, and starts it again. */
  async function dieAt(at: (line: LogLine) => boolean): Promise<void> {
    const reached = Promise.withResolvers<void>();
    process.onLine = (line) => {
      if (at(line)) reached.resolve();
    };
    await reached.promise;
    await process.kill();
    process = new ProviderProcess(victim.file);
    await process.ready;
  }

  const actsOf = (view: JobView, node: number) =>
    view.events.flatMap((event) => {
      if (event.type !== "committed" && event.type !== "revealed" && event.type !== "declined") return [];
      const member = view.batches.get(event.batch)!.seats[event.position]!.member;
      return network.directoryView.nodeOf(view.terms.pool, member) === node ? [event.type] : [];
    });

  for (const { name, at } of POINTS)
    it(`resumes ${name}: one commitment at most, one reveal, everything paid`, async () => {
      const { height } = await network.client.head();
      const { node } = await process.ready;
      const opened: Promise<Hex32> = network.openJob(8, 4);
      await dieAt(at);
      const view = await network.until(await opened, (job) => job.closed !== undefined);
      expect(view.closed!.outcome).to.equal("completed");
      const acts = actsOf(view, node!);
      expect(acts.filter((act) => act === "revealed")).to.have.length(1);
      expect(acts.length).to.be.at.most(2);
      expect(view.events.some(({ type }) => type === "fault-found")).to.equal(false);
      // Nothing was sent twice: what was mined is what the chain has taken in.
      const own = (await network.calls(victim.operator, height)).filter((call) => call === "commit" || call === "reveal");
      expect(own).to.deep.equal(acts.map((act) => (act === "committed" ? "commit" : "reveal")));
    });

  it("ends in an orderly way when it is told to", async () => {
    expect(await process.stop()).to.equal(0);
    process = new ProviderProcess(victim.file);
    const { node, multiaddrs } = await process.ready;
    expect(node).to.be.a("number");
    expect(network.directoryView.node(node!)!.profile!.multiaddrs).to.deep.equal(multiaddrs);
  });
});
