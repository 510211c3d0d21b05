import { expect } from "chai";
import { encodeVector, failureLine, fromUtf8, isInfernetError, utf8, type InfernetError, type OpenAiManifest } from "@infernet/sdk/core";
import { executorCompliance } from "../compliance.ts";
import type { ExecutionLimits, ExecutionTask } from "../executor.ts";
import { MISCHIEF, vectorOf } from "../testing/openai-answers.ts";
import { OpenAiProcess } from "../testing/openai-process.ts";
import { OpenAiExecutor, type OpenAiExecutorOptions } from "./openai-executor.ts";
import { serviceModule } from "./service.ts";

const MODEL = "tiny";
const BAD = '{"error":{"code":"bad_input"}}';
const KEY = "sk-secret-7f3a";
const LIMITS = { seconds: 30, lineBytes: 1024, maxTokens: 16 };

const module = (endpoint: OpenAiManifest["endpoint"], model = MODEL) =>
  serviceModule({ version: 1, kind: "openai", inputs: `0x${"00".repeat(32)}`, determinism: { class: "exact" }, model: { name: model }, endpoint, sampling: { temperature: 0, seed: 7 }, limits: LIMITS });
const task = (lines: readonly object[], endpoint: OpenAiManifest["endpoint"] = "/v1/embeddings", limits: Partial<ExecutionLimits> = {}): ExecutionTask => ({
  module: module(endpoint),
  model: [],
  input: utf8(lines.map((line) => `${JSON.stringify(line)}\n`).join("")),
  items: lines.length,
  limits: { ...LIMITS, ...limits },
});
const texts = (text: string, items: number): object[] => new Array<object>(items).fill({ text });
const chat = (content: string, body: object = {}) => ({ method: "POST", url: "/v1/chat/completions", body: { messages: [{ role: "user", content }], ...body } });
const line = (text: string) => JSON.stringify({ embedding: encodeVector(Float32Array.from(vectorOf(text))), tokens: 1 });
const failure = async (promise: Promise<unknown>): Promise<InfernetError> => {
  const error: unknown = await promise.then((value) => expect.fail(`expected an error, got ${JSON.stringify(value)}`), (reason: unknown) => reason);
  if (!isInfernetError(error)) throw error;
  return error;
};

describe("a served model", function () {
  this.timeout(60_000);
  let server: OpenAiProcess;
  before(async () => void (server = await OpenAiProcess.start({ models: ["other", MODEL], apiKey: KEY })));
  after(() => server.stop());
  const open = async (options: Partial<OpenAiExecutorOptions> = {}) => {
    await server.forget();
    return OpenAiExecutor.open({ url: server.url, models: [MODEL], apiKey: KEY, ...options });
  };

  executorCompliance("openai", {
    create: () => open(),
    task: (behaviour, items, seconds = 30) => task(texts(behaviour === "honest" ? "a text" : `#${behaviour}`, items), "/v1/embeddings", { seconds }),
    real: () => ({ task: task([{ text: "a" }, { text: "b" }]), output: utf8(`${line("a")}\n${line("b")}\n`) }),
    honest: line("a text"),
    begun: () => server.asked("#loop"),
    withoutModel: (one) => ({ ...one, module: module("/v1/embeddings", "absent") }),
    // The lines are this executor's own; a server that answers wrongly is the operator's trouble.
    gives: { longline: { failure: "line_too_long" }, trap: { error: "execution_failed" }, few: { error: "execution_failed" }, many: { error: "execution_failed" }, unended: { error: "execution_failed" }, garbage: { error: "execution_failed" }, flood: { error: "runtime_unavailable" } },
    sealed: false,
  });

  describe("OpenAiExecutor", () => {
    let executor: OpenAiExecutor;
    beforeEach(async () => void (executor = await open({ concurrency: 3, maxAnswerBytes: 1 << 20 })));
    afterEach(() => executor.close());
    const results = async (one: ExecutionTask) => fromUtf8((await executor.execute(one)).output).trimEnd().split("\n");

    it("asks with the key, for the model, the sampling and the limits of the job, whatever the item says", async () => {
      const [result] = await results(task([chat("hi", { max_tokens: 99, stop: ["\n"], user: "u", n: 1 })], "/v1/chat/completions"));
      expect(result).to.equal('{"object":"chat.completion","model":"tiny","choices":[{"index":0,"message":{"role":"assistant","content":"echo: hi, seed 7"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}');
      expect((await server.requests()).at(-1)).to.deep.equal({
        method: "POST",
        path: "/v1/chat/completions",
        authorization: `Bearer ${KEY}`,
        body: { model: MODEL, messages: [{ role: "user", content: "hi" }], max_tokens: 16, temperature: 0, seed: 7, stop: ["\n"], stream: false },
      });
    });

    it("gives the same bytes for the same items, in the order of the items, with several requests at a time", async () => {
      const many = task(Array.from({ length: 40 }, (_, i) => ({ text: `text ${i}` })));
      expect(await results(many)).to.deep.equal(Array.from({ length: 40 }, (_, i) => line(`text ${i}`)));
      const talk = task(Array.from({ length: 5 }, (_, i) => chat(`${i}`, { seed: i })), "/v1/chat/completions");
      expect(await results(talk)).to.deep.equal(await results(talk));
    });

    it("gives each item its own result: those that are no request, or that the server refuses, are no failure of the others", async () => {
      const outcome = await executor.execute(task([{ text: "a" }, { text: "#exit" }, { txt: "b" }, { text: "#longline" }, { text: "c" }]));
      expect(outcome.status).to.equal("ok");
      expect(fromUtf8(outcome.output)).to.equal([line("a"), BAD, BAD, fromUtf8(failureLine("line_too_long")), line("c"), ""].join("\n"));
      expect(outcome.detail).to.match(/maximum context length/);
    });

    it("takes a server that refuses everything at an endpoint for the operator's mistake, and no result of an item", async () => {
      const refuses = await OpenAiProcess.start({ models: [MODEL], refuses: "/v1/chat/completions" });
      const half = await OpenAiExecutor.open({ url: refuses.url, models: [MODEL] });
      try {
        const error = await failure(half.execute(task([chat("hi")], "/v1/chat/completions")));
        expect([error.code, error.retryable]).to.deep.equal(["runtime_unavailable", false]);
        expect(error.message).to.match(/answers nothing for tiny at \/v1\/chat\/completions: .*chat template/);
        expect(fromUtf8((await half.execute(task([{ text: "#exit" }]))).output)).to.equal(`${BAD}\n`);
      } finally {
        await half.close();
        await refuses.stop();
      }
    });

    it("asks nothing about items that no job may ask", async () => {
      const away = task([chat("hi"), { ...chat("hi"), url: "/v1/files" }, { ...chat("hi"), url: "http://169.254.169.254/" }, { url: "/v1/../../admin", method: "POST", body: {} }]);
      const rude = task([chat("hi", { model: "other" }), chat("hi", { chat_template: "{{ 1 }}" }), chat("hi", { temperature: 1 }), { text: "hi" }], "/v1/chat/completions");
      for (const one of [away, rude]) expect(await results(one)).to.deep.equal([BAD, BAD, BAD, BAD]);
      expect((await server.requests()).map(({ path }) => path)).to.deep.equal(["/v1/models"]);
    });

    const retryable = ["hangup", "unended", "garbage", "zipped", "bytes", "nothing", "error200", "headers", "few", "many", "twice", "far", "ragged", "infinite", "beyond", "untold", "trap", "busy"];
    const final = ["flood", "huge", "redirect", "stranger", "missing"];
    for (const [names, code] of [[retryable, "execution_failed"], [final, "runtime_unavailable"]] as const)
      for (const name of names)
        it(`makes no result of a server's own trouble: ${name} is ${code}`, async () => {
          const asked = name === "ragged" || name === "twice" ? { method: "POST", url: "/v1/embeddings", body: { input: [`#${name}`, "b"] } } : { text: `#${name}` };
          const error = await failure(executor.execute(task([{ text: "a" }, asked, { text: "b" }])));
          expect(error.code, error.message).to.equal(code);
          expect(error.retryable).to.equal(code === "execution_failed");
          expect(MISCHIEF).to.have.property(name);
          expect((await server.requests()).map(({ path }) => path)).to.not.include("/elsewhere");
          expect(await results(task([{ text: "a" }]))).to.deep.equal([line("a")]);
        });

    it("makes no result of a completion that ended in another way", async () => {
      expect((await failure(executor.execute(task([chat("#called")], "/v1/chat/completions")))).code).to.equal("execution_failed");
    });

    it("ends an answer that trickles in when the time of the shard is over", async () => {
      expect((await failure(executor.execute(task([{ text: "a" }, { text: "#dribble" }], "/v1/embeddings", { seconds: 0.3001 })))).code).to.equal("execution_timeout");
    });

    it("takes a server that is gone for the node's own trouble, worth another try", async () => {
      const mortal = await OpenAiProcess.start({ models: [MODEL] });
      const lonely = await OpenAiExecutor.open({ url: mortal.url, models: [MODEL] });
      await mortal.stop();
      const error = await failure(lonely.execute(task([{ text: "a" }])));
      await lonely.close();
      expect([error.code, error.retryable]).to.deep.equal(["execution_failed", true]);
      expect(error.hint).to.match(/Start the server/);
    });

    it("says the key in no error and no detail", async () => {
      const said = [(await executor.execute(task([{ text: "#echoed" }]))).detail];
      const wrong = await failure(OpenAiExecutor.open({ url: server.url, models: [MODEL], apiKey: "sk-wrong-key" }));
      said.push(JSON.stringify([wrong.toJSON(), String(wrong.cause), wrong.stack]));
      expect(said[0]).to.match(/you said/);
      expect(said[1]).to.match(/answers with 401/);
      for (const text of said) expect(text).to.not.match(/sk-/);
    });

    it("refuses what this host does not want to spend, and models that it does not offer", async () => {
      expect((await failure(executor.execute(task(texts("a", 300), "/v1/embeddings", { lineBytes: 1 << 20 })))).code).to.equal("runtime_unavailable");
      expect((await failure(executor.execute({ ...task([{ text: "a" }]), module: module("/v1/embeddings", "other") }))).code).to.equal("model_missing");
      const { maxTokens: _, ...limits } = LIMITS;
      for (const wrong of [{ limits }, { items: 2 }, { module: { ...module("/v1/embeddings"), bytes: utf8("{}") } }])
        expect((await failure(executor.execute({ ...task([{ text: "a" }]), ...wrong } as ExecutionTask))).code).to.equal("invalid_argument");
    });
  });

  describe("when it opens", () => {
    it("names the models that the server does not list, and those that it does", async () => {
      const error = await failure(open({ models: [MODEL, "big", "bigger"] }));
      expect(error.code).to.equal("runtime_unavailable");
      expect(error.message).to.match(/does not list big, bigger, but other, tiny/);
      expect(error.hint).to.match(/--served-model-name/);
    });

    for (const listing of ["garbage", "nothing", "flood", "redirect", "trap", "exit", "loop"])
      it(`does not offer a model that it cannot ask for: ${listing}`, async () => {
        const odd = await OpenAiProcess.start({ models: [MODEL], listing });
        try {
          expect((await failure(OpenAiExecutor.open({ url: odd.url, models: [MODEL], startSeconds: listing === "loop" ? 0.3 : 30 }))).code).to.equal("runtime_unavailable");
        } finally {
          await odd.stop();
        }
      });
  });
});
