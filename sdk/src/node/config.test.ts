import { writeFileSync } from "node:fs";
import { expect } from "chai";
import { z } from "zod";
import { envName, loadConfig, type ConfigSources } from "./config.ts";
import { useDirectory } from "./testing/directory.ts";

const schema = z.strictObject({
  rpcUrl: z.url(),
  confirmations: z.number().int().min(0).default(1),
  label: z.string().default("node"),
  verbose: z.boolean().default(false),
  peers: z.array(z.string()).default([]),
});
const rpcUrl = "http://127.0.0.1:8545";

describe("config", () => {
  const at = useDirectory();
  const file = (value: unknown) => {
    writeFileSync(at("config.json"), typeof value === "string" ? value : JSON.stringify(value));
    return at("config.json");
  };

  it("takes flags over environment over file over defaults", () => {
    const sources = { flags: { confirmations: 4, label: undefined }, env: { INFERNET_CONFIRMATIONS: "3", INFERNET_LABEL: "env" }, file: file({ rpcUrl, confirmations: 2, label: "file", verbose: true }) };
    expect(loadConfig(schema, sources)).to.deep.equal({ rpcUrl, confirmations: 4, label: "env", verbose: true, peers: [] });
  });

  it("reads files with comments", () => {
    expect(loadConfig(schema, { file: file(`{\n  // where\n  "rpcUrl": "${rpcUrl}", /* http://not.this */\n}`) }).rpcUrl).to.equal(rpcUrl);
  });

  it("reads text by the type of its field", () => {
    const env = { INFERNET_RPC_URL: rpcUrl, INFERNET_CONFIRMATIONS: "7", INFERNET_LABEL: "12", INFERNET_VERBOSE: "true", INFERNET_PEERS: '["a"]', INFERNET_OTHER: "ignored" };
    expect(loadConfig(schema, { env })).to.deep.equal({ rpcUrl, confirmations: 7, label: "12", verbose: true, peers: ["a"] });
    expect(loadConfig(schema, { flags: { rpcUrl, confirmations: "9" } }).confirmations).to.equal(9);
    expect(loadConfig(schema, { flags: { rpcUrl }, env: { INFERNET_LABEL: "" } }).label).to.equal("node");
  });

  it("names the setting and where it came from", () => {
    const bad: [() => ConfigSources, RegExp][] = [
      [() => ({ env: { INFERNET_RPC_URL: "x" } }), /^rpcUrl \(from INFERNET_RPC_URL\): /],
      [() => ({ flags: { rpcUrl, confirmations: -1 } }), /^confirmations \(from the flag --confirmations\): /],
      [() => ({ file: file({ rpcUrl: 1 }) }), /^rpcUrl \(from .*config\.json\): /],
      [() => ({}), /^rpcUrl \(set --rpc-url or INFERNET_RPC_URL\): /],
      [() => ({ file: file({ rpcUrl, typo: 1 }) }), /^typo \(from .*config\.json\): /],
    ];
    for (const [sources, message] of bad) expect(() => loadConfig(schema, sources())).to.throw(message).with.property("code", "config_invalid");
  });

  it("refuses a file that is missing, unless it may be, or is not a JSON object", () => {
    expect(() => loadConfig(schema, { flags: { rpcUrl }, file: at("none") })).to.throw(/cannot read/).with.property("code", "config_invalid");
    expect(loadConfig(schema, { flags: { rpcUrl }, file: at("none"), fileOptional: true }).rpcUrl).to.equal(rpcUrl);
    for (const text of ["{", "[]", "null", " ".repeat((1 << 20) + 1)])
      expect(() => loadConfig(schema, { flags: { rpcUrl }, file: file(text) })).to.throw().with.property("code", "config_invalid");
  });

  it("names environment variables after settings", () => {
    expect(envName("rpcUrl")).to.equal("INFERNET_RPC_URL");
  });
});
