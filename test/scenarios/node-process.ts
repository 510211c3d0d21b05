import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** One line of a node's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** What a node says when it is at work. */
export interface Ready {
  readonly peerId: string;
  readonly multiaddrs: readonly string[];
  readonly node: number | null;
}

/** A provider or an aggregator as a process of its own. For tests. */
export class NodeProcess {
  readonly ready: Promise<Ready>;
  readonly exited: Promise<number | null>;
  readonly lines: LogLine[] = [];
  readonly #child: ChildProcess;
  /** Called with every line of the log as it arrives. */
  onLine: (line: LogLine) => void = () => {};

  constructor(kind: "provider" | "aggregator", configFile: string) {
    const child = (this.#child = spawn(process.execPath, [join(root, `${kind}-node/src/main.ts`), "--config", configFile], { stdio: ["ignore", "pipe", "pipe"] }));
    this.exited = new Promise((resolve) => child.once("exit", resolve));
    createInterface({ input: child.stderr! }).on("line", (text) => {
      const line = parse(text);
      this.lines.push(line);
      this.onLine(line);
    });
    this.ready = new Promise((resolve, reject) => {
      createInterface({ input: child.stdout! }).once("line", (text) => resolve(JSON.parse(text) as Ready));
      void this.exited.then((code) => reject(new Error(`the ${kind} exited with ${code}: ${JSON.stringify(this.lines.slice(-5))}`)));
    });
    this.ready.catch(() => {});
  }

  /** Resolves at the next line of the log that is this. */
  async line(is: (line: LogLine) => boolean): Promise<LogLine> {
    const found = this.lines.find(is);
    if (found !== undefined) return found;
    return new Promise((resolve) => {
      this.onLine = (line) => {
        if (is(line)) resolve(line);
      };
    });
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
