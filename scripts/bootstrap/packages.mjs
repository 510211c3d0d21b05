import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "./child.mjs";
import { findNpm, npmFailure } from "./runtime.mjs";
import { timed } from "./say.mjs";

/** Installs what the lock file names, unless it is there. npm runs under the Node.js that will run the packages:
 * an older one leaves out platform packages without a word. */
export async function requirePackages(root, { node, env }) {
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  const stamp = join(root, "node_modules/.infernet-lock");
  const digest = createHash("sha256").update(lock).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  if (!isInstalled(root, JSON.parse(lock).packages)) {
    await timed("installing the npm packages of the lock file", "about a minute with an empty cache", async () => {
      const { code, output } = await runTool(node, [findNpm(env), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: root, env });
      if (code !== 0) throw npmFailure(output);
    });
  }
  writeFileSync(stamp, digest);
}

/** Whether npm's record of what it installed agrees with the lock file, packages for this platform included. */
function isInstalled(root, wanted) {
  const record = join(root, "node_modules/.package-lock.json");
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  return Object.entries(wanted).every(([path, { version, link, optional, os, cpu, libc }]) => {
    if (!path.startsWith("node_modules/") || link) return true;
    if (installed[path] !== undefined) return installed[path].version === version;
    if (optional !== true || (os ?? cpu ?? libc) === undefined) return optional === true;
    const fits = (list, here) => list === undefined || list.includes(here);
    return !(fits(os, process.platform) && fits(cpu, process.arch) && fits(libc, libcHere()));
  });
}

function libcHere() {
  return process.report.getReport().header.glibcVersionRuntime === undefined ? "musl" : "glibc";
}
