import { spawn } from "node:child_process";
import { join } from "node:path";

/** Runs tests as the steps of `npm test` do, in place of this process: it ends with mocha's exit code. */
export function runMocha(args: readonly string[]): void {
  const mocha = join(import.meta.dirname, "../../node_modules/mocha/bin/mocha.js");
  const child = spawn(process.execPath, [mocha, "--forbid-only", "--forbid-pending", "--reporter", "dot", ...args], { stdio: "inherit" });
  child.on("exit", (code) => process.exit(code ?? 1));
}
