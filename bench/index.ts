/** Measures every number that the README quotes: `npm run bench [-- --only name[,name]] [--report FILE]`. */
import { availableParallelism, cpus } from "node:os";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { cloneRows } from "./clone/row.ts";
import { demoRows } from "./demo/row.ts";
import { executorRows } from "./executor/row.ts";
import { gasRows } from "./gas/row.ts";
import { kernelRows } from "./kernel/row.ts";
import { recoveryRows } from "./recovery/row.ts";
import type { Row } from "./row.ts";
import { transferRows } from "./transfer/row.ts";

const BENCHES = { gas: gasRows, executor: executorRows, kernel: kernelRows, transfer: transferRows, recovery: recoveryRows, demo: demoRows, clone: cloneRows };

const { values } = parseArgs({ options: { only: { type: "string" }, report: { type: "string" } } });
const names = values.only?.split(",") ?? Object.keys(BENCHES);
const unknown = names.find((name) => !Object.hasOwn(BENCHES, name));
if (unknown !== undefined) throw new Error(`there is no bench ${unknown}; benches: ${Object.keys(BENCHES).join(", ")}`);

const rows: Row[] = [];
for (const name of names) {
  console.error(`\n=== ${name}`);
  rows.push(...(await BENCHES[name as keyof typeof BENCHES]()));
}
console.log(`\n${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? "unknown"}), Node.js ${process.versions.node}\n`);
console.log("| figure | measured | from | goal | |\n| --- | --- | --- | --- | --- |");
for (const { figure, value, raw, goal, met } of rows) console.log(`| ${figure} | ${value} | ${raw} | ${goal} | ${goal === "" ? "" : met ? "met" : "**missed**"} |`);
if (values.report !== undefined) writeFileSync(values.report, `${JSON.stringify(rows, null, 2)}\n`);
