import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InfernetError } from "../core/index.ts";

/**
 * The wish that a node takes no new work. It is a file in the data directory: whoever may write there may ask for it,
 * whether the daemon runs or not, and it outlives every restart. The daemon looks at each block.
 */
export class Drain {
  readonly #file: string;

  /** @param dataDir - of the daemon */
  constructor(dataDir: string) {
    this.#file = join(dataDir, "drain");
  }

  get wanted(): boolean {
    return existsSync(this.#file);
  }

  /** Asks for it, or takes that back. Asking twice is no error. @throws {InfernetError} `data_dir_invalid` */
  set(wanted: boolean): void {
    try {
      if (!wanted) return rmSync(this.#file, { force: true });
      mkdirSync(join(this.#file, ".."), { recursive: true, mode: 0o700 });
      writeFileSync(this.#file, `${new Date().toISOString()}\n`);
    } catch (cause) {
      throw new InfernetError("data_dir_invalid", `cannot write ${this.#file}: ${(cause as Error).message}`, { cause });
    }
  }
}
