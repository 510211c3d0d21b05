import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { providerConfigSchema, type ProviderSettings } from "./config.ts";
import { OpenAiProcess } from "./executor/testing/openai-process.ts";
import { executorOpeners, openaiOptions } from "./executors.ts";

const BASE: ProviderSettings = { rpcUrl: "http://127.0.0.1:8545", deployment: "d.json", dataDir: "data", pool: `0x${"11".repeat(32)}`, modelsDir: "models" };

describe("a provider with a served model", function () {
  this.timeout(20_000);
  const directory = mkdtempSync(join(tmpdir(), "infernet-openai-"));
  after(() => rmSync(directory, { recursive: true, force: true }));
  const key = (text: string, mode: number) => {
    const file = join(directory, `${mode}-${text.length}`);
    writeFileSync(file, text, { mode });
    return file;
  };
  const config = (settings: Partial<ProviderSettings>) => providerConfigSchema.parse({ ...BASE, executors: ["openai"], ...settings });

  for (const url of ["ftp://127.0.0.1/v1", "http://127.0.0.1:8000", "http://127.0.0.1:8000/v2", "http://me:secret@127.0.0.1/v1", "http://127.0.0.1/v1?key=secret", "http://127.0.0.1/v1#a", "127.0.0.1:8000/v1", "file:///v1"])
    it(`refuses ${url}`, () => expect(() => config({ openaiUrl: url })).to.throw(/must be http/));

  it("takes a base URL as OpenAI's clients do", () => {
    for (const openaiUrl of ["http://127.0.0.1:11434/v1", "https://models.lan/team/v1/", "http://[::1]:8000/v1"]) expect(config({ openaiUrl }).openaiUrl).to.equal(openaiUrl);
  });

  it("needs a server, a model, and a key that others cannot read", () => {
    const set = { openaiUrl: "http://127.0.0.1:8000/v1", openaiModels: ["tiny"] };
    expect(() => openaiOptions(config({ openaiModels: ["tiny"] }))).to.throw(/openaiUrl is not set/).with.property("code", "config_invalid");
    expect(() => openaiOptions(config({ openaiUrl: set.openaiUrl }))).to.throw(/openaiModels is not set/).with.property("code", "config_invalid");
    expect(() => openaiOptions(config({ ...set, openaiKeyFile: key("sk-1\n", 0o644) }))).to.throw(/open to others/).with.property("code", "keystore_invalid");
    expect(() => openaiOptions(config({ ...set, openaiKeyFile: key("two\nlines\n", 0o600) }))).to.throw(/on one line/).with.property("code", "config_invalid");
    expect(openaiOptions(config({ ...set, openaiKeyFile: key("sk-1\n", 0o600), openaiConcurrency: 4 }))).to.deep.equal({ url: set.openaiUrl, models: ["tiny"], concurrency: 4, apiKey: "sk-1" });
  });

  it("offers it when the server lists the model", async () => {
    const server = await OpenAiProcess.start({ models: ["tiny"], apiKey: "sk-1" });
    try {
      const [open] = executorOpeners(config({ openaiUrl: server.url, openaiModels: ["tiny"], openaiKeyFile: key("sk-1\n", 0o600) }));
      const executor = await open!();
      expect([executor.kind, executor.itemByItem]).to.deep.equal(["openai", true]);
      await executor.close();
    } finally {
      await server.stop();
    }
  });
});
