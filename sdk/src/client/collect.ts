import { InfernetError, isInfernetError, throwIfAborted, type Hex32 } from "../core/index.ts";
import { agreedRoot, type JobView } from "../chain/index.ts";
import type { CheckedResult } from "../net/index.ts";
import type { ClientContext } from "./context.ts";
import { fetchShard, witnesses, type ResultSources } from "./shard-fetch.ts";
import type { Attempt, ShardRange } from "./record.ts";

/** The agreed result of one shard, as it arrived. */
export interface ShardOutcome extends ShardRange {
  readonly job: Hex32;
  /** Number of the shard in that job. */
  readonly shard: number;
  readonly root: Hex32;
  /** Digest of the result file. */
  readonly file: Hex32;
  /** Result lines without newline, of the items from `first` on. */
  readonly lines: readonly Uint8Array[];
  readonly digests: readonly Hex32[];
  /** Nodes that showed the agreed root. */
  readonly nodes: readonly (number | undefined)[];
}

/** Times that a shard is asked for before its absence is an error; the pauses between them grow. */
const ROUNDS = 8;
const PARALLEL = 4;

/** Fetches the results of an attempt while they are agreed on. */
export class Collector {
  readonly #context: ClientContext;
  readonly #attempt: Attempt;
  readonly #lineBytes: number;
  readonly #onOutcome: (outcome: ShardOutcome) => void;
  readonly #signal: AbortSignal;
  readonly #tasks = new Map<number, Promise<void>>();
  readonly #queue: (() => void)[] = [];
  /** The job as it stands: its aggregator may have been replaced since a shard was agreed on. */
  #view: JobView | undefined;
  #running = 0;

  constructor(context: ClientContext, attempt: Attempt, lineBytes: number, onOutcome: (outcome: ShardOutcome) => void, signal: AbortSignal) {
    this.#context = context;
    this.#attempt = attempt;
    this.#lineBytes = lineBytes;
    this.#onOutcome = onOutcome;
    this.#signal = signal;
  }

  /** Begins with every shard that has agreed since the last call. */
  offer(view: JobView): void {
    this.#view = view;
    for (let shard = 0; shard < this.#attempt.shards.length; shard++) {
      const root = agreedRoot(view, shard);
      if (root === undefined || this.#tasks.has(shard)) continue;
      const task = this.#slot().then(() => this.#fetch(shard, root)).finally(() => this.#release());
      task.catch(() => {}); // `finish` reports it.
      this.#tasks.set(shard, task);
    }
  }

  /** Resolves when everything that was offered is here. @throws the first error of a fetch that was given up */
  async finish(): Promise<void> {
    await Promise.all(this.#tasks.values());
  }

  async #fetch(shard: number, root: Hex32): Promise<void> {
    const { store, direct, watch, log } = this.#context;
    const sources: ResultSources = { store, direct, directory: watch.directory, lineBytes: this.#lineBytes };
    for (let round = 1; ; round++) {
      const view = this.#view!;
      try {
        const found = await fetchShard(view, shard, root, sources, this.#signal);
        this.#onOutcome(this.#outcome(view, shard, found));
        return;
      } catch (error) {
        throwIfAborted(this.#signal);
        if (!isInfernetError(error) || !error.retryable || round >= ROUNDS) throw error;
        log.debug({ job: view.id, shard, round, reason: error.message }, "result not here yet");
        // The next block may bring a new address, or a provider that has come back.
        for (let block = 0; block < round; block++) await watch.nextStep(this.#signal);
      }
    }
  }

  #outcome(view: JobView, shard: number, { root, file, lines, digests }: CheckedResult): ShardOutcome {
    const range = this.#attempt.shards[shard]!;
    if (lines.length !== range.count) throw new InfernetError("internal", `shard ${shard} has ${lines.length} results for ${range.count} items`);
    const nodes = witnesses(view, shard, root, this.#context.watch.directory).map(({ node }) => node);
    return { ...range, job: view.id, shard, root, file, lines, digests, nodes };
  }

  async #slot(): Promise<void> {
    if (this.#running < PARALLEL) {
      this.#running++;
      return;
    }
    await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  #release(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}
