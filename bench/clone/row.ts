import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atMost, type Row } from "../row.ts";
import { ROOT, runTool } from "../tool.ts";

/** A fresh clone with empty caches, to the demo's verified result. */
export async function cloneRows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "infernet-clone-"));
  try {
    const clone = join(folder, "infernet");
    const begin = performance.now();
    await runTool("git", ["clone", "--quiet", ROOT, clone]);
    const cloned = performance.now();
    const env = { ...process.env, npm_config_cache: join(folder, "npm"), PIP_NO_CACHE_DIR: "1" };
    await runTool("npm", ["run", "demo"], { cwd: clone, env });
    const seconds = (performance.now() - begin) / 1000;
    return [atMost("clone to verified result, empty caches", seconds, 300, " s", `clone ${((cloned - begin) / 1000).toFixed(1)} s, npm run demo ${((performance.now() - cloned) / 1000).toFixed(0)} s`)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
