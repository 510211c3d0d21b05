import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { JobTerms } from "@infernet/sdk/chain";
import { createClient } from "@infernet/sdk/client";
import { InfernetError, inputIndexDocument, isInfernetError, joinLines, manifestDocument, sha256, utf8, type ModuleManifest } from "@infernet/sdk/core";
import type { Caller } from "@infernet/sdk/net";
import { createLogger, Journal } from "@infernet/sdk/node";
import { FakeChain, POOL, TOKEN } from "../../sdk/src/client/testing/fake-chain.ts";
import { MemoryStore, type SharedContent } from "../../sdk/src/client/testing/memory-store.ts";
import { Intake, type IntakeOptions } from "./intake.ts";
import { Relay } from "./relay.ts";

const NODE = 9;
const workload = { module: new Uint8Array([1, 2, 3]), model: null, limits: { memoryPages: 16, seconds: 10, lineBytes: 256 } };

describe("the intake", () => {
  let directory: string;
  let journal: Journal;
  let chain: FakeChain;
  let shared: SharedContent;
  let store: MemoryStore;
  let clientStore: MemoryStore;
  let terms: JobTerms;
  const caller: Caller = { peerId: "client", signal: new AbortController().signal };

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "infernet-intake-"));
    journal = new Journal(join(directory, "journal.sqlite"));
    chain = new FakeChain();
    for (let node = 1; node <= 3; node++) chain.addNode(node);
    shared = new Map();
    [store, clientStore] = [new MemoryStore("aggregator", shared), new MemoryStore("client", shared)];
    const client = createClient({ port: chain.port(), store: clientStore });
    const input = Array.from({ length: 6 }, (_, i) => `text ${i}`);
    const quote = await client.quote({ input, format: "txt", workload, pool: POOL, token: TOKEN, maxPrice: 10n ** 9n, shardSize: 4, aggregator: null });
    terms = { ...quote.terms, aggregator: NODE };
    await client.close();
  });
  afterEach(() => {
    journal.close();
    rmSync(directory, { recursive: true });
  });

  function intake(change: Partial<IntakeOptions> = {}): Intake {
    return new Intake({
      port: chain.port("operator"),
      store,
      relay: new Relay(store, journal),
      log: createLogger({ name: "test", level: "silent" }),
      policy: { feeBps: 100, pools: [], tokens: [], maxItems: 1000 },
      limits: { moduleBytes: 1000, shardBytes: 1000, inputBytes: 1500 },
      quoteSeconds: 60,
      fetchTimeoutMs: 1000,
      parallel: 2,
      node: () => NODE,
      results: () => Promise.reject(new InfernetError("job_not_found", "none")),
      ...change,
    });
  }

  const ask = (to: Intake, asked: JobTerms = terms) => to.handle({ kind: "quote", terms: asked, multiaddrs: ["/memory/client"] }, caller);

  async function refusal(promise: Promise<unknown>): Promise<InfernetError> {
    const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
    if (!isInfernetError(error)) throw new Error(`expected a refusal, got ${String(error)}`);
    return error;
  }

  it("quotes a job of a served model, which has no module to fetch", async () => {
    const client = createClient({ port: chain.port(), store: clientStore });
    const served = { kind: "openai", model: { name: "tiny" }, endpoint: "/v1/embeddings", sampling: { temperature: 0, seed: 0 }, limits: { seconds: 10, lineBytes: 256, maxTokens: 1 } } as const;
    const quote = await client.quote({ input: ["a"], format: "txt", workload: served, pool: POOL, token: TOKEN, maxPrice: 10n ** 9n, aggregator: null });
    await client.close();
    expect(await ask(intake(), { ...quote.terms, aggregator: NODE })).to.deep.include({ kind: "quote" });
    const manifest = manifestDocument.decode(shared.get(quote.terms.manifest)!);
    const index = inputIndexDocument.decode(shared.get(manifest.inputs)!);
    expect([...store.pinned].sort()).to.deep.equal([quote.terms.manifest, manifest.inputs, ...index.shards].sort());
  });

  it("quotes a job whose content it has fetched, checked and pinned", async () => {
    const answer = await ask(intake());
    expect(answer).to.deep.include({ kind: "quote", aggregator: NODE, aggregatorFeeBps: 100, validUntil: chain.time + 60, signature: "0xsigned", multiaddrs: ["/memory/aggregator"] });
    const manifest = manifestDocument.decode(shared.get(terms.manifest)!);
    const index = inputIndexDocument.decode(shared.get(manifest.inputs)!);
    expect([...store.pinned].sort()).to.deep.equal([terms.manifest, manifest.inputs, (manifest as ModuleManifest).module, ...index.shards].sort());
  });

  it("keeps its fee inside what the parameters allow", async () => {
    const policy = { feeBps: 1, pools: [], tokens: [], maxItems: 1000 };
    expect(await ask(intake({ policy }))).to.include({ aggregatorFeeBps: 50 });
    expect(await ask(intake({ policy: { ...policy, feeBps: 10_000 } }))).to.include({ aggregatorFeeBps: 200 });
  });

  it("refuses what it does not want, and what the chain would not open", async () => {
    const policy = { feeBps: 100, pools: [], tokens: [], maxItems: 1000 };
    const cases: [string, Promise<unknown>][] = [
      ["this is node 9", ask(intake(), { ...terms, aggregator: 4 })],
      ["pool", ask(intake({ policy: { ...policy, pools: [sha256(utf8("another"))] } }))],
      ["token", ask(intake({ policy: { ...policy, tokens: ["0xaa"] } }))],
      ["6 items are more", ask(intake({ policy: { ...policy, maxItems: 5 } }))],
      ["parameters", ask(intake(), { ...terms, parameters: 2 })],
      ["members", ask(intake(), { ...terms, replicas: 8 })],
      ["deadline", ask(intake(), { ...terms, deadline: 5 })],
    ];
    for (const [reason, promise] of cases) {
      const { code, message } = await refusal(promise);
      expect(code, reason).to.equal("quote_refused");
      expect(message).to.contain(reason);
    }
    expect(store.pinned.size).to.equal(0);
  });

  it("asks for patience while it does not know yet who it is", async () => {
    const error = await refusal(ask(intake({ node: () => null })));
    expect(error).to.include({ code: "peer_unreachable", retryable: true });
    expect(error.message).to.contain("not caught up");
  });

  it("promises no more bonds than its stake can post, until quotes are over or have become jobs", async () => {
    const { stakeRate } = chain.token;
    const bond = (terms.shardReward * 2n * 2n * stakeRate) / 10n ** 18n / 10n;
    chain.freeStake = bond + bond / 2n;
    const it = intake();
    await ask(it);
    expect((await refusal(ask(it, { ...terms, nonce: 2n }))).message).to.contain("bond");
    it.opened(terms.manifest, terms.nonce);
    await ask(it, { ...terms, nonce: 2n });
    expect((await refusal(ask(it, { ...terms, nonce: 3n }))).code).to.equal("quote_refused");
    chain.time += 100;
    await ask(it, { ...terms, nonce: 3n, deadline: chain.time + 500 });
  });

  it("refuses content that does not fit its terms or its limits", async () => {
    const code = async (promise: Promise<unknown>) => (await refusal(promise)).code;
    expect(await code(ask(intake(), { ...terms, items: 5 }))).to.equal("invalid_manifest");
    expect(await code(ask(intake({ limits: { moduleBytes: 2, shardBytes: 1000, inputBytes: 1000 } })))).to.equal("content_too_large");
    expect(await code(ask(intake({ limits: { moduleBytes: 1000, shardBytes: 10, inputBytes: 1000 } })))).to.equal("content_too_large");
    expect(await code(ask(intake({ limits: { moduleBytes: 1000, shardBytes: 1000, inputBytes: 70 } })))).to.equal("content_too_large");
    expect(await code(ask(intake(), { ...terms, manifest: sha256(utf8("nowhere")) }))).to.equal("content_not_found");
    const manifest = manifestDocument.decode(shared.get(terms.manifest)!);
    const short = await clientStore.putFile(joinLines([utf8("{}")]));
    const inputs = await clientStore.putDocument(inputIndexDocument.encode({ version: 1, items: 6, itemsPerShard: 4, shards: [short, short] }));
    const broken = await clientStore.putDocument(manifestDocument.encode({ ...manifest, inputs }));
    expect(await code(ask(intake(), { ...terms, manifest: broken }))).to.equal("invalid_input");
  });

  it("works on few quotes at a time, and sends clients away when too many wait", async () => {
    const gate = Promise.withResolvers<void>();
    const slow = new Proxy(chain.port("operator"), {
      get: (target, name) => {
        const value = Reflect.get(target, name) as (...args: unknown[]) => unknown;
        return name === "head" ? () => gate.promise.then(() => target.head()) : typeof value === "function" ? value.bind(target) : value;
      },
    });
    const it = intake({ port: slow, parallel: 1 });
    const waiting = Array.from({ length: 65 }, (_, i) => ask(it, { ...terms, nonce: BigInt(i) }));
    expect((await refusal(ask(it))).message).to.contain("too many clients");
    gate.resolve();
    expect((await Promise.all(waiting)).every((answer) => answer.kind === "quote")).to.equal(true);
  });
});

describe("the relay", () => {
  it("lets go of content when its time is over, unless another job needs it", async () => {
    const directory = mkdtempSync(join(tmpdir(), "infernet-relay-"));
    const path = join(directory, "journal.sqlite");
    let journal = new Journal(path);
    const store = new MemoryStore("aggregator");
    const [module, a, b] = [await store.putFile(utf8("module")), await store.putFile(utf8("a")), await store.putFile(utf8("b"))];
    const contentOf = async (name: string, shard: typeof a) => {
      const [manifest, index] = [await store.putDocument(utf8(name)), await store.putDocument(utf8(`${name} index`))];
      return { manifest, index, module, shards: [shard], lineBytes: 1 };
    };
    const [first, second] = [await contentOf("first", a), await contentOf("second", b)];
    const before = new Relay(store, journal);
    await before.keepInputs(first, 100);
    await before.keepInputs(second, 100);
    before.extend(second.manifest, 300);
    before.extend(second.manifest, 200);
    journal.close();

    journal = new Journal(path);
    const relay = new Relay(store, journal);
    expect(await relay.release(100, new Set())).to.equal(0);
    expect(await relay.release(150, new Set([first.manifest]))).to.equal(0);
    expect(await relay.release(150, new Set())).to.equal(1);
    expect([...store.pinned].sort()).to.deep.equal([second.manifest, second.index, module, b].sort());
    expect(await store.has(a)).to.equal(false);
    expect(await relay.release(301, new Set())).to.equal(1);
    expect(store.pinned.size).to.equal(0);
    await store.putFile(utf8("a"));
    await store.putFile(utf8("module"));
    for (const name of ["first", "first index"]) await store.putDocument(utf8(name));
    await relay.keepInputs(first, 500);
    expect(store.pinned.has(a)).to.equal(true);
    expect(await relay.release(501, new Set())).to.equal(1);
    journal.close();
    rmSync(directory, { recursive: true });
  });
});
