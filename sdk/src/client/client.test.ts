import { expect } from "chai";
import { fromUtf8, InfernetError, isInfernetError, utf8 } from "../core/index.ts";
import type { ChainAction } from "../chain/index.ts";
import type { Direct, IntakeAnswer, IntakeRequest } from "../net/index.ts";
import { createClient, type InfernetClient } from "./client.ts";
import { MemoryJournal } from "./record.ts";
import type { JobRequest } from "./request.ts";
import { CLIENT, FakeChain, POOL, TOKEN } from "./testing/fake-chain.ts";
import { playJob, type Course } from "./testing/fake-providers.ts";
import { MemoryStore } from "./testing/memory-store.ts";

const workload = { module: new Uint8Array([0, 97, 115, 109]), model: null, limits: { memoryPages: 16, seconds: 10, lineBytes: 256 } };
const request = (change: Partial<JobRequest> = {}): JobRequest => ({
  input: Array.from({ length: 10 }, (_, i) => `{"text":"item ${i}"}`), format: "raw", workload, pool: POOL, token: TOKEN, maxPrice: 10n ** 9n, shardSize: 4, aggregator: null, ...change,
});

async function listOf<T>(source: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of source) list.push(item);
  return list;
}

describe("the client", () => {
  let chain: FakeChain;
  let store: MemoryStore;
  let journal: MemoryJournal;
  let client: InfernetClient;
  const others: InfernetClient[] = [];

  beforeEach(() => {
    chain = new FakeChain();
    for (let node = 1; node <= 4; node++) chain.addNode(node);
    [store, journal] = [new MemoryStore("client"), new MemoryJournal()];
    client = createClient({ port: chain.port(), store, journal });
  });
  afterEach(async () => {
    await client.close();
    for (const other of others.splice(0)) await other.close();
  });

  /** Plays each job that is opened; the n-th by the n-th course. */
  function play(...courses: Course[]): void {
    let n = 0;
    chain.onAction = (action: ChainAction) => {
      if (action.type === "open") void playJob(chain, action.terms, action.deposit, store, courses[n++] ?? {});
    };
  }

  async function failure(promise: Promise<unknown>): Promise<InfernetError> {
    const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
    if (!isInfernetError(error)) throw new Error(`expected a typed error, got ${String(error)}`);
    return error;
  }

  const idsOf = (output: Uint8Array) => fromUtf8(output).trimEnd().split("\n").map((line) => (JSON.parse(line) as { custom_id: string }).custom_id);
  const opens = () => chain.actions.filter(({ action }) => action.type === "open");

  it("quotes without spending, and breaks the price down", async () => {
    const before = chain.balances.get(CLIENT);
    const { price, terms, items, shards, aggregator, validUntil } = await client.quote(request({ shardReward: 1000n }));
    expect({ items, shards, aggregator, validUntil }).to.deep.equal({ items: 10, shards: 3, aggregator: null, validUntil: null });
    expect(price).to.deep.equal({ work: 6000n, aggregatorFee: 0n, protocolFee: 300n, expected: 6300n, reserve: 3n * (1000n + 3n * 250n), worstCase: 6300n + 3n * 1750n });
    expect(terms).to.include({ replicas: 2, committeeWidth: 4, revealWindow: 10, challengeWindow: 2, parameters: 3, aggregator: 0 });
    expect(chain.actions).to.deep.equal([]);
    expect(chain.balances.get(CLIENT)).to.equal(before);
  });

  it("resolves when funded, hands out shards as they arrive, and everything at the end", async () => {
    play({ direct: true });
    const job = await client.submitJob(request());
    expect(opens()).to.have.length(1);
    const shards: number[] = [];
    for await (const { shard, first, lines, nodes } of job.results()) {
      shards.push(shard);
      expect(lines.map((line) => JSON.parse(fromUtf8(line)) as object)).to.deep.equal(Array.from({ length: first === 8 ? 2 : 4 }, () => ({ length: 17 })));
      expect(new Set(nodes).size).to.equal(2);
    }
    expect(shards.sort()).to.deep.equal([0, 1, 2]);
    const { output, cost, complete } = await job.result();
    expect(complete).to.equal(true);
    expect(idsOf(output)).to.deep.equal(Array.from({ length: 10 }, (_, i) => `line-${i + 1}`));
    expect(cost.deposit).to.equal(cost.paid + cost.refunded + cost.fees.aggregator + cost.fees.protocol);
    expect((await job.status()).state).to.equal("completed");
  });

  it("tells what happens, and goes on from a cursor", async () => {
    play();
    const job = await client.submitJob(request());
    await job.result();
    const all = await listOf(job.events());
    expect(all[0]!.event.type).to.equal("job-opened");
    expect(all.at(-1)!.event.type).to.equal("job-closed");
    expect(await listOf(job.events({ cursor: all[4]!.cursor }))).to.deep.equal(all.slice(5));
  });

  it("buys answers of a served model: no module, requests as they stand, and results under their names, also for who recovers the job", async () => {
    const served = { kind: "openai", model: { name: "tiny" }, endpoint: "/v1/chat/completions", sampling: { temperature: 0, seed: 1 }, limits: { seconds: 60, lineBytes: 512, maxTokens: 8 } } as const;
    const line = (id: string) => JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body: { model: "tiny", messages: [{ role: "user", content: id }] } });
    play({ refunded: new Set([0]), compute: (item) => utf8(JSON.stringify({ echo: JSON.parse(fromUtf8(item)) as object })) }, { compute: (item) => utf8(JSON.stringify({ echo: JSON.parse(fromUtf8(item)) as object })) });
    const job = await client.submitJob(request({ workload: served, format: "jsonl", input: ["x", "y"].map(line), shardSize: 1 }));
    const { output, receipt, complete } = await job.result();
    expect(complete).to.equal(true);
    for (const { manifest } of receipt.jobs) expect(manifest).to.deep.include({ ...served, determinism: { class: "exact" } }).and.not.have.property("module");
    expect(idsOf(output)).to.deep.equal(["x", "y"]);
    expect(JSON.parse(fromUtf8(output).split("\n")[1]!)).to.have.nested.property("response.body.echo.body.messages[0].content", "y");
    const stranger = createClient({ port: chain.port(), store });
    others.push(stranger);
    expect((await (await stranger.job(job.ids[1]!)).result()).receipt.jobs[0]!.manifest).to.deep.include(served);
    expect((await failure(client.submitJob(request({ workload: { ...served, limits: { ...served.limits, maxTokens: 0 } }, format: "jsonl", input: ["x"].map(line) })))).code).to.equal("invalid_manifest");
    for (const change of [{ workload: served, format: "txt", input: ["a text"] }, { format: "jsonl", input: ['{"text":"a"}', line("x")] }] as const) {
      const { code, message } = await failure(client.quote(request(change)));
      expect([code, message]).to.satisfy(([one, text]: string[]) => one === "invalid_input" && /no request for \/v1\//.test(text!));
    }
  });

  it("buys refunded shards again and merges them into the same output", async () => {
    play({ refunded: new Set([1, 2]) }, { refunded: new Set([1]) });
    const job = await client.submitJob(request());
    const { output, complete, receipt, cost } = await job.result();
    expect(complete).to.equal(true);
    expect(job.ids).to.have.length(3);
    expect(idsOf(output)).to.deep.equal(Array.from({ length: 10 }, (_, i) => `line-${i + 1}`));
    expect(receipt.jobs.map(({ ranges }) => ranges)).to.deep.equal([
      [{ first: 0, count: 4 }, { first: 4, count: 4 }, { first: 8, count: 2 }],
      [{ first: 4, count: 4 }, { first: 8, count: 2 }],
      [{ first: 8, count: 2 }],
    ]);
    expect(cost.paid).to.equal(3n * 2n * receiptReward(receipt));
    expect((await job.status()).shards.map(({ state }) => state)).to.deep.equal(["final", "final", "final"]);
  });

  const receiptReward = (receipt: { jobs: { terms: { shardReward: string } }[] }) => BigInt(receipt.jobs[0]!.terms.shardReward);

  it("does not buy again beyond the price cap, or when it is told not to", async () => {
    // One shard: its draw fee is spent, so the same price fits under the cap no more.
    play({ refunded: new Set([0]) });
    const { price } = await client.quote(request({ shardSize: 10 }));
    const capped = await (await client.submitJob(request({ shardSize: 10, maxPrice: price.worstCase }))).result();
    expect(capped.complete).to.equal(false);
    expect(capped.receipt.jobs).to.have.length(1);
    expect(fromUtf8(capped.output)).to.contain("shard_refunded");
    play({ refunded: new Set([1]) });
    expect((await (await client.submitJob(request({ resubmit: false }))).result()).complete).to.equal(false);
    expect(opens()).to.have.length(2);
  });

  it("refuses prices above the cap, small pools, empty accounts and expired quotes before anything is sent", async () => {
    const { price } = await client.quote(request());
    expect((await failure(client.submitJob(request({ maxPrice: price.worstCase - 1n })))).code).to.equal("price_above_cap");
    expect((await failure(client.quote(request({ replicas: 5 })))).code).to.equal("pool_too_small");
    const quote = await client.quote(request());
    chain.time = quote.terms.deadline + 1;
    expect((await failure(client.submitJob(request(), { quote }))).code).to.equal("quote_expired");
    chain.balances.set(CLIENT, 5n);
    expect((await failure(client.submitJob(request()))).code).to.equal("insufficient_funds");
    expect((await failure(client.quote(request({ input: ["not json"] })))).code).to.equal("invalid_input");
    expect((await failure(client.quote(request({ aggregator: "auto" })))).code).to.equal("no_aggregator");
    chain.token = { ...chain.token, allowed: false };
    expect((await failure(client.quote(request()))).code).to.equal("invalid_argument");
    expect(chain.actions).to.deep.equal([]);
  });

  it("makes a fresh offer when the chain finds the first one stale, and says what else it refuses", async () => {
    play();
    chain.refusal = "JobsStaleParameters";
    expect((await (await client.submitJob(request())).result()).complete).to.equal(true);
    for (const [reason, code] of [["JobsPoolTooSmall", "pool_too_small"], ["JobsWindowTooShort", "invalid_argument"], ["StakingInsufficient", "quote_refused"], ["JobsOpenPaused", "chain_reverted"]] as const) {
      chain.refusal = reason;
      expect((await failure(client.submitJob(request(), { key: reason }))).code).to.equal(code);
    }
    expect((await client.submitJob(request(), { key: "JobsOpenPaused" })).id).to.be.a("string");
  });

  it("opens one job a key, in this process and after a crash, and finds it by its id", async () => {
    const [first, second] = await Promise.all([client.submitJob(request(), { key: "k" }), client.submitJob(request(), { key: "k" })]);
    expect(first.id).to.equal(second.id);
    await client.close();
    const [again, found] = [createClient({ port: chain.port(), store, journal }), createClient({ port: chain.port(), store, journal })];
    others.push(again, found);
    const handle = await again.submitJob(request(), { key: "k" });
    const byId = await found.job(first.id);
    expect([handle.id, byId.id]).to.deep.equal([first.id, first.id]);
    expect(opens()).to.have.length(1);
    const { terms, deposit } = chain.actions[0]!.action as Extract<ChainAction, { type: "open" }>;
    void playJob(chain, terms, deposit, store);
    const [a, b] = await Promise.all([handle.result(), byId.result()]);
    expect(a.output).to.deep.equal(b.output);
  });

  it("sends an opening that was written down and never arrived", async () => {
    const gone = async () => Promise.reject(new InfernetError("chain_unreachable", "gone"));
    const port = new Proxy(chain.port(), { get: (target, name) => (name === "submit" ? gone : bind(target, name)) });
    const broken = createClient({ port, store, journal });
    others.push(broken);
    expect((await failure(broken.submitJob(request(), { key: "k" }))).code).to.equal("chain_unreachable");
    play();
    expect((await (await client.submitJob(request(), { key: "k" })).result()).complete).to.equal(true);
    expect(opens()).to.have.length(1);
  });

  const bind = (target: object, name: string | symbol): unknown => {
    const value = Reflect.get(target, name) as unknown;
    return typeof value === "function" ? (value.bind(target) as unknown) : value;
  };

  it("reads a job of which only the chain knows", async () => {
    const job = await client.submitJob(request());
    const stranger = createClient({ port: chain.port(null), store });
    others.push(stranger);
    const found = await stranger.job(job.id);
    const { terms, deposit } = chain.actions[0]!.action as Extract<ChainAction, { type: "open" }>;
    void playJob(chain, terms, deposit, store);
    expect((await found.result()).complete).to.equal(true);
    expect((await failure(stranger.job(POOL))).code).to.equal("job_not_found");
  });

  it("cancels before the draw, and says when it is too late", async () => {
    const job = await client.submitJob(request(), { key: "early" });
    await job.cancel();
    expect((await failure(job.result())).code).to.equal("job_cancelled");
    expect((await job.status()).state).to.equal("cancelled");
    play();
    const late = await client.submitJob(request(), { key: "late" });
    await late.result();
    expect((await failure(late.cancel())).code).to.equal("job_state");
  });

  it("takes money back itself when nobody draws", async () => {
    const job = await client.submitJob(request({ resubmit: false }));
    chain.time += 10_000;
    chain.mine();
    expect((await job.result()).complete).to.equal(false);
    expect(chain.actions.at(-1)!.action.type).to.equal("expire");
  });

  it("stops waiting when the caller aborts, and not the job", async () => {
    const controller = new AbortController();
    const job = await client.submitJob(request({ signal: controller.signal }), { key: "k" });
    controller.abort();
    expect((await failure(job.result())).code).to.equal("aborted");
    expect((await failure(client.submitJob(request({ signal: controller.signal }), { key: "other" }))).code).to.equal("aborted");
    expect(opens()).to.have.length(1);
  });

  describe("with aggregators", () => {
    let asked: { to: string; request: IntakeRequest }[];
    let answers: Map<string, (terms: IntakeRequest) => IntakeAnswer | InfernetError>;
    let buyer: InfernetClient;

    beforeEach(() => {
      for (const node of [8, 9]) chain.addNode(node, { role: "aggregator" });
      [asked, answers] = [[], new Map()];
      const direct: Direct = {
        peerId: "client",
        serve: async () => async () => {},
        call: (async (to: readonly string[], _: unknown, question: IntakeRequest) => {
          asked.push({ to: to[0]!, request: question });
          const answer = answers.get(to[0]!)?.(question) ?? new InfernetError("peer_unreachable", `cannot ask ${to[0]}`);
          if (answer instanceof InfernetError) throw answer;
          return answer;
        }) as unknown as Direct["call"],
      };
      buyer = createClient({ port: chain.port(), store, journal, direct });
      others.push(buyer);
    });

    const quote = (node: number, change: object = {}) => (): IntakeAnswer => ({ kind: "quote", aggregator: node, aggregatorFeeBps: 100, validUntil: chain.time + 100, signature: "0x", multiaddrs: [`/memory/${node}`], ...change });

    it("asks the next one when one refuses, and pays the fee that was quoted", async () => {
      answers.set("/memory/8", () => new InfernetError("quote_refused", "too many items"));
      answers.set("/memory/9", quote(9));
      play();
      const job = await buyer.submitJob(request({ aggregator: "auto" }));
      const { cost } = await job.result();
      expect(asked.slice(0, 2).map(({ to }) => to)).to.deep.equal(["/memory/8", "/memory/9"]);
      expect(opens()[0]!.action).to.deep.include({ locators: ["/memory/9", "/memory/client"] });
      expect(cost.fees.aggregator).to.equal(cost.paid / 100n);
    });

    it("says what each of them answered, or what the only one did", async () => {
      answers.set("/memory/8", () => new InfernetError("quote_refused", "too many items"));
      const none = await failure(buyer.quote(request({ aggregator: "auto" })));
      expect(none.code).to.equal("no_aggregator");
      expect(none.message).to.contain("too many items").and.contain("cannot ask /memory/9");
      expect((await failure(buyer.quote(request({ aggregator: 8 })))).code).to.equal("quote_refused");
      expect((await failure(buyer.quote(request({ aggregator: { node: 77 } })))).code).to.equal("peer_unreachable");
    });

    it("goes without an aggregator to end what it has begun with one that is gone", async () => {
      answers.set("/memory/8", quote(8));
      play({ refunded: new Set([1]) });
      const gone = chain.onAction;
      chain.onAction = (action) => {
        answers.clear();
        gone(action);
      };
      const job = await buyer.submitJob(request({ aggregator: 8 }));
      const { complete, receipt } = await job.result();
      expect(complete).to.equal(true);
      expect(receipt.jobs.map(({ terms }) => terms.aggregator)).to.deep.equal([8, 0]);
    });

    it("asks whoever has taken the job over for its results, and says who earned the fee", async () => {
      answers.set("/memory/8", quote(8));
      play({ takeover: 9 });
      const job = await buyer.submitJob(request({ aggregator: 8 }));
      const { complete, receipt } = await job.result();
      expect(complete).to.equal(true);
      expect(new Set(asked.filter((one) => one.request.kind === "results").map(({ to }) => to))).to.deep.equal(new Set(["/memory/9"]));
      expect(receipt.jobs[0]!.closed.aggregator).to.equal(9);
      expect(receipt.jobs[0]!.takeovers).to.have.length(1);
    });

    it("does not believe a quote that is over, too dear, or another node's", async () => {
      for (const [change, code] of [[{ validUntil: 5 }, "quote_expired"], [{ aggregatorFeeBps: 300 }, "price_above_cap"], [{ aggregator: 7 }, "invalid_message"]] as const) {
        answers.set("/memory/8", quote(8, change));
        expect((await failure(buyer.quote(request({ aggregator: 8 })))).code).to.equal(code);
      }
    });
  });
});
