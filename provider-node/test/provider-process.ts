import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "../src/main.ts");

/** One line of a provider's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A provider as a process of its own. For tests. */
export class ProviderProcess {
  readonly ready: Promise<{ peerId: string; multiaddrs: string[]; node: number | null }>;
  readonly exited: Promise<number | null>;
  readonly lines: LogLine[] = [];
  readonly #child: ChildProcess;
  /** Called with every line of the log as it arrives. */
  onLine: (line: LogLine) => void = () => {};

  constructor(configFile: string) {
    const child = (this.#child = spawn(process.execPath, [MAIN, "--config", configFile], { stdio: ["ignore", "pipe", "pipe"] }));
    this.exited = new Promise((resolve) => child.once("exit", resolve));
    createInterface({ input: child.stderr! }).on("line", (text) => {
      const line = parse(text);
      this.lines.push(line);
      this.onLine(line);
    });
    this.ready = new Promise((resolve, reject) => {
      createInterface({ input: child.stdout! }).once("line", (text) => resolve(JSON.parse(text) as Awaited<ProviderProcess["ready"]>));
      void this.exited.then((code) => reject(new Error(`provider exited with ${code}: ${JSON.stringify(this.lines.slice(-5))}`)));
    });
    this.ready.catch(() => {});
  }

  /** As the out-of-memory killer does it. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }

  /** As an operator does it. @returns its exit code */
  async stop(): Promise<number | null> {
    this.#child.kill("SIGTERM");
    return this.exited;
  }
}

function parse(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { level: "raw", msg: text };
  }
}
