import { spawn } from "node:child_process";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "..");

/** Runs a program, showing what it says on stderr. @returns its stdout @throws when it fails */
export async function runTool(command: string, args: readonly string[], { cwd = ROOT, env = process.env }: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<string> {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${Buffer.concat(chunks).toString("utf8").slice(-2000)}`);
  return Buffer.concat(chunks).toString("utf8");
}

/** Runs a script under this Node.js. */
export function runScript(args: readonly string[]): Promise<string> {
  return runTool(process.execPath, ["--disable-warning=ExperimentalWarning", ...args]);
}
