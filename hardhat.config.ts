import { createRequire } from "node:module";
import hardhatToolboxMochaEthers from "@nomicfoundation/hardhat-toolbox-mocha-ethers";
import { defineConfig } from "hardhat/config";

// solc from npm: the compiler is pinned by the lock file and nothing is downloaded at build time.
export const compiler = {
  version: "0.8.37",
  path: createRequire(import.meta.url).resolve("solc/soljson.js"),
  settings: { evmVersion: "prague", viaIR: true, optimizer: { enabled: true, runs: 1000 } },
};

export default defineConfig({
  plugins: [hardhatToolboxMochaEthers],
  // Contracts are built before tests, whichever tests are named: tests create them from their artifacts.
  solidity: { splitTestsCompilation: true, profiles: { default: compiler, production: compiler } },
  paths: { tests: { mocha: "contracts/test", solidity: "contracts/test" } },
  networks: {
    test: { type: "edr-simulated", chainType: "l1", chainId: 31337, hardfork: "prague" },
  },
  test: {
    solidity: {
      fuzz: { runs: 5000, seed: "0x1f" },
      invariant: { runs: 256, depth: 64, failOnRevert: true },
    },
  },
});
