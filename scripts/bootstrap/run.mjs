// Gets from a bare clone to a running command: Node.js, packages, compiled contracts, then the command.
// Uses nothing but what Node.js 18 brings.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runForeground } from "./child.mjs";
import { requireContracts } from "./contracts.mjs";
import { requirePackages } from "./packages.mjs";
import { requireNode } from "./runtime.mjs";
import { say, SetupError } from "./say.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** What each command runs, and whether it needs compiled contracts. */
const COMMANDS = {
  demo: { program: ["cli/src/main.ts", "demo"], contracts: true },
  infernet: { program: ["cli/src/main.ts"], contracts: true },
  test: { program: ["scripts/test/run.ts"], contracts: true },
  bench: { program: ["bench/index.ts"], contracts: true },
  sim: { program: ["scripts/sim/run.ts"], contracts: true },
  chaos: { program: ["scripts/chaos/run.ts"], contracts: true },
  check: { program: ["scripts/test/run.ts", "--only", "types,checks"], contracts: true },
  coverage: { program: ["scripts/coverage/run.ts"], contracts: false },
  slither: { program: ["scripts/slither/run.ts"], contracts: false },
  build: { program: null, contracts: true },
};

async function main([name, ...args]) {
  const command = Object.hasOwn(COMMANDS, name ?? "") ? COMMANDS[name] : undefined;
  if (command === undefined) throw new SetupError(`unknown command ${name ?? ""}`, `Commands: ${Object.keys(COMMANDS).join(", ")}.`);
  const runtime = await requireNode(process.env);
  await requirePackages(root, runtime);
  if (command.contracts) await requireContracts(root, runtime);
  if (command.program === null) return 0;
  const [program, ...first] = command.program;
  const flags = ["--disable-warning=ExperimentalWarning"];
  return runForeground(runtime.node, [...flags, join(root, program), ...first, ...args], runtime.env);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(`${error.message}\n${error.hint}`);
  process.exitCode = 1;
}
process.exit();
