import { defineConfig } from "hardhat/config";
import base, { compiler } from "../../hardhat.config.ts";

// Instrumented code is nothing to deploy: it must not lie where the others look for artifacts. Tests in Solidity are
// left out, since compiling them takes longer than everything else; what is counted is what the mocha tests reach.
export default defineConfig({
  ...base,
  solidity: { profiles: { default: compiler }, splitTestsCompilation: true },
  paths: { ...base.paths, artifacts: ".cache/coverage/artifacts", cache: ".cache/coverage/cache" },
  typechain: { outDir: ".cache/coverage/types" },
  coverage: { skipFiles: ["contracts/mocks/**"] },
});
