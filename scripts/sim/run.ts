/**
 * A network of unlike nodes does jobs: `npm run sim -- [--providers 12] [--jobs 2] [--items 4096] [--shard-size 64] [--dir DIRECTORY] [--json]`.
 * Some keep content in Kubo, some sit behind NAT, some at the end of poor lines; each is told one peer and nothing else.
 * Ends with 1 when a promise was not kept, and then leaves its directory with all logs.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { wholeNumbers } from "../testing/whole-numbers.ts";
import { kindsOf } from "./kinds.ts";
import { simulate } from "./sim.ts";

const { values } = parseArgs({
  options: {
    providers: { type: "string", default: "12" },
    jobs: { type: "string", default: "2" },
    items: { type: "string", default: "4096" },
    "shard-size": { type: "string", default: "64" },
    dir: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const [providers, jobs, items, shardSize] = wholeNumbers(values, "providers", "jobs", "items", "shard-size") as [number, number, number, number];
const directory = values.dir ?? mkdtempSync(join(tmpdir(), "infernet-sim-"));
console.error(`in ${directory}`);
const report = await simulate({ kinds: kindsOf(providers), jobs, items, shardSize, directory, onProgress: (line) => console.error(line) });
if (values.json) console.log(JSON.stringify(report));
else {
  console.log(`${report.nodes} nodes, ${report.seconds.length} jobs of ${items} items: ${report.seconds.map((one) => `${one.toFixed(1)} s`).join(", ")}; ${report.faults.length === 0 ? "every promise kept" : "broken:"}`);
  for (const fault of report.faults) console.log(`  ${fault}`);
}
if (report.faults.length === 0 && values.dir === undefined) rmSync(directory, { recursive: true, force: true });
process.exit(report.faults.length === 0 ? 0 : 1);
