/**
 * Kills processes of a real network until it breaks or enough have died:
 * `npm run chaos -- [--kills 1000] [--seed N] [--providers 4] [--items 24] [--dir DIRECTORY] [--json]`.
 * Ends with 1 when a promise was not kept, and then leaves its directory with all logs.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { wholeNumbers } from "../testing/whole-numbers.ts";
import { runChaos } from "./chaos.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "1000" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    providers: { type: "string", default: "4" },
    items: { type: "string", default: "24" },
    dir: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const [kills, seed, providers, items] = wholeNumbers(values, "kills", "seed", "providers", "items") as [number, number, number, number];
const directory = values.dir ?? mkdtempSync(join(tmpdir(), "infernet-chaos-"));
console.error(`seed ${seed}, in ${directory}`);
const begin = performance.now();
const report = await runChaos({ kills, seed, providers, items, directory, onProgress: (line) => console.error(line) });
const seconds = Math.round((performance.now() - begin) / 1000);
if (values.json) console.log(JSON.stringify({ ...report, seconds }));
else {
  for (const [moment, count] of Object.entries(report.killsBy)) console.log(`${String(count).padStart(5)}  ${moment}`);
  for (const [trouble, count] of Object.entries(report.troubles)) console.log(`${String(count).padStart(5)}  RPC: ${trouble}`);
  console.log(`${report.kills} kills in ${report.jobs} jobs, ${seconds} s, seed ${report.seed}: ${report.faults.length === 0 ? "every promise kept" : "broken:"}`);
  for (const fault of report.faults) console.log(`  ${fault}`);
}
if (report.faults.length === 0 && values.dir === undefined) rmSync(directory, { recursive: true, force: true });
process.exit(report.faults.length === 0 ? 0 : 1);
