import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readSync, fstatSync } from "node:fs";
import { dirname } from "node:path";
import { InfernetError, throwIfAborted } from "@infernet/sdk/core";

/** How one child is started. */
export interface ChildOptions {
  /** For messages: "provider 3". */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Both of its outputs are appended here. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Its stderr is shown on this process's own instead. */
  readonly showErrors?: boolean;
}

/** A process that this one started and will end. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** First message of the child that `accepts` takes. @throws {InfernetError} `child_failed` when it ends before that */
  message<T>(accepts: (message: unknown) => T | undefined, options: { timeoutMs: number; signal?: AbortSignal }): Promise<T>;
  /** Resolves with the exit code (null after a signal). */
  readonly ended: Promise<number | null>;
  readonly running: boolean;
  kill(signal: NodeJS.Signals): void;
}

/** Set for processes that are part of another command. */
export const PART_ENV = "INFERNET_PART";

const GRACE_MS = 12_000;

/**
 * The children of one command. Each leads its own process group, so that Ctrl-C at the terminal
 * reaches this process alone and the order of the end is ours; each has an IPC channel whose end
 * tells it that this process is gone, also after kill -9.
 */
export class Children {
  readonly #children: ChildImpl[] = [];

  start(options: ChildOptions): Child {
    mkdirSync(dirname(options.logFile), { recursive: true });
    const log = openSync(options.logFile, "a");
    try {
      const child = spawn(options.command, options.args, {
        stdio: ["ignore", log, options.showErrors === true ? "inherit" : log, "ipc"],
        serialization: "advanced",
        detached: true,
        env: { ...process.env, [PART_ENV]: "1", ...options.env },
      });
      const started = new ChildImpl(options, child);
      this.#children.push(started);
      return started;
    } finally {
      closeSync(log);
    }
  }

  /** Ends all that still run, youngest first, and waits for them; kills what does not end in time. */
  async stop(): Promise<void> {
    await Promise.all(
      this.#children.reverse().map(async (child) => {
        if (!child.running) return;
        child.kill("SIGTERM");
        const overdue = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
        await child.ended;
        clearTimeout(overdue);
      }),
    );
  }

  /** Kills all that still run, without waiting. */
  kill(): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }
}

class ChildImpl implements Child {
  readonly name: string;
  readonly logFile: string;
  readonly ended: Promise<number | null>;
  readonly #process: ChildProcess;
  readonly #messages: unknown[] = [];
  #running = true;

  constructor({ name, logFile }: ChildOptions, child: ChildProcess) {
    this.name = name;
    this.logFile = logFile;
    this.#process = child;
    child.on("message", (message) => this.#messages.push(message));
    this.ended = new Promise((resolve) => {
      child.once("error", () => resolve(null));
      child.once("exit", resolve);
    });
    void this.ended.then(() => (this.#running = false));
  }

  get pid(): number {
    return this.#process.pid ?? -1;
  }

  get running(): boolean {
    return this.#running;
  }

  async message<T>(accepts: (message: unknown) => T | undefined, { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal }): Promise<T> {
    throwIfAborted(signal);
    for (const message of this.#messages) {
      const accepted = accepts(message);
      if (accepted !== undefined) return accepted;
    }
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const fail = (what: string) => reject(childFailed(this, what));
    const onMessage = (message: unknown) => {
      const accepted = accepts(message);
      if (accepted !== undefined) resolve(accepted);
    };
    const onAbort = () => reject(new InfernetError("aborted", `stopped while waiting for ${this.name}`, { cause: signal?.reason }));
    const overdue = setTimeout(() => fail(`did not get ready within ${timeoutMs / 1000} s`), timeoutMs);
    this.#process.on("message", onMessage);
    signal?.addEventListener("abort", onAbort);
    void this.ended.then((code) => fail(`ended with ${code === null ? "a signal" : `code ${code}`}`));
    try {
      return await promise;
    } finally {
      clearTimeout(overdue);
      this.#process.off("message", onMessage);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#running) this.#process.kill(signal);
  }
}

/** The failure of a child, with the end of its log. */
export function childFailed(child: Child, what: string): InfernetError {
  return new InfernetError("child_failed", `${child.name} ${what}; its log is ${child.logFile}\n${tail(child.logFile)}`.trimEnd(), {
    details: { log: child.logFile },
  });
}

/** Last lines of a log. */
export function tail(file: string, bytes = 1500): string {
  try {
    const fd = openSync(file, "r");
    try {
      const { size } = fstatSync(fd);
      const buffer = Buffer.alloc(Math.min(bytes, size));
      readSync(fd, buffer, 0, buffer.length, size - buffer.length);
      return buffer.toString("utf8").split("\n").slice(size > bytes ? 1 : 0).join("\n");
    } finally {
      closeSync(fd);
    }
  } catch {
    return "";
  }
}
