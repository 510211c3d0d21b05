import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ServerRequest, ServerSettings } from "./openai-server.ts";

const SCRIPT = fileURLToPath(new URL("./openai-server.ts", import.meta.url));

/** The OpenAI-compatible server of the tests, in a process of its own on loopback. */
export class OpenAiProcess {
  readonly #child: ChildProcess;
  readonly #origin: string;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#origin = `http://127.0.0.1:${port}`;
  }

  static async start(settings: ServerSettings): Promise<OpenAiProcess> {
    const child = fork(SCRIPT, [JSON.stringify(settings)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const [port] = (await once(child, "message")) as [number];
    return new OpenAiProcess(child, port);
  }

  /** Its base URL. */
  get url(): string {
    return `${this.#origin}/v1`;
  }

  /** What it has been asked since it was told to forget. */
  requests(): Promise<ServerRequest[]> {
    return this.#backstage("requests");
  }

  async forget(): Promise<void> {
    await this.#backstage("forget");
  }

  /** Resolves when it has got a request whose body holds that. */
  async asked(text: string): Promise<void> {
    await this.#backstage("asked", text);
  }

  /** Kills it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }

  async #backstage<T>(what: string, body = ""): Promise<T> {
    return (await (await fetch(`${this.#origin}/test/${what}`, { method: "POST", body })).json()) as T;
  }
}
