import { InfernetError } from "../core/index.ts";
import { Directory } from "./directory.ts";
import type { ChainStep } from "./events.ts";
import type { ChainPort } from "./port.ts";

/**
 * Who the nodes are, read from the first event to the newest.
 * @param onStep - told of each step on the way
 * @throws {InfernetError} `aborted`, and what reading the chain throws
 */
export async function readDirectory(port: Pick<ChainPort, "follow">, signal: AbortSignal = new AbortController().signal, onStep: (step: ChainStep) => void = () => {}): Promise<Directory> {
  const directory = new Directory();
  for await (const step of port.follow(null, { signal })) {
    directory.apply(step);
    onStep(step);
    if (step.live) return directory;
  }
  throw new InfernetError("aborted", "aborted by the caller");
}
