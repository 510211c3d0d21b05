import { InfernetError, joinLines, splitLines, stdoutLimit, throwIfAborted } from "@infernet/sdk/core";
import { checkTask, type ExecutionOptions, type ExecutionOutcome, type ExecutionTask, type Executor } from "../executor.ts";
import { Executions } from "../executions.ts";
import { Units } from "../units.ts";
import { ItemResults, type ItemResult } from "./item-results.ts";
import { OpenAiServer } from "./server.ts";
import { readService, type Service } from "./service.ts";

/** Which server of the operator's is asked, and what this host is willing to spend. None of the latter changes a result. */
export interface OpenAiExecutorOptions {
  /** Base URL as OpenAI's clients take it: `http://127.0.0.1:8000/v1`. */
  readonly url: string;
  /** Models that are offered, by the names under which the server lists them. */
  readonly models: readonly string[];
  /** Sent as a bearer token. Default: none. */
  readonly apiKey?: string;
  /** Requests at a time. Default: 1. */
  readonly concurrency?: number;
  /** Largest answer of the server, and largest result that is accepted, in bytes. Defaults: 16 MiB, 256 MiB. */
  readonly maxAnswerBytes?: number;
  readonly maxOutputBytes?: number;
  /** Seconds that the server may take to list its models. Default: 30. */
  readonly startSeconds?: number;
}

const DEFAULTS: Required<Omit<OpenAiExecutorOptions, "apiKey" | "url" | "models">> = { concurrency: 1, maxAnswerBytes: 16 << 20, maxOutputBytes: 256 << 20, startSeconds: 30 };

/** Has a server that the operator runs compute the items, each with a request of its own. See docs/EXECUTORS.md. */
export class OpenAiExecutor implements Executor {
  readonly kind = "openai";
  readonly itemByItem = true;
  readonly #options: OpenAiExecutorOptions & typeof DEFAULTS;
  readonly #results: ItemResults;
  readonly #slots: Units;
  readonly #executions = new Executions();

  private constructor(options: OpenAiExecutorOptions & typeof DEFAULTS, server: OpenAiServer) {
    this.#options = options;
    this.#results = new ItemResults(server);
    this.#slots = new Units(Array.from({ length: options.concurrency }, (_, i) => `request ${i}`));
  }

  /**
   * Asks the server for its models.
   * @throws {InfernetError} `runtime_unavailable` where it cannot be asked, or lacks one of those to be offered
   */
  static async open(given: OpenAiExecutorOptions): Promise<OpenAiExecutor> {
    const options = { ...DEFAULTS, ...given };
    const server = new OpenAiServer(options);
    const listed = await server.models(AbortSignal.timeout(Math.ceil(1000 * options.startSeconds))).catch((cause: Error & { hint?: string }) => {
      throw new InfernetError("runtime_unavailable", cause.message, { cause, ...(cause.hint === undefined ? {} : { hint: cause.hint }) });
    });
    const missing = options.models.filter((name) => !listed.includes(name));
    if (missing.length > 0)
      throw new InfernetError("runtime_unavailable", `the server at ${options.url} does not list ${missing.join(", ")}, but ${listed.slice(0, 20).join(", ") || "no model"}`, { hint: "Correct openaiModels, or have the server offer these names (vLLM: --served-model-name, llama.cpp: --alias, Ollama: pull or cp)." });
    return new OpenAiExecutor(options, server);
  }

  /** @inheritdoc */
  async execute(task: ExecutionTask, { signal }: ExecutionOptions = {}): Promise<ExecutionOutcome> {
    checkTask(task);
    const service = readService(task.module.bytes);
    this.#checkAffordable(task, service);
    return this.#executions.run(signal, (either) => this.#execute(task, service, either));
  }

  /** @inheritdoc */
  close(): Promise<void> {
    return this.#executions.close();
  }

  async #execute(task: ExecutionTask, service: Service, signal: AbortSignal): Promise<ExecutionOutcome> {
    const { items, limits, input } = task;
    const lines = splitLines(input, { maxLines: items, maxLineBytes: input.length });
    if (lines.length !== items) throw new InfernetError("invalid_argument", `${lines.length} lines of input for ${items} items`);
    using slots = await this.#slots.take(Math.min(items, this.#slots.size), signal);
    const [began, time, failed] = [performance.now(), AbortSignal.timeout(Math.ceil(1000 * limits.seconds)), new AbortController()];
    const asked = { lineBytes: limits.lineBytes, maxTokens: limits.maxTokens! };
    const any = AbortSignal.any([signal, time, failed.signal]);
    const results: ItemResult[] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let item = next++; item < items; item = next++) {
        throwIfAborted(any);
        results[item] = await this.#results.of(lines[item]!, service, asked, any);
      }
    };
    const workers = slots.units.map(() => worker().catch((error: unknown) => {
      // The others' work would be thrown away.
      failed.abort();
      throw error;
    }));
    try {
      await Promise.all(workers);
    } catch (error) {
      await Promise.allSettled(workers);
      throwIfAborted(signal);
      if (time.aborted) throw new InfernetError("execution_timeout", `the server takes longer than ${limits.seconds} s`, { cause: error });
      throw error;
    }
    return outcome(results, (performance.now() - began) / 1000);
  }

  #checkAffordable({ items, limits, model }: ExecutionTask, service: Service): void {
    const outputBytes = stdoutLimit(items, limits.lineBytes);
    if (limits.maxTokens === undefined) throw new InfernetError("invalid_argument", "a task for a served model needs a limit of maxTokens");
    if (model.length > 0) throw new InfernetError("model_missing", "a served model reads no model files of a job");
    if (!this.#options.models.includes(service.model.name)) throw new InfernetError("model_missing", `this node does not offer the served model ${JSON.stringify(service.model.name)}`, { hint: "Add it to openaiModels, if the server offers it." });
    if (outputBytes > this.#options.maxOutputBytes) throw new InfernetError("runtime_unavailable", `the result may take ${outputBytes} bytes, this node allows ${this.#options.maxOutputBytes}`);
  }
}

/** The whole has failed where every item has. */
function outcome(results: readonly ItemResult[], cpuSeconds: number): ExecutionOutcome {
  const detail = results.find((result) => result.detail !== undefined)?.detail;
  const code = results.every(({ failure }) => failure !== undefined) ? results[0]!.failure : undefined;
  return { status: code === undefined ? "ok" : "failed", ...(code === undefined ? {} : { code }), output: joinLines(results.map(({ line }) => line)), cpuSeconds, ...(detail === undefined ? {} : { detail }) };
}
