import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Directory, foldJob, type ChainAction, type JobView } from "@infernet/sdk/chain";
import { createClient } from "@infernet/sdk/client";
import { batchResultDocument, fromUtf8, joinLines, resultDigest, resultRoot, sha256, utf8, type Hex32 } from "@infernet/sdk/core";
import type { IntakeAnswer } from "@infernet/sdk/net";
import { createLogger, Journal } from "@infernet/sdk/node";
import { FakeChain, POOL, TOKEN } from "../../sdk/src/client/testing/fake-chain.ts";
import { playJob } from "../../sdk/src/client/testing/fake-providers.ts";
import { MemoryStore, type SharedContent } from "../../sdk/src/client/testing/memory-store.ts";
import { Collector } from "./collector.ts";
import { Evidence } from "./evidence.ts";
import { Merger } from "./merger.ts";
import { Relay } from "./relay.ts";

const workload = { module: new Uint8Array([1]), model: null, limits: { memoryPages: 16, seconds: 10, lineBytes: 256 } };
const log = createLogger({ name: "test", level: "silent" });
const zero: Hex32 = `0x${"00".repeat(32)}`;

/** The parts of an aggregator that deal with results, over a store of its own. */
class Parts {
  readonly store: MemoryStore;
  readonly collector: Collector;
  readonly merger: Merger;
  readonly evidence: Evidence;
  #arrived = Promise.withResolvers<void>();

  constructor(shared: SharedContent, journal: Journal, directory: Directory) {
    this.store = new MemoryStore("aggregator", shared);
    const relay = new Relay(this.store, journal);
    const onArrival = () => {
      this.#arrived.resolve();
      this.#arrived = Promise.withResolvers();
    };
    this.collector = new Collector({ store: this.store, relay, directory, log, signal: new AbortController().signal, fetchTimeoutMs: 1000, onArrival });
    this.merger = new Merger({ store: this.store, relay, collector: this.collector, log });
    this.evidence = new Evidence(this.store, this.collector, log);
  }

  /** Resolves at the next result. */
  get arrival(): Promise<void> {
    return this.#arrived.promise;
  }
}

describe("results at the aggregator", () => {
  let folder: string;
  let journal: Journal;
  let chain: FakeChain;
  let shared: SharedContent;
  let directory: Directory;
  let terms: Extract<ChainAction, { type: "open" }>["terms"];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "infernet-results-"));
    journal = new Journal(join(folder, "journal.sqlite"));
    chain = new FakeChain();
    for (let node = 1; node <= 3; node++) chain.addNode(node);
    shared = new Map();
    directory = new Directory();
    directory.apply({ events: chain.events });
    const client = createClient({ port: chain.port(), store: new MemoryStore("client", shared) });
    await client.submitJob({ input: ["a", "bb", "ccc", "dddd", "eeeee"], format: "txt", workload, pool: POOL, token: TOKEN, maxPrice: 10n ** 9n, shardSize: 2, aggregator: null });
    await client.close();
    terms = (chain.actions[0]!.action as Extract<ChainAction, { type: "open" }>).terms;
  });
  afterEach(() => {
    journal.close();
    rmSync(folder, { recursive: true });
  });

  const view = (): JobView => foldJob(chain.events.filter((event) => "job" in event && event.job === chain.jobId(terms)), directory.nodeOf);
  const parts = () => new Parts(shared, journal, directory);
  const answerOf = (answer: IntakeAnswer) => answer as Extract<IntakeAnswer, { kind: "results" }>;
  const lengths = (...items: string[]) => items.map((item) => `{"length":${utf8(`{"text":"${item}"}`).length}}\n`).join("");

  it("are fetched, checked, kept and merged in order; and again after a crash", async () => {
    await playJob(chain, terms, 10n ** 6n, new MemoryStore("providers", shared));
    for (const it of [parts(), parts()]) {
      expect(answerOf(it.merger.answer(view()))).to.deep.include({ shards: [], output: null });
      await it.collector.collectNow(view());
      await it.merger.mergeNow(view());
      const { shards, output, multiaddrs } = answerOf(it.merger.answer(view()));
      expect(shards.map(({ shard }) => shard)).to.deep.equal([0, 1, 2]);
      expect(multiaddrs).to.deep.equal(["/memory/aggregator"]);
      expect(fromUtf8(await it.store.getFile(output as Hex32))).to.equal(lengths("a", "bb", "ccc", "dddd", "eeeee"));
      for (const { file } of shards) expect(it.store.pinned.has(file as Hex32)).to.equal(true);
      expect(it.store.pinned.has(output as Hex32)).to.equal(true);
    }
  });

  it("arrive while the job goes on, and leave out what was refunded", async () => {
    await playJob(chain, terms, 10n ** 6n, new MemoryStore("providers", shared), { refunded: new Set([1]) });
    const it = parts();
    while (answerOf(it.merger.answer(view())).shards.length < 2) {
      const { arrival } = it;
      it.collector.offer(view(), chain.time);
      await arrival;
    }
    await it.merger.mergeNow(view());
    expect(fromUtf8(await it.store.getFile(answerOf(it.merger.answer(view())).output as Hex32))).to.equal(lengths("a", "bb", "eeeee"));
  });

  it("that do not lead to the root on chain do not count, whoever serves them", async () => {
    await playJob(chain, terms, 10n ** 6n, new MemoryStore("providers", shared));
    const forger = new MemoryStore("forger", shared);
    const file = await forger.putFile(utf8('{"length":0}\n{"length":0}\n'));
    for (const event of chain.events) {
      if (event.type !== "revealed" || event.position === 2) continue;
      const results = batchResultDocument.decode(shared.get(event.dataDigest)!).results.map((result) => ({ ...result, file }));
      Object.assign(event, { dataDigest: await forger.putDocument(batchResultDocument.encode({ version: 1, job: event.job, batch: event.batch, results })) });
    }
    const it = parts();
    await it.collector.collectNow(view());
    const shards = answerOf(it.merger.answer(view())).shards.map(({ shard }) => shard);
    expect(shards.length).to.be.within(1, 2); // those of the one member that serves what it showed
    for (const { file: kept } of answerOf(it.merger.answer(view())).shards) expect(kept).not.to.equal(file);
  });

  it("of replicas that differ open the conflict at the first item in which they do", async () => {
    const job = chain.jobId(terms);
    const providers = new MemoryStore("providers", shared);
    const shards = [["a", "bb"], ["ccc", "dddd"], ["eeeee"]].map((items) => items.map((item) => utf8(`{"length":${item.length}}`)));
    chain.mine({ type: "batch-drawn", job, batch: 0, committee: [0, 1, 2], slots: 1 });
    // Shards of each position in a committee of three, k = 2; position 1 lies about the last item of shard 1.
    const lists = [[0, 2], [0, 1], [1, 2]];
    for (const [position, list] of lists.entries()) {
      const results = await Promise.all(list.map(async (shard) => {
        const lines = shards[shard]!.map((line, i) => (position === 1 && shard === 1 && i === 1 ? utf8('{"length":0}') : line));
        return { shard, items: lines.length, file: await providers.putFile(joinLines(lines)), root: resultRoot(lines.map(resultDigest)) };
      }));
      const dataDigest = await providers.putDocument(batchResultDocument.encode({ version: 1, job, batch: 0, results }));
      chain.mine({ type: "revealed", job, batch: 0, position, roots: results.map(({ root }) => root), dataDigest });
    }
    chain.mine({ type: "batch-settled", job, batch: 0, agreedMask: 0b101, roots: [sha256(utf8("x")), zero, sha256(utf8("y"))] }, { type: "shard-changed", job, shard: 1, status: "pending", conflicting: true, root: zero });
    const it = parts();
    const found = Promise.withResolvers<void>();
    expect(it.evidence.opening(view(), 1, found.resolve)).to.equal(null);
    await it.collector.collectNow(view());
    expect(it.evidence.opening(view(), 1, found.resolve)).to.equal(null);
    await found.promise;
    const opening = it.evidence.opening(view(), 1, () => {})!;
    expect(opening.item).to.equal(1);
    expect(new Set([opening.a.replica, opening.b.replica])).to.deep.equal(new Set([0, 1]));
    expect([opening.a.resultDigest, opening.b.resultDigest]).to.have.members([resultDigest(utf8('{"length":0}')), resultDigest(utf8('{"length":4}'))]);
    expect(it.evidence.opening(view(), 0, () => {})).to.equal(null);
  });
});
