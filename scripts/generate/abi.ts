import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Fragment {
  readonly type: string;
  readonly name?: string;
  readonly inputs?: readonly unknown[];
}

const root = join(import.meta.dirname, "../..");

/** Constant of sdk/src/generated → artifact of Hardhat below artifacts/contracts. */
const CONTRACTS = {
  jobs: "Jobs.sol/Jobs.json",
  slashing: "Slashing.sol/Slashing.json",
  pools: "Pools.sol/Pools.json",
  staking: "Staking.sol/Staking.json",
  parameters: "Parameters.sol/Parameters.json",
  infernetToken: "InfernetToken.sol/InfernetToken.json",
  randomness: "interfaces/IRandomness.sol/IRandomness.json",
  // OpenZeppelin's ERC20Permit has no artifact of its own: the plainest token that is one, without its faucet.
  erc20Permit: "mocks/TestUSDC.sol/TestUSDC.json",
} as const;

/** Linked libraries: what they revert with does not stand in the ABI of Jobs. */
const LIBRARIES = ["jobs/Admission.sol/Admission.json", "jobs/Resolution.sol/Resolution.json", "jobs/Faults.sol/Faults.json"];

function abiOf(artifact: string): Fragment[] {
  const path = join(root, "artifacts/contracts", artifact);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new Error(`${path} is missing; build the contracts first: npx hardhat build`, { cause });
  }
  return (JSON.parse(text) as { abi: Fragment[] }).abi;
}

const HEADER = "// Generated from the contracts' artifacts by scripts/generate/run.ts; a test holds it against them.\n";

function constant(name: string, abi: readonly Fragment[]): string {
  const lines = abi.map((fragment) => `  ${JSON.stringify(fragment)},\n`).join("");
  return `${HEADER}export const ${name} = [\n${lines}] as const;\n`;
}

const fileName = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Every error that a transaction to the contracts can end in, each once. */
function errors(artifacts: readonly string[]): Fragment[] {
  const found = new Map<string, Fragment>();
  for (const fragment of artifacts.flatMap(abiOf)) if (fragment.type === "error") found.set(JSON.stringify([fragment.name, fragment.inputs]), fragment);
  return [...found.values()].sort((a, b) => (a.name! < b.name! ? -1 : 1));
}

/** ABIs as TypeScript constants, one file a contract: path from the repository root → text. */
export function abiFiles(): Map<string, string> {
  const files = new Map<string, string>();
  const exported: string[] = [];
  const write = (name: string, abi: readonly Fragment[]) => {
    files.set(`sdk/src/generated/${fileName(name)}.ts`, constant(`${name}Abi`, abi));
    exported.push(`export * from "./${fileName(name)}.ts";\n`);
  };
  for (const [name, artifact] of Object.entries(CONTRACTS))
    write(name, abiOf(artifact).filter(({ type, name: of }) => type !== "constructor" && !(name === "erc20Permit" && of === "mint")));
  write("errors", errors([...Object.values(CONTRACTS), ...LIBRARIES]));
  return files.set("sdk/src/generated/index.ts", HEADER + exported.sort().join(""));
}
