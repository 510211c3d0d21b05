import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { createKeystore, inspectKeystore, loadDevelopmentKey, loadKeystore } from "./keystore.ts";
import { useDirectory } from "./testing/directory.ts";

const KEY = `0x${"4f".repeat(32)}`;
const code = (promise: Promise<unknown>) => promise.then(() => undefined, (error: { code: string }) => error.code);

describe("keystore", function () {
  this.timeout(20_000);
  const at = useDirectory();

  it("is written for its owner only, and opened by its password", async () => {
    const made = await createKeystore(at("key.json"), "pass", { scryptN: 1024 });
    expect(statSync(at("key.json")).mode & 0o777).to.equal(0o600);
    expect(readFileSync(at("key.json"), "utf8")).to.not.contain(made.privateKey.slice(2));
    expect((await loadKeystore(at("key.json"), "pass")).privateKey).to.equal(made.privateKey);
    expect(await code(loadKeystore(at("key.json"), "wrong"))).to.equal("keystore_password");
  });

  it("takes an existing key, and never overwrites a file", async () => {
    expect((await createKeystore(at("key.json"), "pass", { privateKey: KEY, scryptN: 1024 })).privateKey).to.equal(KEY);
    expect(await code(createKeystore(at("key.json"), "other", { scryptN: 1024 }))).to.equal("keystore_invalid");
    expect((await loadKeystore(at("key.json"), "pass")).privateKey).to.equal(KEY);
  });

  it("is refused where others could read it, and says how to mend that", async () => {
    await createKeystore(at("key.json"), "pass", { scryptN: 1024 });
    chmodSync(at("key.json"), 0o644);
    const error = await loadKeystore(at("key.json"), "pass").catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: "keystore_invalid", hint: `Close it: chmod 600 ${at("key.json")}` });
  });

  it("shows what protects it without being opened", async () => {
    const { address } = await createKeystore(at("weak.json"), "pass", { scryptN: 1024 });
    expect(inspectKeystore(at("weak.json"))).to.deep.equal({ address, kdf: "scrypt", strong: false });
    await createKeystore(at("strong.json"), "pass");
    expect(inspectKeystore(at("strong.json"))).to.include({ strong: true });
    writeFileSync(at("text"), "{}", { mode: 0o600 });
    expect(() => inspectKeystore(at("text"))).to.throw(/not a V3 keystore/).with.property("code", "keystore_invalid");
  });

  it("refuses what is no keystore", async () => {
    writeFileSync(at("text"), "{}", { mode: 0o600 });
    for (const path of [at("text"), at("missing"), at()]) expect(await code(loadKeystore(path, "x"))).to.equal("keystore_invalid");
  });

  it("reads plain keys for development chains only, and never shows them", () => {
    writeFileSync(at("dev.key"), `${KEY.slice(2)}\n`);
    expect(loadDevelopmentKey(at("dev.key"), 31337n).privateKey).to.equal(KEY);
    expect(() => loadDevelopmentKey(at("dev.key"), 137n)).to.throw(/not for chain 137/).with.property("code", "keystore_invalid");
    for (const bad of [`${KEY}00`, "00".repeat(32), "ff".repeat(32), ""]) {
      writeFileSync(at("bad.key"), bad);
      expect(() => loadDevelopmentKey(at("bad.key"), 31337n)).to.throw().that.satisfies((error: Error) => error.cause === undefined && (bad === "" || !error.message.includes(bad.slice(0, 20))));
    }
  });
});
