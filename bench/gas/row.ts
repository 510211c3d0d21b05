import { readFileSync } from "node:fs";
import { join } from "node:path";
import { atMost, type Row } from "../row.ts";
import { ROOT, runScript } from "../tool.ts";

type Snapshot = Record<"4" | "32", { open: number; total: number; perShard: number }>;

/** Gas of a job in which nobody misbehaves: measured anew, and held against the committed snapshot by the test that measures it. */
export async function gasRows(): Promise<Row[]> {
  await runScript(["node_modules/hardhat/dist/src/cli.js", "test", "mocha", "contracts/test/Gas.ts"]);
  const snapshot = JSON.parse(readFileSync(join(ROOT, "contracts/test/gas.snapshot.json"), "utf8")) as Snapshot;
  const shards = (count: "4" | "32", limit: number) =>
    atMost(`gas a shard, open to claim, ${count} shards a batch, k = 2`, snapshot[count].perShard, limit, "", `${snapshot[count].total.toLocaleString("en-US")} ÷ ${count}`);
  return [shards("4", 250_000), shards("32", 70_000), atMost("gas of open", snapshot["4"].open, 150_000, "", "without the deposit")];
}
