import { expect } from "chai";
import { concat, fromUtf8, sha256, utf8, type Hex32, type ModuleManifest } from "../../core/index.ts";
import type { ChainAction, ChainEvent, ChainFact, ChainPort } from "../../chain/index.ts";
import type { Direct } from "../../net/index.ts";
import { createClient } from "../client.ts";
import { FakeChain, POOL, TOKEN } from "../testing/fake-chain.ts";
import { playConflict, playJob } from "../testing/fake-providers.ts";
import { MemoryStore } from "../testing/memory-store.ts";
import { fileOf, leavesDigest } from "./build.ts";
import type { Receipt } from "./schema.ts";
import { verifyReceipt } from "./verify.ts";

const workload = { module: new Uint8Array([0]), model: null, limits: { memoryPages: 16, seconds: 10, lineBytes: 256 } };
const vector = (n: number) => Buffer.from(Float32Array.of(n, 0.5).buffer).toString("base64");
const embed = (item: Uint8Array) => utf8(JSON.stringify({ embedding: vector(Number(/\d+/.exec(fromUtf8(item))![0])), tokens: 3 }));
const other: Hex32 = sha256(utf8("something else"));

/** A receipt of a job whose second shard was refunded once, and what it is held against. */
interface Scene {
  receipt: Receipt;
  data: Uint8Array;
  output: Uint8Array;
  chain: FakeChain;
  port: ChainPort;
}

async function scene(direct = false): Promise<Scene> {
  const chain = new FakeChain();
  for (let node = 1; node <= 3; node++) chain.addNode(node);
  const store = new MemoryStore("client");
  const client = createClient({ port: chain.port(), store });
  const courses = [{ refunded: new Set([1]) }, {}];
  chain.onAction = (action: ChainAction) => {
    if (action.type === "open") void playJob(chain, action.terms, action.deposit, store, { ...courses.shift(), compute: embed, direct });
  };
  const input = Array.from({ length: 5 }, (_, i) => `text ${i}`);
  const job = await client.submitJob({ input, format: "txt", workload, pool: POOL, token: TOKEN, maxPrice: 10n ** 9n, shardSize: 2, aggregator: null });
  const { receipt, data, output } = await job.result();
  await client.close();
  return { receipt: JSON.parse(JSON.stringify(receipt)) as Receipt, data, output, chain, port: chain.port(null) };
}

/** A change, and the check that must notice it; what it must say. */
type Tamper = readonly [name: string, check: string, detail: RegExp, change: (scene: Scene) => void];

/** The first event of a type, to be changed in place. */
function eventOf<T extends ChainFact["type"]>({ chain }: Scene, type: T): Extract<ChainEvent, { type: T }> & { -readonly [K in string]: unknown } {
  return chain.events.find((event) => event.type === type) as never;
}

/** Takes events off the chain, as if they had never been. */
function without({ chain }: Scene, is: (event: ChainEvent) => boolean): void {
  const kept = chain.events.filter((event) => !is(event));
  chain.events.splice(0, chain.events.length, ...kept);
}

const TAMPERS: readonly Tamper[] = [
  // The receipt lies.
  ["another version", "form", /version/, ({ receipt }) => ((receipt as { version: number }).version = 2)],
  ["a key that nobody knows", "form", /Unrecognized/, ({ receipt }) => Object.assign(receipt, { note: "x" })],
  ["another chain", "deployment", /receipt is of chain 1/, ({ receipt }) => (receipt.chain.id = "1")],
  ["another contract", "deployment", /names the contract/, ({ receipt }) => (receipt.contracts.jobs = TOKEN)],
  ["changed terms", "escrow", /do not hash/, ({ receipt }) => (receipt.jobs[0]!.terms.shardReward = "7")],
  ["another deposit", "escrow", /the chain says/, ({ receipt }) => (receipt.jobs[0]!.opened.deposit = "7")],
  ["a job that never was", "escrow", /knows no job/, ({ receipt }) => (receipt.jobs[0]!.job = other)],
  ["another committee", "record", /draws\[0\]/, ({ receipt }) => (receipt.jobs[0]!.draws[0]!.nodes[0] = 77)],
  ["another commitment", "record", /commits\[1\]/, ({ receipt }) => (receipt.jobs[0]!.commits[1]!.commitment = other)],
  ["another reveal", "record", /reveals\[0\]/, ({ receipt }) => (receipt.jobs[0]!.reveals[0]!.roots[0] = other)],
  ["a fact moved to another place", "record", /settlements\[0\]/, ({ receipt }) => (receipt.jobs[0]!.settlements[0]!.at.height++)],
  ["a payment to another node", "record", /payments\[0\]/, ({ receipt }) => (receipt.jobs[0]!.payments[0]!.node = 77)],
  ["a commitment left out", "record", /commits/, ({ receipt }) => receipt.jobs[0]!.commits.pop()],
  ["another refund", "record", /closed differs/, ({ receipt }) => (receipt.jobs[0]!.closed.refund = "0")],
  ["a better outcome", "closed", /ended completed, the chain says partial/, ({ receipt }) => (receipt.jobs[0]!.closed.outcome = "completed")],
  ["another module", "content", /the terms name/, ({ receipt }) => ((receipt.jobs[0]!.manifest as ModuleManifest).module = other)],
  ["another input", "content", /the manifest names/, ({ receipt }) => (receipt.jobs[0]!.inputs.shards[0] = other)],
  ["more items than were bought", "content", /not about the 9 items/, ({ receipt }) => (receipt.items = 9)],
  ["results of a resubmission for other items", "content", /is not the input of the items 0/, ({ receipt }) => {
    receipt.jobs[1]!.ranges[0] = { first: 0, count: 2 };
    receipt.results[1]!.first = 0;
  }],
  ["another root", "quorum", /the chain agreed on/, ({ receipt }) => (receipt.results[0]!.root = other)],
  ["a shard left out", "quorum", /is not in the receipt/, ({ receipt }) => receipt.results.pop()],
  ["a refunded shard as a result", "quorum", /has not been agreed on/, ({ receipt }) => Object.assign(receipt.results[1]!, { job: receipt.jobs[0]!.job, shard: 1 })],
  ["results of other items", "ranges", /does not hold the items/, ({ receipt }) => (receipt.results[0]!.first = 2)],
  ["more results than items", "ranges", /go beyond/, ({ receipt }) => (receipt.items = 4)],
  ["another result digest", "proofs", /item 0: the receipt has another result digest/, ({ receipt }) => (receipt.results[0]!.digests![0] = other)],
  ["consistent but wrong digests", "proofs", /another result digest than the data/, ({ receipt }) => {
    const result = receipt.results[0]!;
    result.digests![0] = other;
    result.leaves = leavesDigest(result.digests as Hex32[]);
  }],
  ["a result digest too few", "proofs", /1 result digests for 2 items/, ({ receipt }) => receipt.results[0]!.digests!.pop()],
  // The files lie.
  ["another results file", "data", /not the one that the receipt names/, (s) => (s.data = concat([s.data, utf8("x\n")]))],
  ["another results file with a receipt to fit", "data", /leads to the root/, (s) => {
    s.data = utf8(fromUtf8(s.data).replace('"tokens":3', '"tokens":4'));
    s.receipt.data = fileOf(s.data);
  }],
  ["a results file cut short with a receipt to fit", "data", /lines, the receipt speaks of/, (s) => {
    s.data = s.data.subarray(0, s.data.indexOf(10) + 1);
    s.receipt.data = fileOf(s.data);
  }],
  ["another output file", "output", /not the one that the receipt names/, (s) => (s.output = utf8(fromUtf8(s.output).replace("0.5", "0.6")))],
  ["another output file with a receipt to fit", "output", /nobody computed/, (s) => {
    s.output = utf8(fromUtf8(s.output).replace("0.5", "0.25"));
    s.receipt.output = fileOf(s.output);
  }],
  // The chain tells of foul play.
  ["a round that nobody named", "draw", /without a named round/, (s) => without(s, ({ type }) => type === "round-armed")],
  ["one member in two seats", "draw", /one node in two seats/, (s) => (eventOf(s, "batch-drawn").committee = [0, 0, 1])],
  ["a committee too small", "draw", /cannot be read.*not drawn with a position 2/, (s) => (eventOf(s, "batch-drawn").committee = [0, 1])],
  ["a member that nobody knows", "draw", /no node behind member 9/, (s) => (eventOf(s, "batch-drawn").committee = [0, 1, 9])],
  ["a reveal that does not open its commitment", "commits", /committed was/, (s) => (eventOf(s, "committed").commitment = other)],
  ["a transaction that holds no reveal", "commits", /holds no such reveal/, ({ chain }) => chain.calls.clear()],
  ["another salt", "commits", /the reveal opens/, ({ chain }) => chain.calls.forEach((calls, key) => chain.calls.set(key, calls.map((call) => ({ ...call, salt: other }))))],
  ["a reveal without commitment while others had not acted", "commits", /had not acted/, (s) => without(s, ({ type }) => type === "committed")],
  ["roots that differ", "quorum", /distinct nodes showed its root/, (s) => (eventOf(s, "revealed").roots = [other, other])],
  ["a deposit that does not add up", "payment", /were deposited/, (s) => (eventOf(s, "job-closed").refund = 1n)],
  ["a fee that is too high", "payment", /the protocol took/, (s) => {
    const closed = eventOf(s, "job-closed");
    closed.protocolFee = (closed.protocolFee as bigint) + 1n;
    closed.refund = (closed.refund as bigint) - 1n;
  }],
  ["a payee who did not work", "payment", /was paid for/, (s) => (eventOf(s, "batch-finalised").payees = [{ node: 1, shards: 4 }])],
  ["a job that has not closed", "closed", /has not closed/, (s) => without(s, ({ type }) => type === "job-closed")],
];

describe("a receipt", () => {
  for (const direct of [false, true])
    it(`passes every check, ${direct ? "direct reveals included" : "resubmissions included"}`, async () => {
      const { receipt, data, output, port } = await scene(direct);
      const { ok, checks, skipped } = await verifyReceipt(receipt, { port, data, output });
      expect(checks.filter((check) => !check.ok)).to.deep.equal([]);
      expect(ok).to.equal(true);
      expect(skipped).to.deep.equal([]);
      expect(checks.find(({ name }) => name === "commits")!.detail).to.match(direct ? /[1-9]\d* direct/ : /, 0 direct/);
    });

  it("is held against its own digests where the data is not at hand", async () => {
    const { receipt, port } = await scene();
    const [first] = receipt.results;
    first!.digests![0] = other;
    const proofs = async () => (await verifyReceipt(receipt, { port })).checks.find(({ name }) => name === "proofs")!;
    expect((await proofs()).detail).to.contain("not those of the receipt");
    first!.leaves = leavesDigest(first!.digests as Hex32[]);
    expect((await proofs()).detail).to.contain("its results lead to the root");
  });

  it("can be checked without its files, and says what was left out", async () => {
    const { receipt, port } = await scene();
    expect(await verifyReceipt(receipt, { port })).to.deep.include({ ok: true, skipped: ["data", "output"] });
    receipt.results.forEach((result) => delete result.digests);
    const { checks } = await verifyReceipt(receipt, { port });
    expect(checks.find(({ name }) => name === "proofs")!.detail).to.contain("5 could not be checked without the data");
  });

  for (const [name, check, detail, change] of TAMPERS)
    it(`does not pass with ${name}`, async () => {
      const s = await scene();
      change(s);
      const { receipt, data, output, port } = s;
      const { ok, checks } = await verifyReceipt(receipt, { port, data, output });
      expect(ok).to.equal(false);
      const failed = checks.find((one) => one.name === check && !one.ok);
      expect(failed, `${check} among ${JSON.stringify(checks.filter((one) => !one.ok))}`).not.to.equal(undefined);
      expect(failed!.detail).to.match(detail);
    });
});

describe("a receipt of a job that another aggregator took over", () => {
  async function takenOver(takeover: number): Promise<Scene> {
    const chain = new FakeChain();
    for (let node = 1; node <= 3; node++) chain.addNode(node);
    for (const node of [8, 9]) chain.addNode(node, { role: "aggregator" });
    const store = new MemoryStore("client");
    const answer = () => ({ kind: "quote", aggregator: 8, aggregatorFeeBps: 100, validUntil: chain.time + 100, signature: "0x", multiaddrs: ["/memory/8"] });
    const direct = { peerId: "client", serve: async () => async () => {}, call: async () => answer() } as unknown as Direct;
    const client = createClient({ port: chain.port(), store, direct });
    chain.onAction = (action: ChainAction) => {
      if (action.type === "open") void playJob(chain, action.terms, action.deposit, store, { compute: embed, takeover });
    };
    const input = Array.from({ length: 5 }, (_, i) => `text ${i}`);
    const job = await client.submitJob({ input, format: "txt", workload, pool: POOL, token: TOKEN, maxPrice: 10n ** 9n, shardReward: 1000n, shardSize: 2, aggregator: 8 });
    const { receipt, data, output } = await job.result();
    await client.close();
    return { receipt: JSON.parse(JSON.stringify(receipt)) as Receipt, data, output, chain, port: chain.port(null) };
  }

  const failed = async ({ receipt, data, output, port }: Scene) => (await verifyReceipt(receipt, { port, data, output })).checks.filter(({ ok }) => !ok);

  it("passes, and names who earned the fee", async () => {
    const s = await takenOver(9);
    expect(await failed(s)).to.deep.equal([]);
    expect(s.receipt.jobs[0]!.takeovers.map(({ stalled, aggregator }) => ({ stalled, aggregator }))).to.deep.equal([{ stalled: 8, aggregator: 9 }]);
    expect(s.receipt.jobs[0]!.closed).to.include({ aggregator: 9 });
    expect(Number(s.receipt.jobs[0]!.closed.aggregatorFee)).to.be.greaterThan(0);
  });

  it("passes when the newcomer sat in a committee that was drawn before", async () => expect(await failed(await takenOver(1))).to.deep.equal([]));

  it("does not pass with a takeover left out, or another payee of the fee", async () => {
    for (const change of [(s: Scene) => s.receipt.jobs[0]!.takeovers.pop(), (s: Scene) => (s.receipt.jobs[0]!.closed.aggregator = 8)]) {
      const s = await takenOver(9);
      change(s);
      expect((await failed(s)).map(({ name }) => name)).to.deep.equal(["record"]);
    }
  });

  it("does not pass when the fee went to the stalled one, was another, or went nowhere", async () => {
    const changes: [RegExp, (s: Scene) => void][] = [
      [/went to node 8, the job was node 9's/, (s) => (eventOf(s, "earned").node = 8)],
      [/nobody was credited/, (s) => (eventOf(s, "earned").amount = 1n)],
      [/nobody was credited/, (s) => without(s, ({ type }) => type === "earned")],
    ];
    for (const [detail, change] of changes) {
      const s = await takenOver(9);
      change(s);
      expect((await failed(s)).find(({ name }) => name === "payment")!.detail).to.match(detail);
    }
  });
});

describe("a receipt of a conflict", () => {
  async function conflict(): Promise<Scene> {
    const chain = new FakeChain();
    for (let node = 1; node <= 6; node++) chain.addNode(node);
    const store = new MemoryStore("client");
    const client = createClient({ port: chain.port(), store });
    chain.onAction = (action: ChainAction) => {
      if (action.type === "open") void playConflict(chain, action.terms, action.deposit, store);
    };
    const job = await client.submitJob({ input: ["a", "bb", "ccc"], format: "txt", workload, pool: POOL, token: TOKEN, maxPrice: 10n ** 9n, committeeWidth: 2, aggregator: null });
    const { receipt, data, output, complete } = await job.result();
    expect(complete).to.equal(true);
    await client.close();
    return { receipt: JSON.parse(JSON.stringify(receipt)) as Receipt, data, output, chain, port: chain.port(null) };
  }

  const failed = async ({ receipt, data, output, port }: Scene) => (await verifyReceipt(receipt, { port, data, output })).checks.filter(({ ok }) => !ok);

  it("passes: a verdict, a conviction, a replacement paid in the liar's place", async () => {
    const s = await conflict();
    expect(await failed(s)).to.deep.equal([]);
    expect(s.receipt.jobs[0]!.payments.map(({ node, reason }) => ({ node, reason }))).to.deep.equal([{ node: 1, reason: "shard" }, { node: 3, reason: "shard" }]);
    expect(s.receipt.jobs[0]!.slashes).to.have.length(1);
  });

  it("does not pass with a verdict that too few of the panel showed", async () => {
    const s = await conflict();
    for (const event of s.chain.events) if (event.type === "revealed" && event.batch === (1 << 15) + 1 && event.position > 0) Object.assign(event, { roots: [other] });
    expect((await failed(s)).find(({ name }) => name === "verdicts")!.detail).to.contain("1 members showed the verdict, 2 are needed");
  });

  it("does not pass when the convicted replica counts after all", async () => {
    const s = await conflict();
    without(s, (event) => event.type === "replica-convicted");
    const names = (await failed(s)).map(({ name }) => name);
    expect(names).to.include.members(["record", "payment"]);
  });

  it("does not pass when the replacement showed something else", async () => {
    const s = await conflict();
    for (const event of s.chain.events) if (event.type === "revealed" && event.batch === 1 << 15) Object.assign(event, { roots: [other] });
    expect((await failed(s)).find(({ name }) => name === "quorum")!.detail).to.contain("1 distinct nodes showed its root");
  });
});
