import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { isInfernetError } from "@infernet/sdk/core";
import { inspectKeystore, loadConfig, operatorKey } from "@infernet/sdk/node";
import { PROVIDER } from "../commands/provider.ts";
import { initNode, type InitOptions } from "./init.ts";
import type { NodeSettings } from "./role.ts";

const KEY = `0x${"11".repeat(32)}`;
const POOL = `0x${"ab".repeat(32)}`;

describe("init", function () {
  this.timeout(20_000);
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "infernet-init-"));
    writeFileSync(at("deployment.json"), "{}");
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  const at = (name: string) => join(directory, name);
  const options = (more: Partial<InitOptions> = {}): InitOptions => ({
    directory: at("node"), rpcUrl: ["http://127.0.0.1:1"], deploymentFile: at("deployment.json"), p2pPort: 4001, metricsPort: 9464, announce: [], own: { pool: POOL, modelsDir: at("models") }, ...more,
  });
  const refusal = async (more: Partial<InitOptions>) => {
    const error: unknown = await initNode(PROVIDER, options(more)).catch((reason: unknown) => reason);
    return isInfernetError(error) ? error.code : error;
  };

  it("makes a key that its own password file opens, and settings that the daemon takes; nobody else can read them", async () => {
    const made = await initNode(PROVIDER, options());
    const schema = await PROVIDER.schema();
    const settings = loadConfig(schema, { file: made.config }) as unknown as NodeSettings;
    expect((await operatorKey(settings, 1)).address).to.equal(made.operator);
    expect(settings).to.deep.include({ listen: ["/ip4/0.0.0.0/tcp/4001"], metricsPort: 9464, pool: POOL });
    for (const file of [made.config, made.keystore, made.passwordFile!]) expect(statSync(file).mode & 0o077, file).to.equal(0);
    expect(inspectKeystore(made.keystore)).to.include({ kdf: "scrypt", strong: true });
    expect(readFileSync(made.config, "utf8")).to.not.contain("misbehave");
  });

  it("takes a key and a password that are there, and can leave the password to the environment", async () => {
    writeFileSync(at("key"), `${KEY}\n`);
    const made = await initNode(PROVIDER, options({ importKey: at("key"), password: "a long password" }));
    expect(made).to.include({ operator: "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A", passwordFile: null });
    writeFileSync(at("password"), "another long one\n", { mode: 0o600 });
    const other = await initNode(PROVIDER, options({ directory: at("other"), passwordFile: at("password") }));
    expect(other.passwordFile).to.equal(at("password"));
  });

  it("overwrites nothing, and writes nothing where settings or password are wrong", async () => {
    expect(await refusal({ own: { pool: "0x1", modelsDir: at("models") } })).to.equal("config_invalid");
    expect(await refusal({ importKey: at("none") })).to.equal("keystore_invalid");
    expect(await refusal({ password: "short" })).to.equal("keystore_password");
    await initNode(PROVIDER, options());
    const before = readFileSync(at("node/operator.json"), "utf8");
    expect(await refusal({})).to.equal("config_invalid");
    expect(readFileSync(at("node/operator.json"), "utf8")).to.equal(before);
  });
});
