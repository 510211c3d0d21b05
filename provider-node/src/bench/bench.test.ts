import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { fileDigest, isInfernetError } from "@infernet/sdk/core";
import { goldens } from "../../../workloads/golden.ts";
import { digitsModelPath, workloads } from "../../../workloads/index.ts";
import { providerConfigSchema } from "../config.ts";
import { benchInstalled, readBenchmarks, keepBenchmark, type BenchWorkload } from "./index.ts";

describe("the measuring of a provider", function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), "infernet-bench-"));
  const [dataDir, modelsDir] = [join(directory, "data"), join(directory, "models")];
  const config = providerConfigSchema.parse({ rpcUrl: "http://127.0.0.1:1", deployment: "none", pool: `0x${"11".repeat(32)}`, dataDir, modelsDir, concurrency: 1 });
  const workload = (name: keyof typeof workloads): BenchWorkload => {
    const { wasmPath, model, limits } = workloads[name];
    const bytes = readFileSync(wasmPath);
    return { name, module: { digest: fileDigest(bytes), bytes }, model: { name: model.name, files: model.files.map((file) => ({ ...file, sha256: `0x${file.sha256}` as const })) }, limits, golden: goldens[name]() };
  };

  before(() => {
    mkdirSync(dataDir);
    mkdirSync(modelsDir);
    copyFileSync(digitsModelPath, join(modelsDir, "digits.bin"));
  });
  after(() => rmSync(directory, { recursive: true }));

  it("runs what is installed, holds it against the known results, and keeps the numbers", async () => {
    const [digits, minilm] = await benchInstalled(config, { workloads: [workload("digits"), workload("minilm")], seconds: 0.01 });
    expect(minilm).to.have.property("missing").that.includes("minilm.bin");
    expect(digits).to.have.nested.property("measured.items").that.satisfies((items: number) => items > 0 && items % 297 === 0);
    const kept = readBenchmarks(dataDir);
    expect(kept).to.deep.equal([(digits as { benchmark: unknown }).benchmark]);
    expect(kept[0]!.itemsPerSecond).to.be.above(0);
  });

  it("refuses to call anything measured that is not the known result", async () => {
    const digits = workload("digits");
    const wrong = { ...digits, golden: { ...digits.golden, resultSha256: "00".repeat(32) } };
    const error: unknown = await benchInstalled(config, { workloads: [wrong], seconds: 0.01 }).then(() => null, (reason: unknown) => reason);
    expect(isInfernetError(error, "invalid_result")).to.equal(true);
  });

  it("keeps one number for a module, the newest four, and survives a damaged record", () => {
    const of = (n: number, itemsPerSecond: number) => ({ workload: `w${n}`, module: `0x${String(n).padStart(64, "0")}` as const, itemsPerSecond, cpuSecondsPerItem: 1, concurrency: 1, measuredAt: 1 });
    for (const benchmark of [of(1, 1), of(2, 1), of(1, 9), of(3, 1), of(4, 1), of(5, 1)]) keepBenchmark(dataDir, benchmark);
    expect(readBenchmarks(dataDir).map(({ workload: name, itemsPerSecond }) => [name, itemsPerSecond])).to.deep.equal([["w5", 1], ["w4", 1], ["w3", 1], ["w1", 9]]);
    writeFileSync(join(dataDir, "benchmarks.json"), "{ torn");
    expect(readBenchmarks(dataDir)).to.deep.equal([]);
  });
});
