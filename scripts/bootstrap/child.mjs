import { spawn } from "node:child_process";

/** Signals that reach this process twice at one key press: from the terminal and from npm. */
const SAME_PRESS_MS = 400;

/**
 * Runs a command to its end, forwarding SIGINT and SIGTERM. The child leads a process group of its
 * own, so that a key press reaches it once; it learns of this process's death by its IPC channel.
 * @returns exit code; 128 + n when a signal ended the child
 */
export function runForeground(command, args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ["inherit", "inherit", "inherit", "ipc"], detached: true });
    let last = 0;
    const forward = (signal) => {
      const now = Date.now();
      if (now - last > SAME_PRESS_MS) child.kill(signal);
      last = now;
    };
    process.on("SIGINT", forward).on("SIGTERM", forward).on("SIGHUP", forward);
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(code ?? 128 + (SIGNAL_NUMBERS[signal] ?? 0)));
  });
}

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

/**
 * Runs a tool quietly.
 * @returns exit code and everything it printed
 */
export function runTool(command, args, { cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const chunks = [];
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    child.stderr.on("data", (chunk) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString("utf8") }));
  });
}
