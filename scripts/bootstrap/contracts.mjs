import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runTool } from "./child.mjs";
import { SetupError, timed } from "./say.mjs";

/** Compiles the contracts when they, their compiler or its settings changed since the last time. */
export async function requireContracts(root, { node, env }) {
  const digest = sourceDigest(root);
  // Beside the artifacts: Hardhat removes what it does not know from their folder.
  const stamp = join(root, ".cache/contracts.sha256");
  const built = existsSync(join(root, "artifacts/contracts/Jobs.sol/Jobs.json"));
  if (built && existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  await timed("compiling the contracts", "about a minute the first time", async () => {
    const hardhat = join(root, "node_modules/hardhat/dist/src/cli.js");
    const { code, output } = await runTool(node, [hardhat, "build", "--no-tests"], { cwd: root, env: { ...env, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" } });
    if (code !== 0) throw new SetupError(`the contracts do not compile\n${output.trim().slice(-4000)}`, "Correct the error above.");
  });
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, digest);
}

function sourceDigest(root) {
  const hash = createHash("sha256");
  const add = (path) => hash.update(`${path}\0`).update(readFileSync(join(root, path))).update("\0");
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) path === "contracts/test" || walk(path);
      else if (path.endsWith(".sol")) add(path);
    }
  };
  walk("contracts");
  for (const file of ["hardhat.config.ts", "remappings.txt"]) if (existsSync(join(root, file))) add(file);
  for (const name of ["solc", "hardhat", "@openzeppelin/contracts"]) add(`node_modules/${name}/package.json`);
  return hash.digest("hex");
}
