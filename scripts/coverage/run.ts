/** Line coverage of the contracts by their mocha tests, held against thresholds.ts: `node scripts/coverage/run.ts`. */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseLcov } from "./lcov.ts";
import { judge, table } from "./thresholds.ts";

const ROOT = join(import.meta.dirname, "../..");
const REPORT = join(ROOT, "coverage/lcov.info");
// Instrumented contracts use other amounts of gas.
const LEFT_OUT = "contracts/test/Gas.ts";

const tests = globSync("contracts/test/**/*.ts", { cwd: ROOT }).filter((file) => file !== LEFT_OUT).sort();
console.log("compiling the contracts with counters and running their tests (about 3 minutes, 1 once they are compiled) …");
rmSync(REPORT, { force: true });
const hardhat = ["node_modules/hardhat/dist/src/cli.js", "--config", "scripts/coverage/hardhat.config.ts", "--coverage", "test", "mocha", ...tests];
const { status, stdout, stderr } = spawnSync(process.execPath, hardhat, {
  cwd: ROOT,
  env: { ...process.env, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" },
  stdio: ["ignore", "pipe", "pipe"],
  encoding: "utf8",
  maxBuffer: 1 << 28,
});
if (status !== 0) {
  console.log(`${stdout}${stderr}`);
  console.log("the tests fail under coverage; nothing was counted");
  process.exit(1);
}
const verdicts = judge(parseLcov(readFileSync(REPORT, "utf8")));
console.log(table(verdicts));
const low = verdicts.filter(({ passes }) => !passes);
console.log(low.length === 0 ? `all ${verdicts.length} contracts are covered as they must be` : `${low.length} of ${verdicts.length} contracts are not covered as they must be`);
process.exit(low.length === 0 ? 0 : 1);
