import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { loadConfig } from "@infernet/sdk/node";
import { AGGREGATOR } from "../commands/aggregator.ts";
import { PROVIDER } from "../commands/provider.ts";
import { settingsFile } from "./settings-file.ts";

describe("settings files", function () {
  this.timeout(20_000); // the node packages load for seconds on a busy machine
  let directory: string;
  before(() => (directory = mkdtempSync(join(tmpdir(), "infernet-settings-"))));
  after(() => rmSync(directory, { recursive: true, force: true }));

  for (const role of [PROVIDER, AGGREGATOR])
    it(`of a ${role.name} are what they say: the same settings with and without what is commented out`, async () => {
      const schema = await role.schema();
      const given = { rpcUrl: ["http://127.0.0.1:1"], deployment: "a b.json", dataDir: 'd"/*', listen: ["/ip4/0.0.0.0/tcp/1"], ...(role.name === "provider" && { pool: `0x${"ab".repeat(32)}`, modelsDir: "m" }) };
      const text = settingsFile("Test", schema, role.hints, given);
      const load = (content: string) => {
        writeFileSync(join(directory, "config.jsonc"), content);
        return loadConfig(schema, { file: join(directory, "config.jsonc") });
      };
      const loaded = load(text);
      expect(loaded).to.deep.include(given);
      const defaults = text.replace(/^ {2}\/\/ (".*),$/gm, (line, entry: string) => (entry.endsWith("(none)") ? line : `  ${entry},`));
      expect(defaults).to.not.equal(text);
      expect(load(defaults)).to.deep.equal(loaded);
      for (const key of Object.keys(schema.shape)) expect(text, key).to.contain(`"${key}": `);
    });
});
