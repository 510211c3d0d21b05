import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { z } from "zod";
import { InfernetError, isInfernetError } from "../core/index.ts";
import { daemonConfig, operatorKey, parseSettings, readJsonFile } from "./daemon.ts";
import { createKeystore } from "./keystore.ts";
import { useDirectory } from "./testing/directory.ts";

const schema = z.strictObject({ rpcUrl: z.url(), listen: z.array(z.string()).default([]), feeBps: z.number().int().default(100) });
const KEY = `0x${"11".repeat(32)}`;

async function failure(run: () => unknown): Promise<InfernetError> {
  try {
    await run();
  } catch (error) {
    if (isInfernetError(error)) return error;
    throw error;
  }
  throw new Error("expected a typed error");
}

describe("settings of a daemon", () => {
  const file = useDirectory();

  it("come from flags in kebab case, lists repeated, over the file that --config names", () => {
    writeFileSync(file("c.json"), JSON.stringify({ rpcUrl: "http://a", feeBps: 50 }));
    const args = ["--config", file("c.json"), "--rpc-url", "http://b", "--listen", "/x", "--listen", "/y"];
    expect(daemonConfig(schema, new Set(["listen"]), args)).to.deep.equal({ rpcUrl: "http://b", listen: ["/x", "/y"], feeBps: 50 });
  });

  it("are refused with the name of what is wrong", async () => {
    expect((await failure(() => daemonConfig(schema, new Set(), ["--colour", "red"]))).message).to.contain("--colour");
    expect((await failure(() => daemonConfig(schema, new Set(), ["--rpc-url", "http://b", "--fee-bps", "much"]))).code).to.equal("config_invalid");
    const { code, message } = await failure(() => parseSettings(schema, { rpcUrl: "http://b", feeBps: 0.5 }));
    expect({ code, message }).to.deep.include({ code: "config_invalid" });
    expect(message).to.match(/^feeBps: /);
  });

  it("name JSON files that are read with a limit", async () => {
    writeFileSync(file("d.json"), '{"a":1}');
    expect(readJsonFile("deployment", file("d.json"))).to.deep.equal({ a: 1 });
    writeFileSync(file("large.json"), " ".repeat((1 << 20) + 1));
    mkdirSync(file("folder"));
    for (const name of ["large.json", "missing.json", "folder"]) {
      const { code, message } = await failure(() => readJsonFile("deployment", file(name)));
      expect(code).to.equal("config_invalid");
      expect(message).to.contain("cannot read the deployment").and.contain(name);
    }
  });

  it("name the operator's key: a keystore, or a plain file on a development chain only", async () => {
    writeFileSync(file("key"), KEY);
    writeFileSync(file("password"), "secret\n", { mode: 0o600 });
    const { address } = await operatorKey({ keyFile: file("key") }, 31337);
    await createKeystore(file("keystore.json"), "secret", { privateKey: KEY, scryptN: 2 });
    expect((await operatorKey({ keystore: file("keystore.json"), passwordFile: file("password") }, 137)).address).to.equal(address);
    expect((await failure(() => operatorKey({ keyFile: file("key") }, 137))).code).to.equal("keystore_invalid");
    expect((await failure(() => operatorKey({ keystore: file("keystore.json") }, 137))).code).to.equal("config_invalid");
    expect((await failure(() => operatorKey({ keystore: file("keystore.json"), passwordFile: file("none") }, 137))).code).to.equal("keystore_invalid");
    chmodSync(file("password"), 0o640);
    const open = await failure(() => operatorKey({ keystore: file("keystore.json"), passwordFile: file("password") }, 137));
    expect([open.code, open.hint]).to.deep.equal(["keystore_invalid", `Close it: chmod 600 ${file("password")}`]);
  });
});
