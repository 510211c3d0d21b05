/** One tool of the test run. */
export interface Step {
  readonly name: string;
  /** Arguments of Node.js. */
  readonly args: readonly string[];
  /** Seconds after which the tool is taken to hang. */
  readonly limit: number;
}

const mocha = (name: string, limit: number, ...args: string[]): Step => ({
  name,
  args: ["node_modules/mocha/bin/mocha.js", "--forbid-only", "--forbid-pending", "--reporter", "dot", ...args],
  limit,
});
const hardhat = (name: string, limit: number, ...args: string[]): Step => ({ name, args: ["node_modules/hardhat/dist/src/cli.js", ...args], limit });

/** Everything that `npm test` runs, what fails fastest first. Names are what `--only` takes. */
export const STEPS: readonly Step[] = [
  { name: "types", args: ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"], limit: 300 },
  mocha("checks", 120, "scripts/**/*.test.ts"),
  // Installs Slither with pip first, where it is not there yet.
  { name: "slither", args: ["scripts/slither/run.ts"], limit: 900 },
  mocha("sdk", 600, "sdk/src/**/*.test.ts"),
  mocha("provider-node", 600, "provider-node/src/**/*.test.ts"),
  mocha("aggregator-node", 600, "aggregator-node/src/**/*.test.ts"),
  mocha("cli", 300, "cli/src/**/*.test.ts"),
  mocha("workloads", 600, "workloads/**/*.test.ts"),
  hardhat("contracts", 900, "test", "mocha"),
  // Compiles the contracts with counters first, apart from the artifacts.
  { name: "coverage", args: ["scripts/coverage/run.ts"], limit: 1200 },
  hardhat("fuzz", 1800, "test", "solidity"),
  mocha("processes", 900, "provider-node/test/**/*.test.ts"),
  // Builds Kubo first, where it is not there yet.
  { name: "kubo", args: ["scripts/kubo/test.ts", "test/kubo/**/*.test.ts"], limit: 1800 },
  // Installs podman, runc and docker first, where they are not there yet.
  { name: "containers", args: ["scripts/containers/test.ts", "test/containers/**/*.test.ts"], limit: 1800 },
  mocha("system", 2400, "test/{scenarios,system}/**/*.test.ts"),
];
