import { expect } from "chai";
import { fromUtf8 } from "@infernet/sdk/core";
import { OpenAiProcess } from "../../provider-node/src/executor/testing/openai-process.ts";
import { Market, type TestClient } from "./market.ts";

/** Reason of a decline: cannot run. */
const CANNOT_RUN = 1;

describe("a batch file for a served model, in a market of processes", function () {
  this.timeout(300_000);
  const servers: OpenAiProcess[] = [];
  let market: Market;
  let buyer: TestClient | undefined;

  before(async () => {
    for (const model of ["tiny", "tiny", "other"]) servers.push(await OpenAiProcess.start({ models: [model] }));
    const [one, two, other] = servers.map(({ url }) => ({ executors: ["openai"] as "openai"[], openaiUrl: url, unvetted: false }));
    market = await new Market().open([{ ...one, openaiModels: ["tiny"] }, { ...two, openaiModels: ["tiny"] }, { ...other, openaiModels: ["other"] }]);
    buyer = await market.client("buyer");
  });
  after(async () => {
    await buyer?.close();
    await market?.close();
    for (const server of servers) await server.stop();
  });

  it("is answered by operators' servers that agree, while a node without the model declines", async () => {
    const ask = (name: string, content: string) => JSON.stringify({ custom_id: name, method: "POST", url: "/v1/chat/completions", body: { model: "tiny", messages: [{ role: "user", content }], max_tokens: 8 } });
    const contents = ["one", "two", "#exit", "four", "five", "six"];
    const request = market.request(1, {
      input: contents.map((content, i) => ask(`request-${i}`, content)),
      format: "jsonl",
      workload: { kind: "openai", model: { name: "tiny" }, endpoint: "/v1/chat/completions", sampling: { temperature: 0, seed: 5 }, limits: { seconds: 30, lineBytes: 1024, maxTokens: 16 } },
      shardSize: 2,
      commitWindow: 120,
      revealWindow: 60,
    });
    const job = await buyer!.client.submitJob(request);
    const declined: number[] = [];
    const reading = (async () => {
      for await (const { event } of job.events()) if (event.type === "declined") declined.push(event.reason);
    })();
    const { output, complete } = await job.result();
    await reading;
    expect(complete).to.equal(true);
    expect([...new Set(declined)]).to.deep.equal([CANNOT_RUN]);
    const lines = fromUtf8(output).trimEnd().split("\n").map((line) => JSON.parse(line) as { custom_id: string; response: { body: { choices: { message: { content: string } }[] } } | null; error: { code: string } | null });
    expect(lines.map(({ custom_id }) => custom_id)).to.deep.equal(contents.map((_, i) => `request-${i}`));
    expect(lines.map(({ response, error }) => response?.body.choices[0]!.message.content ?? error!.code)).to.deep.equal(contents.map((content) => (content === "#exit" ? "bad_input" : `echo: ${content}, seed 5`)));
  });
});
