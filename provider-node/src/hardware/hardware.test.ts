import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { hardwareSchema } from "@infernet/sdk/core";
import { fastestLink } from "./host.ts";
import { detectHardware } from "./index.ts";
import { nvidiaGpus, parseNvidiaSmi } from "./nvidia-smi.ts";

describe("the hardware of a host", () => {
  it("lists GPUs as the driver prints them", () => {
    expect(parseNvidiaSmi("NVIDIA H100 80GB HBM3, 81559, 550.54.15, 9.0\nNVIDIA GeForce RTX 4090, 24564, 550.54.14, 8.9\n")).to.deep.equal([
      { model: "NVIDIA H100 80GB HBM3", count: 1, vramMiB: 81559, cudaCores: 16896, bandwidthGBs: 3350, driver: "550.54.15" },
      { model: "NVIDIA GeForce RTX 4090", count: 1, vramMiB: 24564, cudaCores: 16384, bandwidthGBs: 1008, driver: "550.54.14" },
    ]);
    expect(parseNvidiaSmi("NVIDIA L40S, 46068, 535.183.06, 8.9\n")).to.have.nested.property("[0].cudaCores", 18176);
  });

  it("says nothing about cores and bandwidth of a card that it does not know", () => {
    expect(parseNvidiaSmi("NVIDIA Z9000, 999, 999.1, 99.0\n")).to.deep.equal([{ model: "NVIDIA Z9000", count: 1, vramMiB: 999, driver: "999.1" }]);
    expect(parseNvidiaSmi("NVIDIA H200, 143771, [N/A], [Not Supported]\n")).to.deep.equal([{ model: "NVIDIA H200", count: 1, vramMiB: 143771, bandwidthGBs: 4800 }]);
  });

  it("leaves out what is no GPU", () => {
    expect(parseNvidiaSmi("")).to.deep.equal([]);
    expect(parseNvidiaSmi("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n")).to.deep.equal([]);
    expect(parseNvidiaSmi("NVIDIA GB10, [N/A], 580.95.05, 12.1\n")).to.deep.equal([]);
  });

  it("counts cards of one kind, and does not list kinds without end", () => {
    expect(parseNvidiaSmi("NVIDIA A10, 23028, 1, 8.6\n".repeat(40))).to.have.length(1).and.have.nested.property("[0].count", 40);
    expect(parseNvidiaSmi(Array.from({ length: 20 }, (_, i) => `Card ${i}, 999, 1, 8.6`).join("\n"))).to.have.length(8);
  });

  it("has none where there is no driver, or a tool that fails", async () => {
    const directory = mkdtempSync(join(tmpdir(), "infernet-smi-"));
    try {
      expect(await nvidiaGpus(join(directory, "missing"))).to.deep.equal([]);
      const tool = join(directory, "nvidia-smi");
      writeFileSync(tool, "#!/bin/sh\necho 'NVIDIA A10, 24564, 1, 8.6'\nexit 9\n");
      chmodSync(tool, 0o755);
      expect(await nvidiaGpus(tool)).to.deep.equal([]);
      writeFileSync(tool, "#!/bin/sh\necho 'NVIDIA A10, 23028, 535.1, 8.6'\n");
      expect(await nvidiaGpus(tool)).to.deep.equal([{ model: "NVIDIA A10", count: 1, vramMiB: 23028, cudaCores: 9216, bandwidthGBs: 600, driver: "535.1" }]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("takes the speed of the fastest interface that is real and up", () => {
    const up = { internal: false, virtual: false, operstate: "up" };
    expect(fastestLink([{ ...up, speed: 1000 }, { ...up, speed: 25_000 }, { ...up, operstate: "down", speed: 100_000 }, { ...up, virtual: true, speed: 10_000 }])).to.equal(25_000);
    expect(fastestLink([{ ...up, speed: -1 }, { internal: true, virtual: false, operstate: "unknown", speed: null }])).to.equal(undefined);
  });

  it("is told of this machine in the form that is announced", async function () {
    this.timeout(30_000);
    const found = await detectHardware();
    expect(hardwareSchema.parse(found)).to.deep.equal(found);
    expect(found.cpu.cores).to.equal(availableParallelism());
    expect(found.memoryMiB).to.be.above(0);
  });
});
