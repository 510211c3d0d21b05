import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { compiler } from "../../hardhat.config.ts";

interface Output {
  errors?: { severity: string; formattedMessage: string }[];
  sources: Record<string, unknown>;
  contracts: Record<string, Record<string, { evm?: object }>>;
}
type Import = (path: string) => { contents: string };
const solc = createRequire(import.meta.url)("solc") as { compile(input: string, callbacks: { import: Import }): string };

/** What is no contract of the network. */
const LEFT_OUT = /^contracts\/(?:test|mocks)\//;
/** Slither reads syntax trees; where it would find bytecode, there is none, so that the compiler need not make it. */
const NO_CODE = { object: "", sourceMap: "" };

/**
 * Syntax trees of the contracts, written as Hardhat 2 writes what it compiled, which is what Slither reads.
 * @param root - of the repository
 * @param folder - written anew
 * @returns the files that were compiled
 * @throws Error with what the compiler said
 */
export function compileForSlither(root: string, folder: string): string[] {
  const files = globSync("contracts/**/*.sol", { cwd: root }).filter((file) => !LEFT_OUT.test(file)).sort();
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(files.map((file) => [file, { content: read(file) }])),
    settings: {
      evmVersion: compiler.settings.evmVersion,
      remappings: ["@openzeppelin/=node_modules/@openzeppelin/"],
      outputSelection: { "*": { "": ["ast"], "*": ["abi"] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: (path) => ({ contents: read(path) }) })) as Output;
  const errors = output.errors?.filter(({ severity }) => severity === "error") ?? [];
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join("\n"));
  for (const contract of Object.values(output.contracts).flatMap((file) => Object.values(file))) contract.evm = { bytecode: NO_CODE, deployedBytecode: NO_CODE };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "build-info"), { recursive: true });
  writeFileSync(join(folder, "build-info/contracts.json"), JSON.stringify({ solcVersion: compiler.version, input, output }));
  return files;
}
