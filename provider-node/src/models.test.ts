import { expect } from "chai";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { isInfernetError } from "@infernet/sdk/core";
import { useDirectory } from "../../sdk/src/node/testing/directory.ts";
import { InstalledModels } from "./models.ts";

const sha256 = (text: string) => `0x${createHash("sha256").update(text).digest("hex")}` as const;
const modelOf = (...contents: string[]) => ({ name: "m", files: contents.map((text, i) => ({ path: `f${i}.bin`, sha256: sha256(text), bytes: text.length })) });
const missing = (error: unknown) => isInfernetError(error, "model_missing");

describe("InstalledModels", () => {
  const path = useDirectory();
  const open = () => InstalledModels.open(path("models"), path("cache.json"));
  beforeEach(() => {
    mkdirSync(path("models/sub"), { recursive: true });
    writeFileSync(path("models/a.bin"), "alpha");
    writeFileSync(path("models/sub/b.bin"), "beta");
  });

  it("finds files by their content, under any name and in folders", async () => {
    const models = await open();
    expect(models.digests()).to.deep.equal([sha256("alpha"), sha256("beta")].sort());
    expect(models.locate(modelOf("beta", "alpha"))).to.deep.equal([{ path: "f0.bin", file: path("models/sub/b.bin") }, { path: "f1.bin", file: path("models/a.bin") }]);
    expect(models.locate(null)).to.deep.equal([]);
  });

  it("misses what is not installed", async () => {
    const models = await open();
    expect(() => models.locate(modelOf("alpha", "gamma"))).to.throw().that.satisfies(missing);
  });

  it("hashes a file once, and again when it has changed", async () => {
    await open();
    const cache = JSON.parse(readFileSync(path("cache.json"), "utf8")) as Record<string, { sha256: string }>;
    cache["a.bin"]!.sha256 = sha256("believed");
    writeFileSync(path("cache.json"), JSON.stringify(cache));
    expect((await open()).digests()).to.include(sha256("believed"));
    utimesSync(path("models/a.bin"), 1, 1);
    expect((await open()).digests()).to.deep.equal([sha256("alpha"), sha256("beta")].sort());
  });

  it("does not hand out a file that has changed since it was verified, and finds it anew", async () => {
    const models = await open();
    writeFileSync(path("models/a.bin"), "alpha!");
    expect(() => models.locate(modelOf("alpha"))).to.throw().that.satisfies(missing);
    renameSync(path("models/a.bin"), path("models/c.bin"));
    await models.refresh();
    expect(models.locate(modelOf("alpha!"))).to.deep.equal([{ path: "f0.bin", file: path("models/c.bin") }]);
  });

  it("starts afresh from a damaged cache, and needs its directory", async () => {
    writeFileSync(path("cache.json"), "{");
    expect((await open()).digests()).to.have.length(2);
    const error: unknown = await InstalledModels.open(path("nowhere"), path("cache.json")).catch((one: unknown) => one);
    expect(isInfernetError(error, "config_invalid")).to.equal(true);
  });
});
