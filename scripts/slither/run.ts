/** Static analysis of the contracts, held against contracts/slither.findings.json: `node scripts/slither/run.ts`. */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { compileForSlither } from "./compile.ts";
import { complaints, parseExplanations, parseReport } from "./findings.ts";
import { requireSlither } from "./install.ts";

const ROOT = join(import.meta.dirname, "../..");
const BUILD = join(ROOT, ".cache/slither/build");
const REPORT = join(ROOT, ".cache/slither/report.json");
const EXPLANATIONS = "contracts/slither.findings.json";

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));

const explanations = parseExplanations(readJson(join(ROOT, EXPLANATIONS)));
const packages = requireSlither(console.log);
const files = compileForSlither(ROOT, BUILD);
rmSync(REPORT, { force: true });
// No `hardhat` on PATH: Slither would start it, to ask for folders that it is told here.
const PATH = process.env["PATH"]?.split(delimiter).filter((folder) => !folder.includes("node_modules")).join(delimiter);
const { error, status, stderr } = spawnSync(
  "python3",
  [
    "-m", "slither", ROOT, "--compile-force-framework", "hardhat", "--ignore-compile", "--hardhat-ignore-compile", "--npx-disable",
    "--hardhat-artifacts-directory", BUILD, "--exclude-dependencies", "--exclude-low", "--exclude-informational", "--exclude-optimization",
    "--fail-none", "--json", REPORT,
  ],
  { cwd: ROOT, env: { ...process.env, PATH, PYTHONPATH: packages }, encoding: "utf8", maxBuffer: 1 << 28 },
);
if (error !== undefined) throw error;
if (status !== 0) throw new Error(`Slither ended with ${status}\n${stderr.slice(-4000)}`);

// What Slither cannot read it cannot check. Of OpenZeppelin's library it fails on some strings, which is not ours to judge.
const unread = [...stderr.matchAll(/Impossible to generate IR for (.+ \(contracts\/.+\))/g)].map(([, what]) => `not analysed: ${what}`);
const findings = parseReport(readJson(REPORT));
const wrong = [...unread, ...complaints(findings, explanations)];
for (const complaint of wrong) console.log(`\n${complaint}`);
console.log(wrong.length === 0 ? `${files.length} files analysed: ${findings.length} findings of medium or above, all explained in ${EXPLANATIONS}` : `\n${wrong.length} complaints: correct the fault, or say in ${EXPLANATIONS} why it is none`);
process.exit(wrong.length === 0 ? 0 : 1);
