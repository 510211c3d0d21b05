import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { KINDS } from "../../scripts/sim/kinds.ts";
import { simulate } from "../../scripts/sim/sim.ts";

describe("a network of strangers", function () {
  this.timeout(600_000);

  it("some with Kubo, some behind NAT, far away, cut off for a while or on slow lines: a job ends right, and only those lose who did not do their work", async () => {
    const directory = mkdtempSync(join(tmpdir(), "infernet-sim-"));
    const progress: string[] = [];
    const { faults } = await simulate({ kinds: KINDS, jobs: 1, items: 128, shardSize: 16, directory, onProgress: (line) => progress.push(line) });
    expect(faults, `${progress.join("\n")}\nlogs are in ${directory}`).to.deep.equal([]);
    rmSync(directory, { recursive: true, force: true });
  });
});
