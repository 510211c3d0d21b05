import { expect } from "chai";
import { foldJob, type ChainAction, type JobView } from "../chain/index.ts";
import { batchResultDocument, InfernetError, utf8 } from "../core/index.ts";
import type { Direct, IntakeAnswer } from "../net/index.ts";
import { ChainWatch } from "./chain-watch.ts";
import { createClient } from "./client.ts";
import { Collector, type ShardOutcome } from "./collect.ts";
import { SILENT } from "./context.ts";
import { MemoryJournal, type Attempt } from "./record.ts";
import { FakeChain, POOL, TOKEN } from "./testing/fake-chain.ts";
import { playJob } from "./testing/fake-providers.ts";
import { MemoryStore, type SharedContent } from "./testing/memory-store.ts";

describe("collecting results", () => {
  it("turns to the new aggregator when the job changes hands while a shard is being fetched", async () => {
    const chain = new FakeChain();
    for (let node = 1; node <= 3; node++) chain.addNode(node);
    for (const node of [8, 9]) chain.addNode(node, { role: "aggregator" });
    const [shared, providers]: [SharedContent, SharedContent] = [new Map(), new Map()];
    const workload = { module: utf8("m"), model: null, limits: { memoryPages: 1, seconds: 1, lineBytes: 100 } };
    const client = createClient({ port: chain.port(), store: new MemoryStore("client", providers) });
    await client.submitJob({ input: ["a"], format: "txt", workload, pool: POOL, token: TOKEN, maxPrice: 10n ** 9n, aggregator: null });
    await client.close();
    const { terms, deposit } = chain.actions[0]!.action as Extract<ChainAction, { type: "open" }>;
    await playJob(chain, terms, deposit, new MemoryStore("providers", providers)); // The buyer reaches none of them.
    const viewOf = (aggregator: number): JobView => Object.assign(foldJob(chain.events.filter((event) => "job" in event)), { aggregator });

    const root = viewOf(0).batches.get(0)!.settled!.roots[0]!;
    const { dataDigest } = viewOf(0).batches.get(0)!.seats[0]!.revealed!;
    const { file } = batchResultDocument.decode(providers.get(dataDigest)!).results[0]!;
    const asked: string[] = [];
    const refused = Promise.withResolvers<void>();
    const call = async ([to]: readonly string[]): Promise<IntakeAnswer> => {
      asked.push(to!);
      if (to === "/memory/9") return shared.set(file, providers.get(file)!), { kind: "results", shards: [{ shard: 0, file, root }], output: null, multiaddrs: [] };
      refused.resolve();
      throw new InfernetError("peer_unreachable", "gone");
    };
    const direct = { peerId: "buyer", serve: async () => async () => {}, call: call as unknown as Direct["call"] };
    const watch = new ChainWatch(chain.port(null));
    await watch.ready();
    const context = { port: chain.port(), store: new MemoryStore("buyer", shared), direct, journal: new MemoryJournal(), log: SILENT, watch };
    const outcomes: ShardOutcome[] = [];
    const collector = new Collector(context, { shards: [{ first: 0, count: 1 }] } as unknown as Attempt, 100, (outcome) => outcomes.push(outcome), new AbortController().signal);
    collector.offer(viewOf(8));
    await refused.promise;
    collector.offer(viewOf(9));
    const mining = setInterval(() => chain.mine(), 5);
    await collector.finish().finally(() => clearInterval(mining));
    await watch.close();
    expect(outcomes.map((outcome) => outcome.file)).to.deep.equal([file]);
    expect([asked[0], asked.at(-1)]).to.deep.equal(["/memory/8", "/memory/9"]);
  });
});
