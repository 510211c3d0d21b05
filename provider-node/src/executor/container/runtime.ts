import { execFile } from "node:child_process";
import { InfernetError } from "@infernet/sdk/core";

/** Programs that run containers, and what they have in common with another. */
export type Engine = "podman" | "docker";

/** Seconds that a call to the engine may take unless it says otherwise. */
const CALL_SECONDS = 60;
const MAX_ANSWER_BYTES = 16 << 20;
/** What of this process's environment an engine sees: where it finds its daemon and its files. */
const ENVIRONMENT = ["PATH", "HOME", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF"];

/** How a call to an engine may end early. */
export interface CallOptions {
  readonly seconds?: number;
  readonly signal?: AbortSignal | undefined;
}

/** The command line of an engine on this host. */
export class Runtime {
  readonly engine: Engine;
  /** The client with the flags that come before its command. */
  readonly command: readonly string[];
  /** Whether a container can be put below a cgroup of our own, which outlives it and so tells what it has used. */
  readonly ownCgroups: boolean;

  constructor(engine: Engine, command: readonly string[], ownCgroups: boolean) {
    this.engine = engine;
    this.command = command;
    this.ownCgroups = ownCgroups;
  }

  /** For people. */
  get name(): string {
    return this.command.join(" ");
  }

  /** Environment of the client. It holds nothing that a container could be given by mistake. */
  get env(): NodeJS.ProcessEnv {
    return Object.fromEntries(ENVIRONMENT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  }

  /**
   * Runs the client to its end.
   * @returns what it printed
   * @throws {InfernetError} `execution_failed` with what it said
   */
  call(args: readonly string[], { seconds = CALL_SECONDS, signal }: CallOptions = {}): Promise<string> {
    const [file, ...global] = this.command;
    return new Promise((resolve, reject) => {
      const options = { env: this.env, cwd: "/", timeout: seconds * 1000, killSignal: "SIGKILL", maxBuffer: MAX_ANSWER_BYTES, encoding: "utf8", signal } as const;
      execFile(file!, [...global, ...args], options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else if (signal?.aborted) reject(new InfernetError("aborted", "aborted by the caller", { cause: signal.reason }));
        else reject(new InfernetError("execution_failed", `${this.engine} ${args[0]}: ${lastLine(stderr) || error.message}`, { cause: error }));
      });
    });
  }
}

/** The end of what a program complained about; engines put the reason there. */
export function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1)!.slice(0, 1000);
}
