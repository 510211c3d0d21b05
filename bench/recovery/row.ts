import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestNetwork } from "../../test/system/network.ts";
import { atMost, type Row } from "../row.ts";

const ROUNDS = 5;

/** From the start of a node after `kill -9` until it has caught up with the chain and answers its peers. */
export async function recoveryRows(): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), "infernet-bench-"));
  const network = new TestNetwork(directory, 2);
  try {
    await network.open();
    const rows: Row[] = [];
    for (const name of ["provider-1", "aggregator"]) {
      const seconds: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const begin = performance.now();
        await network.restart(name);
        seconds.push((performance.now() - begin) / 1000);
      }
      const slowest = Math.max(...seconds);
      rows.push(atMost(`recovery of ${name === "aggregator" ? "an aggregator" : "a provider"} after kill -9, slowest of ${ROUNDS}`, slowest, 2, " s", seconds.map((one) => one.toFixed(2)).join(", ")));
    }
    return rows;
  } finally {
    await network.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
