import { expect } from "chai";
import { Directory, foldJob, type ChainAction, type JobView } from "../chain/index.ts";
import { batchResultDocument, InfernetError, isInfernetError, utf8, type Hex32 } from "../core/index.ts";
import type { Direct, IntakeAnswer } from "../net/index.ts";
import { createClient } from "./client.ts";
import { fetchShard, witnesses, type ResultSources } from "./shard-fetch.ts";
import { FakeChain, POOL, TOKEN } from "./testing/fake-chain.ts";
import { playJob } from "./testing/fake-providers.ts";
import { MemoryStore, type SharedContent } from "./testing/memory-store.ts";

describe("fetching an agreed shard", () => {
  let chain: FakeChain;
  let shared: SharedContent;
  let directory: Directory;
  let view: JobView;
  let asked: string[];
  let answer: () => IntakeAnswer;

  beforeEach(async () => {
    chain = new FakeChain();
    for (let node = 1; node <= 3; node++) chain.addNode(node);
    chain.addNode(9, { role: "aggregator" });
    shared = new Map();
    directory = new Directory();
    directory.apply({ events: chain.events });
    const client = createClient({ port: chain.port(), store: new MemoryStore("client", shared) });
    await client.submitJob({ input: ["a", "bb", "ccc"], format: "txt", workload: { module: utf8("m"), model: null, limits: { memoryPages: 1, seconds: 1, lineBytes: 100 } }, pool: POOL, token: TOKEN, maxPrice: 10n ** 9n, shardSize: 2, aggregator: null });
    await client.close();
    const { terms, deposit } = chain.actions[0]!.action as Extract<ChainAction, { type: "open" }>;
    await playJob(chain, terms, deposit, new MemoryStore("providers", shared));
    view = foldJob(chain.events.filter((event) => "job" in event), directory.nodeOf);
    view.aggregator = 9;
    asked = [];
    answer = () => ({ kind: "results", shards: [], output: null, multiaddrs: [] });
  });

  const sources = (): ResultSources => ({
    store: new MemoryStore("buyer", shared),
    directory,
    lineBytes: 100,
    direct: { peerId: "buyer", serve: async () => async () => {}, call: (async (to: readonly string[]) => (asked.push(to[0]!), answer())) as unknown as Direct["call"] },
  });
  const root = (shard: number) => view.batches.get(0)!.settled!.roots[shard]!;
  const file = (shard: number) => batchResultDocument.decode(shared.get(witnesses(view, shard, root(shard), directory)[0]!.dataDigest)!).results.find((result) => result.shard === shard)!.file;

  it("asks the aggregator first, then the providers that showed it", async () => {
    answer = () => ({ kind: "results", shards: [{ shard: 1, file: file(1), root: root(1) }], output: null, multiaddrs: [] });
    const expected = { file: file(1), root: root(1) };
    expect(await fetchShard(view, 1, root(1), sources())).to.deep.include(expected);
    expect(asked).to.deep.equal(["/memory/9"]);
    answer = () => {
      throw new InfernetError("peer_unreachable", "gone");
    };
    expect(await fetchShard(view, 1, root(1), sources())).to.deep.include(expected);
    expect(await fetchShard(view, 1, root(1), { ...sources(), direct: null })).to.deep.include(expected);
  });

  it("believes neither an aggregator nor a provider that serves something else", async () => {
    answer = () => ({ kind: "results", shards: [{ shard: 1, file: file(0), root: root(1) }], output: null, multiaddrs: [] });
    expect((await fetchShard(view, 1, root(1), sources())).file).to.equal(file(1));
    const other = file(0);
    const document = (batch: number) => batchResultDocument.encode({ version: 1, job: view.id, batch, results: [{ shard: 1, items: 1, file: other, root: root(1) }] });
    for (const [i, { dataDigest }] of witnesses(view, 1, root(1), directory).entries()) shared.set(dataDigest, document(i === 0 ? 0 : 7));
    answer = () => ({ kind: "results", shards: [{ shard: 1, file: other, root: root(1) }], output: null, multiaddrs: [] });
    const error: unknown = await fetchShard(view, 1, root(1), sources()).catch((reason: unknown) => reason);
    if (!isInfernetError(error)) throw error;
    expect(error.code).to.equal("content_not_found");
    expect(error.message).to.contain("aggregator 9").and.contain("is of batch 7");
  });

  it("names as witnesses those who showed the root, and not whom a panel has convicted", () => {
    const all = witnesses(view, 0, root(0), directory);
    expect(all.map(({ node }) => node)).to.have.length(2);
    expect(witnesses(view, 0, `0x${"11".repeat(32)}` as Hex32, directory)).to.deep.equal([]);
    view.shards.set(0, { status: "agreed", since: 0, conflicting: false, root: root(0), replacements: [], convicted: new Set([1]), panel: null });
    expect(witnesses(view, 0, root(0), directory)).to.deep.equal(all.slice(0, 1));
  });
});
