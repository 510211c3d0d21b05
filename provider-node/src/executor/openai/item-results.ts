import { failureLine, InfernetError, utf8, type FailureCode } from "@infernet/sdk/core";
import { questionOf, type Question } from "./item.ts";
import type { Answer, OpenAiServer } from "./server.ts";
import type { Service } from "./service.ts";

/** As workloads say it of an item that they cannot understand. */
const BAD_INPUT = utf8('{"error":{"code":"bad_input"}}');

/** What every server answers that serves a model at an endpoint. */
const TRIVIAL: Readonly<Record<Service["endpoint"], Uint8Array>> = {
  "/v1/embeddings": utf8('{"text":"a"}'),
  "/v1/chat/completions": utf8('{"method":"POST","url":"/v1/chat/completions","body":{"messages":[{"role":"user","content":"a"}]}}'),
};

/** Result of an item. */
export interface ItemResult {
  readonly line: Uint8Array;
  /** Why it has failed, where that is no word of the model's. */
  readonly failure?: FailureCode;
  /** What the server has said, for the operator's log. */
  readonly detail?: string;
}

/** Makes results of items with a server. */
export class ItemResults {
  readonly #server: OpenAiServer;
  /** Models and endpoints of which an answer has been seen. */
  readonly #answering = new Set<string>();

  constructor(server: OpenAiServer) {
    this.#server = server;
  }

  /**
   * The result of one item, which is the same whatever else is asked.
   * @throws {InfernetError} `execution_failed`, `runtime_unavailable`: what the server does wrong is no result
   */
  async of(item: Uint8Array, service: Service, limits: { readonly lineBytes: number; readonly maxTokens: number }, signal: AbortSignal): Promise<ItemResult> {
    const question = questionOf(item, service, limits.maxTokens);
    if (question === undefined) return { line: BAD_INPUT };
    const answer = await this.#ask(question, service, signal);
    if ("refused" in answer) {
      await this.#mustAnswer(service, signal);
      return { line: BAD_INPUT, detail: answer.refused };
    }
    const line = utf8(JSON.stringify(answer.value));
    return line.length > limits.lineBytes ? { line: failureLine("line_too_long"), failure: "line_too_long" } : { line };
  }

  /** Some servers refuse every request for want of a setting; that is not the fault of an item. */
  async #mustAnswer(service: Service, signal: AbortSignal): Promise<void> {
    if (this.#answering.has(nameOf(service))) return;
    const answer = await this.#ask(questionOf(TRIVIAL[service.endpoint], service, 1)!, service, signal);
    if ("refused" in answer)
      throw new InfernetError("runtime_unavailable", `the server answers nothing for ${nameOf(service)}: ${answer.refused}`, { hint: "Correct how the server serves this model (chat template, embedding mode), or take it out of openaiModels." });
  }

  async #ask({ body, read }: Question, service: Service, signal: AbortSignal): Promise<Answer> {
    const answer = await this.#server.ask(service.endpoint, body, signal);
    if ("refused" in answer) return answer;
    try {
      const value = read(answer.value);
      this.#answering.add(nameOf(service));
      return { value };
    } catch (cause) {
      throw new InfernetError("execution_failed", "the server's answer is not one to the request", { cause, hint: "Look at the server's log; it has to speak OpenAI's API." });
    }
  }
}

function nameOf({ model, endpoint }: Service): string {
  return `${model.name} at ${endpoint}`;
}
