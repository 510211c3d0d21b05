import { expect } from "chai";
import { batchResultDocument, concat, errorOfLine, failureLine, InfernetError, isInfernetError, parseEmbedding, parseShardResult, resultDigests, resultDigest, resultLeaf, splitLines, utf8, type ErrorCode } from "@infernet/sdk/core";
import { EXTRA } from "@infernet/sdk/chain";
import { History } from "../../sdk/src/node/testing/history.ts";
import { OpenAiExecutor } from "./executor/index.ts";
import { vectorOf } from "./executor/testing/openai-answers.ts";
import { OpenAiProcess } from "./executor/testing/openai-process.ts";
import { digitsOutput } from "./executor/testing/workloads.ts";
import { failureOf } from "./decline.ts";
import { lyingCompute } from "./faulty.ts";
import { seatsOf } from "./seats.ts";
import { digitsItems, firstSeat, Scene } from "./testing/scene.ts";
import { createWorker } from "./work.ts";

describe("the work of a seat on digits", function () {
  this.timeout(60_000);
  let scene: Scene;
  before(async () => {
    scene = await new Scene().open();
  });
  after(() => scene.close());

  const signal = new AbortController().signal;
  const from = () => scene.client.addresses();
  const truth = () => digitsOutput();

  /** Result file of every shard that a batch result document names. */
  async function filesOf(dataDigest: `0x${string}`) {
    const document = batchResultDocument.decode(await scene.store.getDocument(dataDigest));
    return Promise.all(document.results.map(async (result) => ({ ...result, bytes: await scene.store.getFile(result.file) })));
  }
  async function refusal(run: Promise<unknown>): Promise<ErrorCode | undefined> {
    return run.then(
      () => undefined,
      (error: unknown) => (isInfernetError(error) ? error.code : undefined),
    );
  }

  for (const vetted of [true, false])
    it(`gives the known results, roots over them, and files that others can fetch (${vetted ? "vetted: shards in one go" : "not vetted: item by item"})`, async () => {
      const { terms, module } = await scene.publish(digitsItems(7), 3);
      const stages: string[] = [];
      const worker = createWorker(scene.worker(vetted ? { vettedModules: new Set([module]) } : {}));
      const output = await worker.work(firstSeat({ ...terms, committeeWidth: 2 }), { from: from(), signal, onFetched: () => stages.push("fetched") });
      expect(stages).to.deep.equal(["fetched"]);
      const files = await filesOf(output.dataDigest);
      expect(files.map(({ shard, items }) => [shard, items])).to.deep.equal([[0, 3], [1, 3], [2, 1]]);
      expect(concat(files.map(({ bytes }) => bytes))).to.deep.equal(truth().subarray(0, files.reduce((sum, { bytes }) => sum + bytes.length, 0)));
      for (const [i, { bytes, items, root }] of files.entries()) {
        expect(root).to.equal(output.roots[i]);
        expect(resultDigests(parseShardResult(bytes, items, 256)).root).to.equal(root);
      }
      const fetched = await scene.client.getFile(files[0]!.file, { from: scene.store.addresses() });
      expect(fetched).to.deep.equal(files[0]!.bytes);
    });

  it("gives the same the next time, salt and all, so that a node without its journal can still reveal", async () => {
    const { terms } = await scene.publish(digitsItems(4), 2);
    const worker = createWorker(scene.worker());
    const [first, second] = [await worker.work(firstSeat(terms), { from: from(), signal }), await worker.work(firstSeat(terms), { from: from(), signal })];
    expect(second).to.deep.equal(first);
  });

  it("executes on a panel the one item alone, and shows its leaf", async () => {
    const { terms } = await scene.publish(digitsItems(8), 4);
    const history = new History(terms).draw(110).tell(111, { type: "extra-opened", batch: EXTRA, kind: "item-panel", shard: 1, item: 2 }).draw(112, EXTRA, [5, 0, 6]);
    const seat = seatsOf(history.view(), 1, (_pool, member) => member + 1).find(({ kind }) => kind === "item-panel")!;
    expect(seat.position).to.equal(1);
    const { roots, dataDigest } = await createWorker(scene.worker()).work(seat, { from: from(), signal });
    const lines = parseShardResult(truth().subarray(0, nthNewline(truth(), 8)), 8, 256);
    expect(roots).to.deep.equal([resultLeaf(2, resultDigest(lines[6]!))]);
    expect((await filesOf(dataDigest)).map(({ shard, items }) => [shard, items])).to.deep.equal([[1, 1]]);
  });

  it("executes the whole shard as a replacement", async () => {
    const { terms } = await scene.publish(digitsItems(8), 4);
    const history = new History(terms).draw(110, 0, [8, 9]).tell(111, { type: "extra-opened", batch: EXTRA, kind: "replacement", shard: 1, item: 0 }).draw(112, EXTRA, [0]);
    const [seat] = seatsOf(history.view(), 1, (_pool, member) => member + 1);
    expect(seat).to.deep.include({ kind: "replacement", position: 0, shards: [1] });
    const { roots } = await createWorker(scene.worker()).work(seat!, { from: from(), signal });
    const lines = parseShardResult(truth().subarray(0, nthNewline(truth(), 8)), 8, 256);
    expect(roots).to.deep.equal([resultDigests(lines.slice(4)).root]);
  });

  it("makes the failure of a module the result of each item", async () => {
    const { terms, module } = await scene.publish([utf8("{}"), utf8("{}"), utf8("{}")], 3, { wasm: scene.hostile("trap"), model: null });
    const runs = [createWorker(scene.worker()), createWorker(scene.worker({ vettedModules: new Set([module]) }))].map((worker) => worker.work(firstSeat(terms), { from: from(), signal }));
    const [alone, vetted] = await Promise.all(runs);
    expect(alone!.roots).to.deep.equal(vetted!.roots);
    const [file] = await filesOf(alone!.dataDigest);
    expect(parseShardResult(file!.bytes, 3, 256)).to.deep.equal([0, 1, 2].map(() => failureLine("trap")));
  });

  it("gives an item that spoils a vetted run of the whole shard its own failure, and the others their results", async () => {
    const items = [...digitsItems(2), utf8("not json"), ...digitsItems(1)];
    const { terms, module } = await scene.publish(items, 4);
    const { dataDigest } = await createWorker(scene.worker({ vettedModules: new Set([module]) })).work(firstSeat(terms), { from: from(), signal });
    const [file] = await filesOf(dataDigest);
    const lines = parseShardResult(file!.bytes, 4, 256);
    expect(lines.map((line) => errorOfLine(line) === undefined)).to.deep.equal([true, true, false, true]);
    expect(lines[3]).to.deep.equal(lines[0]);
  });

  it("refuses jobs whose content is not what the terms say", async () => {
    const worker = createWorker(scene.worker());
    const { terms } = await scene.publish(digitsItems(4), 2);
    const codes = [
      await refusal(worker.work(firstSeat({ ...terms, items: 3 }), { from: from(), signal })),
      await refusal(worker.work(firstSeat({ ...terms, manifest: await scene.client.putDocument(utf8("junk")) }), { from: from(), signal })),
    ];
    expect(codes).to.deep.equal(["invalid_manifest", "invalid_manifest"]);
    for (const code of codes) expect(failureOf(new InfernetError(code!, ""))).to.deep.equal({ reason: 3, retryable: false });
  });

  for (const [what, file] of [["fewer", "{}\n"], ["more", "{}\n{}\n{}\n"], ["unended", "{}\n{}"], ["no", ""]] as const)
    it(`refuses a shard with ${what} items`, async () => {
      const { terms } = await scene.publish([utf8("{}"), utf8("{}")], 2, { files: [utf8(file)] });
      const code = await refusal(createWorker(scene.worker()).work(firstSeat(terms), { from: from(), signal }));
      expect(failureOf(new InfernetError(code!, ""))).to.deep.equal({ reason: 3, retryable: false });
    });

  it("holds jobs against the operator's policy before anything runs", async () => {
    const { terms, module } = await scene.publish(digitsItems(2), 2);
    const attempt = (policy: Parameters<Scene["worker"]>[0]) => refusal(createWorker(scene.worker(policy)).work(firstSeat(terms), { from: from(), signal }));
    expect(await attempt({ unvetted: false })).to.equal("runtime_unavailable");
    expect(await attempt({ unvetted: false, vettedModules: new Set([module]) })).to.equal(undefined);
    expect(await attempt({ maxMemoryPages: 63 })).to.equal("runtime_unavailable");
    expect(await attempt({ maxShardSeconds: 29 })).to.equal("execution_timeout");
    expect(await attempt({ minUnitReward: 251n })).to.equal("price_above_cap");
    expect(await attempt({ minUnitReward: 250n })).to.equal(undefined);
  });

  it("declines a job of a kind that it does not offer, before it fetches the program", async () => {
    const limits = { memoryPages: 256, seconds: 1, lineBytes: 256, processes: 32, scratchBytes: 65536, gpus: 0 };
    const { terms } = await scene.publish([utf8("{}")], 1, { kind: "container", module: `0x${"ab".repeat(32)}`, model: null, limits });
    const error: unknown = await createWorker(scene.worker()).work(firstSeat(terms), { from: from(), signal }).catch((reason: unknown) => reason);
    expect(String(error)).to.match(/of kind container, this node offers wasm/);
    expect(failureOf(error)).to.deep.equal({ reason: 1, retryable: false });
  });

  it("asks a served model for a job that says so, item by item, and declines for models that it does not offer", async () => {
    const server = await OpenAiProcess.start({ models: ["tiny"] });
    const executor = await OpenAiExecutor.open({ url: server.url, models: ["tiny"] });
    try {
      const served = { kind: "openai", model: { name: "tiny" }, endpoint: "/v1/embeddings", sampling: { temperature: 0, seed: 0 }, limits: { seconds: 10, lineBytes: 256, maxTokens: 1 } } as const;
      const items = ["a", "#exit", "c"].map((text) => utf8(JSON.stringify({ text })));
      // No module to vet, and none that takes memory.
      const worker = createWorker({ ...scene.worker({ unvetted: false, maxMemoryPages: 1 }), executors: [scene.executor, executor] });
      const { terms } = await scene.publish(items, 2, served);
      const { dataDigest } = await worker.work(firstSeat(terms), { from: from(), signal });
      const lines = splitLines(concat((await filesOf(dataDigest)).map(({ bytes }) => bytes)), { maxLines: 3, maxLineBytes: 256 });
      expect(lines.map((line) => parseEmbedding(line)?.vector)).to.deep.equal([Float32Array.from(vectorOf("a")), undefined, Float32Array.from(vectorOf("c"))]);
      expect(errorOfLine(lines[1]!)).to.equal("bad_input");
      const requests = await server.requests();
      expect(requests.map(({ body }) => (body as { input?: string }).input)).to.have.members([undefined, "a", "#exit", "c"]);

      const absent = await scene.publish(items, 2, { ...served, model: { name: "absent" } });
      expect(await refusal(worker.work(firstSeat(absent.terms), { from: from(), signal }))).to.equal("model_missing");
      await server.stop();
      const error: unknown = await worker.work(firstSeat(terms), { from: from(), signal }).catch((reason: unknown) => reason);
      expect(failureOf(error)).to.deep.equal({ reason: 1, retryable: true });
    } finally {
      await executor.close();
      await server.stop();
    }
  });

  it("declines as unable what it has no model for, and as too slow what never ends", async () => {
    const missing = await scene.publish(digitsItems(2), 2, { model: { name: "other", files: [{ path: "m.bin", sha256: `0x${"ab".repeat(32)}`, bytes: 1 }] } });
    expect(await refusal(createWorker(scene.worker()).work(firstSeat(missing.terms), { from: from(), signal }))).to.equal("model_missing");
    const endless = await scene.publish([utf8("{}")], 1, { wasm: scene.hostile("loop"), model: null, limits: { memoryPages: 64, seconds: 1, lineBytes: 256 } });
    expect(await refusal(createWorker(scene.worker()).work(firstSeat(endless.terms), { from: from(), signal }))).to.equal("execution_timeout");
  });

  it("says that content cannot be fetched when nobody has it", async () => {
    const worker = createWorker({ ...scene.worker(), fetchTimeoutMs: 300 });
    const code = await refusal(worker.work(firstSeat({ manifest: `0x${"cd".repeat(32)}` }), { from: from(), signal }));
    expect(code).to.equal("content_timeout");
    expect(failureOf(new InfernetError(code!, ""))).to.deep.equal({ reason: 2, retryable: true });
  });

  it("lies the same way each time for the same seed, in files that lead to its roots", async () => {
    const { terms } = await scene.publish(digitsItems(8), 4);
    const lie = (seed: string) => createWorker(scene.worker(), lyingCompute(seed)).work(firstSeat(terms), { from: from(), signal });
    const [honest, one, same, other] = [await createWorker(scene.worker()).work(firstSeat(terms), { from: from(), signal }), await lie("a"), await lie("a"), await lie("b")];
    expect(one.roots).to.deep.equal(same.roots);
    expect(one.roots[0]).not.to.equal(honest.roots[0]);
    expect(one.roots[1]).not.to.equal(honest.roots[1]);
    expect(other.roots).not.to.deep.equal(one.roots);
    for (const [i, { bytes, items }] of (await filesOf(one.dataDigest)).entries()) expect(resultDigests(parseShardResult(bytes, items, 256)).root).to.equal(one.roots[i]);
  });

  it("keeps its results, and nothing else, over a garbage collection", async () => {
    const { terms, module } = await scene.publish(digitsItems(4), 2);
    const { dataDigest } = await createWorker(scene.worker()).work(firstSeat(terms), { from: from(), signal });
    await scene.store.collectGarbage();
    expect(await filesOf(dataDigest)).to.have.length(2);
    expect(await scene.store.has(module, "file")).to.equal(false);
  });
});

function nthNewline(bytes: Uint8Array, n: number): number {
  let at = 0;
  for (let i = 0; i < n; i++) at = bytes.indexOf(10, at) + 1;
  return at;
}
