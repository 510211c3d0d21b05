import { spawn, type ChildProcess } from "node:child_process";
import { InfernetError } from "@infernet/sdk/core";
import { frameHead, type Request } from "./child/frames.ts";
import { ReplyReader, type ReceivedReply } from "./reply-reader.ts";

/** Bytes of the child's own stderr (not the module's) that are kept to explain a crash. */
const STDERR_BYTES = 4096;

/** How long to wait for a reply, and when to stop waiting. */
export interface RequestOptions {
  readonly timeoutMs: number;
  /** Longest payload that the child may send. */
  readonly maxPayloadBytes: number;
  readonly signal: AbortSignal | undefined;
  /** Error to throw when the time is over. */
  readonly onTimeout: () => InfernetError;
}

/**
 * One fenced process. It answers one request at a time. Whenever it does not answer as it should
 * (time over, crash, a malformed reply, abort) it is killed and the request fails: a process that
 * was odd once is never asked again.
 */
export class FencedChild {
  readonly exited: Promise<void>;
  readonly #process: ChildProcess;
  readonly #reader = new ReplyReader();
  #stderr = "";
  #alive = true;
  /** Settles the request in flight; set only while there is one. */
  #settle: ((outcome: ReceivedReply | InfernetError) => void) | undefined;

  /**
   * @param command - command line
   * @param fds - open files that the child inherits as 3, 4, …
   * @throws {InfernetError} `execution_failed` when this host cannot start another process
   */
  constructor(command: readonly string[], fds: readonly number[]) {
    const [file, ...args] = command;
    try {
      this.#process = spawn(file!, args, { env: {}, cwd: "/", stdio: ["pipe", "pipe", "pipe", ...fds] });
    } catch (cause) {
      throw failed(`the child could not be started: ${(cause as Error).message}`, "");
    }
    this.exited = new Promise((resolve) => {
      this.#process.once("exit", (code, signal) => {
        this.#alive = false;
        this.#settle?.(failed(`the child ended (${signal ?? `exit code ${code}`})`, this.#stderr));
        resolve();
      });
      this.#process.once("error", (cause) => {
        this.#alive = false;
        this.#settle?.(failed(`the child could not be started: ${cause.message}`, ""));
        resolve();
      });
    });
    const { stdin, stdout, stderr } = this.#process;
    // Where the host has no more files or processes, there are no streams.
    if (!stdin || !stdout || !stderr) throw failed("the child could not be started: no streams", "");
    // A child that dies while it is written to or read from is reported by its exit.
    for (const stream of [stdin, stdout, stderr]) stream.on("error", () => {});
    stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(0, STDERR_BYTES);
    });
    stdout.on("data", (chunk: Uint8Array) => this.#receive(chunk));
  }

  /** Process id; undefined when the process could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Whether it can still be asked. */
  get alive(): boolean {
    return this.#alive;
  }

  /**
   * Sends a request and waits for its reply.
   * @throws {InfernetError} `execution_failed`, `aborted`, or what `onTimeout` gives; the child is dead then
   */
  async request(header: Request, payload: Uint8Array, options: RequestOptions): Promise<ReceivedReply> {
    if (!this.#alive || options.signal?.aborted) {
      await this.kill();
      throw options.signal?.aborted ? aborted(options.signal) : failed("the child is not running", this.#stderr);
    }
    const waiting = Promise.withResolvers<ReceivedReply | InfernetError>();
    const onAbort = (): void => waiting.resolve(aborted(options.signal!));
    const timer = setTimeout(() => waiting.resolve(options.onTimeout()), options.timeoutMs);
    options.signal?.addEventListener("abort", onAbort, { once: true });
    this.#settle = waiting.resolve;
    this.#reader.expect(options.maxPayloadBytes);
    this.#process.stdin!.write(frameHead(header, payload.length));
    if (payload.length > 0) this.#process.stdin!.write(payload);
    const outcome = await waiting.promise;
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
    this.#settle = undefined;
    if (!(outcome instanceof InfernetError)) return outcome;
    await this.kill();
    throw outcome;
  }

  /** Ends the process by its own id and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.#alive) this.#process.kill("SIGKILL");
    await this.exited;
  }

  #receive(chunk: Uint8Array): void {
    try {
      const received = this.#reader.push(chunk);
      if (received !== undefined) this.#settle?.(received);
    } catch (cause) {
      const error = failed(`the child sent something else than a reply: ${(cause as Error).message}`, this.#stderr);
      if (this.#settle === undefined) void this.kill();
      else this.#settle(error);
    }
  }
}

/** The error of a child that could not do what it was asked. */
export function hostError(detail: string): InfernetError {
  return failed(`this host could not run the module: ${detail}`, "");
}

function failed(message: string, stderr: string): InfernetError {
  return new InfernetError("execution_failed", message, stderr === "" ? {} : { details: { stderr } });
}

function aborted(signal: AbortSignal): InfernetError {
  return new InfernetError("aborted", "aborted by the caller", { cause: signal.reason });
}
