import { join } from "node:path";
import type { Child, Children } from "../../cli/src/process/children.ts";
import { SELF } from "../../cli/src/process/root.ts";
import { formatPoint, POINT_ENV, type KillPoint } from "./points.ts";

/** Exit code of a command that gave up on somebody else, who may have been killed just then. */
const MAY_WORK_LATER = 3;
const PRELOAD = join(import.meta.dirname, "preload.ts");

/** What is killed, and how it is started each time. */
export interface VictimOptions {
  readonly name: string;
  /** Arguments of `infernet`. */
  readonly args: readonly string[];
  readonly children: Children;
  readonly logFile: string;
  /** Told of each death, before the next life; whoever returns null lets it live from now on. */
  readonly onKilled: (point: KillPoint) => KillPoint | null;
}

/** An `infernet` process that is killed at the points of its plan and started again each time, until it ends by itself. */
export class Victim {
  readonly name: string;
  /** Resolves with the exit code of the life that was not killed. */
  readonly ended: Promise<number | null>;
  readonly #options: VictimOptions;
  #child: Child | undefined;
  #stopped = false;

  constructor(options: VictimOptions, first: KillPoint | null) {
    this.name = options.name;
    this.#options = options;
    this.ended = this.#live(first);
  }

  /** Ends it in an orderly way, for good. */
  stop(): void {
    this.#stopped = true;
    this.#child?.kill("SIGTERM");
  }

  async #live(point: KillPoint | null): Promise<number | null> {
    const { name, args, children, logFile, onKilled } = this.#options;
    for (;;) {
      const child = (this.#child = children.start({
        name,
        command: process.execPath,
        args: [...(point === null ? [] : ["--import", PRELOAD]), ...SELF, ...args],
        logFile,
        ...(point !== null && { env: { [POINT_ENV]: formatPoint(point) } }),
      }));
      const code = await child.ended;
      if (this.#stopped || (code !== null && code !== MAY_WORK_LATER)) return code;
      if (code === null) point = onKilled(point!);
    }
  }
}
