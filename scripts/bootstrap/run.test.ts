import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";

const ROOT = join(import.meta.dirname, "../..");

/** Runs the bootstrap of a copy of the repository that holds nothing but what it reads. */
async function bootstrap(root: string, args: string[], env: Record<string, string> = {}): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [join(root, "scripts/bootstrap/run.mjs"), ...args], { env: { ...process.env, ...env }, stdio: ["ignore", "ignore", "pipe"] });
  const chunks: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stderr: Buffer.concat(chunks).toString("utf8") };
}

describe("the bootstrap", function () {
  this.timeout(30_000);
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "infernet-bootstrap-"));
    mkdirSync(join(root, "scripts/bootstrap"), { recursive: true });
    for (const file of ["say", "child", "runtime", "packages", "contracts", "run"]) cpSync(join(ROOT, `scripts/bootstrap/${file}.mjs`), join(root, `scripts/bootstrap/${file}.mjs`));
    for (const file of ["package.json", "package-lock.json", "sdk/package.json", "cli/package.json", "provider-node/package.json", "aggregator-node/package.json"]) cpSync(join(ROOT, file), join(root, file));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("names the commands that there are", async () => {
    const { code, stderr } = await bootstrap(root, ["dance"]);
    expect(code).to.equal(1);
    expect(stderr).to.contain("unknown command dance").and.contain("demo, infernet, test");
  });

  it("says that the registry cannot be reached, and what to do", async () => {
    const { code, stderr } = await bootstrap(root, ["check"], { npm_config_registry: "http://127.0.0.1:9", npm_config_fetch_retries: "0", npm_config_cache: join(root, "cache") });
    expect(code).to.equal(1);
    expect(stderr).to.contain("installing the npm packages").and.contain("the npm registry cannot be reached").and.contain("proxy");
    expect(existsSync(join(root, "node_modules/.infernet-lock"))).to.equal(false);
  });

  it("installs nothing where the packages of the lock file are there, and forwards arguments and exit code", async () => {
    mkdirSync(join(root, "node_modules"));
    writeFileSync(join(root, "node_modules/.infernet-lock"), createHash("sha256").update(readFileSync(join(root, "package-lock.json"))).digest("hex"));
    mkdirSync(join(root, "cli/src"), { recursive: true });
    writeFileSync(join(root, "cli/src/main.ts"), 'console.error(process.argv.slice(2).join(" ")); process.exit(7);');
    // As if compiled: the command itself is what is tried here.
    writeFileSync(join(root, "scripts/bootstrap/contracts.mjs"), "export const requireContracts = async () => undefined;\n");
    const { code, stderr } = await bootstrap(root, ["infernet", "job", "--input", "a b"]);
    expect(stderr.trim()).to.equal("job --input a b");
    expect(code).to.equal(7);
  });
});
