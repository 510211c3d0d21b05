/** Runs the demo and draws its outcome: `node scripts/picture/run.ts [demo options]` writes docs/images/demo.svg. */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { terminalSvg } from "./svg.ts";

const root = join(import.meta.dirname, "../..");
const args = process.argv.slice(2);
const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "cli/src/main.ts", "demo", ...args], { cwd: root, stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, FORCE_COLOR: "1" } });
const chunks: Buffer[] = [];
child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
const code = await new Promise((resolve) => child.once("close", resolve));
if (code !== 0) throw new Error(`the demo ended with ${String(code)}`);
const picture = terminalSvg(Buffer.concat(chunks).toString("utf8").replace(/^\n+/, ""), ["npm run demo", ...(args.length > 0 ? ["--", ...args] : [])].join(" "));
mkdirSync(join(root, "docs/images"), { recursive: true });
writeFileSync(join(root, "docs/images/demo.svg"), picture);
