/** Runs every test tool in turn and ends with the sum: `node scripts/test/run.ts [--only name[,name]] [--bail]`. */
import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { closingLine, countTests } from "./counts.ts";
import { STEPS, type Step } from "./steps.ts";

const root = join(import.meta.dirname, "../..");
const running = new Set<ReturnType<typeof spawn>>();

function runStep(step: Step): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...step.args], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, FORCE_COLOR: "0", HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" },
      // A group of its own, so that what hangs ends with everything that it started.
      detached: true,
    });
    running.add(child);
    const chunks: Buffer[] = [];
    const overdue = setTimeout(() => {
      process.stdout.write(`\n${step.name} takes longer than ${step.limit} s and is ended\n`);
      endGroup(child.pid!);
    }, step.limit * 1000);
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        process.stdout.write(chunk);
      });
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(overdue);
      running.delete(child);
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString("utf8") });
    });
  });
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    for (const child of running) endGroup(child.pid!);
    process.exit(130);
  });
process.on("disconnect", () => process.emit("SIGTERM", "SIGTERM"));
process.channel?.unref();

const { values } = parseArgs({ options: { only: { type: "string" }, bail: { type: "boolean", default: false } } });
const names = values.only?.split(",");
const unknown = names?.find((name) => !STEPS.some((step) => step.name === name));
if (unknown !== undefined) throw new Error(`there is no step ${unknown}; steps: ${STEPS.map((step) => step.name).join(", ")}`);

const total = { passed: 0, failed: 0 };
const rows: string[] = [];
for (const step of STEPS.filter(({ name }) => names?.includes(name) ?? true)) {
  const pattern = step.args.find((arg) => arg.includes("*"));
  if (pattern !== undefined && globSync(pattern, { cwd: root, exclude: (name) => name === "node_modules" }).length === 0) continue;
  console.log(`\n=== ${step.name}`);
  const begin = performance.now();
  const { code, output } = await runStep(step);
  const counts = countTests(output, code);
  total.passed += counts.passed;
  total.failed += counts.failed;
  rows.push(`${step.name.padEnd(16)} ${closingLine(counts).padEnd(24)} ${((performance.now() - begin) / 1000).toFixed(0)} s`);
  if (values.bail && counts.failed > 0) break;
}
console.log(`\n${rows.join("\n")}\n\n${closingLine(total)}`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
