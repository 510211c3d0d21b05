/** Builds Kubo from source, once: `node scripts/kubo/build.ts`. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { appendFile, copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

const MODULE = "github.com/ipfs/kubo";
export const KUBO_VERSION = "0.43.0";
/** What the module must be, by the Go checksum database; its own go.sum holds all that it is built from. */
const SUMS = [
  `${MODULE} v${KUBO_VERSION} h1:yIqtKSCSKZXsYHz68J6hf1/dWOe/eMyaPsTubsVUb3M=`,
  `${MODULE} v${KUBO_VERSION}/go.mod h1:fp4G7oi5iyrA6kGUnvjMVKxt1irhvcE70/Oph4hbStQ=`,
];

const FOLDER = join(import.meta.dirname, "../../.cache/kubo", KUBO_VERSION);
const PROGRAM = join(FOLDER, "ipfs");
const SAY_EVERY_MS = 15_000;

/**
 * The `ipfs` program, built from the module that Go's proxy serves where it is not there yet.
 * `go install` refuses modules with replace directives, so that a module of our own with theirs is built.
 * @param say - told what goes on
 * @returns its path
 * @throws Error naming what is missing or what the build said
 */
export async function requireKubo(say: (line: string) => void = () => {}): Promise<string> {
  if (existsSync(PROGRAM)) return PROGRAM;
  const begin = performance.now();
  const seconds = () => `${((performance.now() - begin) / 1000).toFixed(0)} s`;
  requireGo();
  say(`building Kubo ${KUBO_VERSION} from source with go, once (about 5 minutes of two cores)`);
  const build = `${FOLDER}.building-${process.pid}`;
  await rm(build, { recursive: true, force: true });
  await mkdir(build, { recursive: true });
  try {
    const { Dir } = JSON.parse(await go(build, ["mod", "download", "-json", `${MODULE}@v${KUBO_VERSION}`])) as { Dir: string };
    for (const name of ["go.mod", "go.sum"]) await writeFile(join(build, name), await readFile(join(Dir, name)));
    await appendFile(join(build, "go.sum"), `${SUMS.join("\n")}\n`);
    await go(build, ["mod", "edit", "-module", "infernet/kubo", "-require", `${MODULE}@v${KUBO_VERSION}`]);
    let packages = 0;
    const progress = setInterval(() => say(`compiling Kubo: ${packages} packages, ${seconds()}`), SAY_EVERY_MS);
    await go(build, ["build", "-v", "-trimpath", "-o", "ipfs", `${MODULE}/cmd/ipfs`], (line) => (packages += line.startsWith("go: ") ? 0 : 1)).finally(() => clearInterval(progress));
    await mkdir(FOLDER, { recursive: true });
    // Copied aside and renamed: a build that is cut off leaves no program that looks whole.
    await copyFile(join(build, "ipfs"), `${PROGRAM}.${process.pid}`);
    await rename(`${PROGRAM}.${process.pid}`, PROGRAM);
  } finally {
    await rm(build, { recursive: true, force: true });
  }
  say(`Kubo ${KUBO_VERSION} is built: ${seconds()}`);
  return PROGRAM;
}

function requireGo(): void {
  const { error, status } = spawnSync("go", ["version"], { stdio: "ignore" });
  if (error !== undefined || status !== 0) throw new Error("go is missing: Kubo is built from source. Install Go 1.26 (https://go.dev/dl, or your distribution's golang), then run this again.");
}

function go(cwd: string, args: readonly string[], onLine: (line: string) => void = () => {}): Promise<string> {
  return new Promise((resolve, reject) => {
    // No C compiler is needed; where a proxy for modules is set, it is used.
    const env = { ...process.env, GOFLAGS: "-mod=mod -buildvcs=false", CGO_ENABLED: "0" };
    const child = spawn("go", args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const [output, last]: [Buffer[], string[]] = [[], []];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    createInterface({ input: child.stderr }).on("line", (line) => {
      last.push(line);
      if (last.length > 20) last.shift();
      onLine(line);
    });
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(Buffer.concat(output).toString("utf8")) : reject(new Error(`go ${args[0]} failed (${code}); it needs Go 1.26.5 and a module proxy (GOPROXY)\n${last.join("\n")}`))));
  });
}

if (import.meta.main) console.log(await requireKubo(console.error));
