import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { runChaos } from "../../scripts/chaos/chaos.ts";

const SEED = 20261125;

describe("kill -9 at any moment, behind poor RPC endpoints", function () {
  this.timeout(600_000);

  it(`of client, aggregator and providers (seed ${SEED}): every job ends right, nothing is done twice, nobody loses anything`, async () => {
    const directory = mkdtempSync(join(tmpdir(), "infernet-chaos-"));
    const progress: string[] = [];
    const { kills, troubles, faults } = await runChaos({ kills: 20, seed: SEED, providers: 3, items: 24, directory, onProgress: (line) => progress.push(line) });
    expect(faults, `${progress.join("\n")}\nlogs are in ${directory}`).to.deep.equal([]);
    expect(kills).to.be.at.least(20);
    expect(troubles).to.include.keys("limit", "nonsense", "doubled logs", "missing logs");
    rmSync(directory, { recursive: true, force: true });
  });
});
