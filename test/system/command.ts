import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

const ROOT = join(import.meta.dirname, "../..");
const MARK = "INFERNET_TEST_MARK";

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One `infernet` command as a person would run it: a process of its own, with everything that it starts. */
export class RunningCommand {
  readonly mark = randomUUID();
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #stdout = "";
  #stderr = "";
  #waiting: { pattern: RegExp; resolve: (match: RegExpExecArray) => void }[] = [];

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", join(ROOT, "cli/src/main.ts"), ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, [MARK]: this.mark },
      detached: true,
    });
    this.#child.stdout!.on("data", (chunk: Buffer) => (this.#stdout += chunk.toString("utf8")));
    this.#child.stderr!.on("data", (chunk: Buffer) => {
      this.#stderr += chunk.toString("utf8");
      this.#look();
    });
    this.ended = new Promise((resolve) => this.#child.once("close", (code) => resolve({ code, stdout: this.#stdout, stderr: this.#stderr })));
  }

  /** Resolves when its progress says this. @throws when it ends without having said it */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve } = Promise.withResolvers<RegExpExecArray>();
    this.#waiting.push({ pattern, resolve });
    this.#look();
    const ended = this.ended.then(({ code, stderr }): never => {
      throw new Error(`ended with ${code} and never said ${pattern}:\n${stderr}`);
    });
    return Promise.race([promise, ended]);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Process ids of everything that it has started and that still runs, itself included. */
  processes(): number[] {
    return processesWith(`${MARK}=${this.mark}`);
  }

  /** Resolves when nothing that it started runs any more; a test's time limit ends the wait. */
  async gone(): Promise<void> {
    while (this.processes().length > 0) await setTimeout(100);
  }

  /** Resolves when at least so many processes of it run. */
  async running(count: number): Promise<void> {
    while (this.processes().length < count) await setTimeout(50);
  }

  /** Ends whatever is left. */
  async cleanUp(): Promise<void> {
    for (const pid of this.processes()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    await this.ended;
  }

  #look(): void {
    this.#waiting = this.#waiting.filter(({ pattern, resolve }) => {
      const match = pattern.exec(this.#stderr);
      if (match !== null) resolve(match);
      return match === null;
    });
  }
}

/** Runs a command to its end. */
export async function infernet(...args: string[]): Promise<Ended> {
  const command = new RunningCommand(args);
  try {
    return await command.ended;
  } finally {
    await command.cleanUp();
  }
}

/** A directory that lasts as long as `use`; kept where `use` fails, and named, for its logs. */
export async function inDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "infernet-system-"));
  try {
    const value = await use(directory);
    rmSync(directory, { recursive: true, force: true });
    return value;
  } catch (error) {
    console.error(`kept ${directory}`);
    throw error;
  }
}

function processesWith(variable: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(variable) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
      } catch {
        return false; // gone meanwhile
      }
    });
}
