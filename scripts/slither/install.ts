import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");
const CACHE = join(import.meta.dirname, "../../.cache/slither");
const LEAST_PYTHON = [3, 10] as const;

/**
 * The folder of Python packages that holds Slither, installed by pip where it is not there yet. It is one of the
 * repository's own: nothing of the machine's Python changes, and no virtual environment is needed.
 * @param say - told what goes on
 * @throws Error naming what is missing, or with pip's last words
 */
export function requireSlither(say: (line: string) => void): string {
  const version = requirePython();
  const digest = createHash("sha256").update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 16);
  const folder = join(CACHE, `packages-${version}-${digest}`);
  if (existsSync(folder)) return folder;
  say("installing Slither with pip, once (13 packages, 6 MB, about 15 seconds) …");
  mkdirSync(dirname(folder), { recursive: true });
  // Moved at the end: an installation that is cut off leaves nothing that looks whole.
  const part = `${folder}.part-${process.pid}`;
  try {
    // Without dependencies: the file names all that is needed. Slither asks for web3, too, for a tool that reads chains.
    python("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--target", part, "--requirement", REQUIREMENTS);
    renameSync(part, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
  return folder;
}

function requirePython(): string {
  const { error, status, stdout } = spawnSync("python3", ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], { encoding: "utf8" });
  if (error !== undefined || status !== 0) throw new Error("python3 is missing: Slither is a Python program. Install python3 and python3-pip, then run this again.");
  const version = stdout.trim();
  const [major, minor] = version.split(".").map(Number) as [number, number];
  if (major !== LEAST_PYTHON[0] || minor < LEAST_PYTHON[1]) throw new Error(`Slither needs Python ${LEAST_PYTHON.join(".")} or newer; python3 is ${version}`);
  return version;
}

function python(...args: string[]): void {
  const { error, status, stderr } = spawnSync("python3", args, { encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status === 0) return;
  const hint = stderr.includes("No module named pip") ? "pip is missing: install python3-pip, then run this again" : "pip could not install Slither (scripts/slither/requirements.txt)";
  throw new Error(`${hint}\n${stderr.trim().slice(-2000)}`);
}
