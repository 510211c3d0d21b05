import { InfernetError } from "../../core/index.ts";
import type { ChainEvent, ChainStep, Cursor } from "../events.ts";
import type { Heads } from "./heads.ts";
import type { LogSource } from "./logs.ts";
import type { Block, Reader } from "./reader.ts";
import { pause, persist, type PortLogger } from "./wait.ts";

/** What a follower reads with. */
export interface FollowerOptions {
  readonly reader: Reader;
  readonly logs: LogSource;
  readonly heads: Heads;
  readonly log: PortLogger;
  /** Height of the deployment. */
  readonly origin: number;
  /** Blocks on top of one before its events count. */
  readonly confirmations: number;
}

/** Steps whose blocks are remembered, to find the newest that a reorganisation has left in place. */
const TRAIL = 256;
/** A head this far below the cursor is another chain's and not a node's that lags behind. */
const LAG = 64;
/** Fewer missing blocks than this are read one by one, which notices a reorganisation at once. */
const ONE_BY_ONE = 8;
/** Milliseconds until a head is looked at again that has no blocks below it. */
const MISSING_MS = 200;

/** The chain is not what it was a moment ago. */
class Reorganised extends Error {}

/** A head was named, and the blocks below it are not there. */
class Missing extends Error {}

/**
 * Events in chain order, each once. Blocks are read by their hash, or as ranges whose ends are checked
 * before and after, so that no event is read from a block that is not on top of the last one.
 */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #signal: AbortSignal;
  #cursor: Cursor;
  /** Where earlier steps ended, oldest first. */
  #trail: Cursor[] = [];

  /** @param from - all events up to and including this block are known */
  static async start(options: FollowerOptions, from: Cursor | null, signal: AbortSignal): Promise<Follower> {
    return new Follower(options, from ?? (await beginning(options, signal)), signal);
  }

  private constructor(options: FollowerOptions, cursor: Cursor, signal: AbortSignal) {
    this.#options = options;
    this.#cursor = cursor;
    this.#trail.push(cursor);
    this.#signal = signal;
  }

  /** Steps, without end until the signal fires. */
  async *steps(): AsyncGenerator<ChainStep, void, void> {
    const { reader, heads, confirmations } = this.#options;
    for (let seen: string | null = null; ; ) {
      const head = await heads.after(seen, this.#signal);
      seen = head.hash;
      const safe = head.number - confirmations;
      try {
        for (let step = await this.#step(head, safe); step !== null; step = await this.#step(head, safe)) {
          this.#cursor = step.cursor;
          this.#trail.push(step.cursor);
          if (this.#trail.length > TRAIL) this.#trail.shift();
          yield step;
          if (step.live) break;
        }
      } catch (error) {
        if (!(error instanceof Missing)) throw error;
        // Whoever named this head, or whoever was asked below it, is wrong: look at the head anew.
        reader.doubt(error.message);
        seen = null;
        await pause(MISSING_MS, this.#signal);
      }
    }
  }

  /** The next step towards a height; null when there is nothing to say. */
  async #step(head: Block, safe: number): Promise<ChainStep | null> {
    return this.#persist(async () => {
      try {
        if (safe <= this.#cursor.height) return (await this.#isCanonical(safe)) ? null : await this.#walkBack(head);
        const missing = safe - this.#cursor.height;
        const { events, cursor } = missing <= ONE_BY_ONE ? await this.#readBlock() : await this.#readRange(safe);
        return { events, cursor, time: head.timestamp, live: cursor.height === safe };
      } catch (error) {
        if (!(error instanceof Reorganised)) throw error;
        return this.#walkBack(head);
      }
    });
  }

  async #readBlock(): Promise<{ events: ChainEvent[]; cursor: Cursor }> {
    const { reader, logs } = this.#options;
    const height = this.#cursor.height + 1;
    const block = await reader.block(height);
    if (block === null) throw new Missing(`it does not have block ${height}, which is below the newest one`);
    if (block.parentHash !== this.#cursor.hash && height > 0) throw new Reorganised();
    return { events: await logs.ofBlock(block), cursor: { height, hash: block.hash } };
  }

  async #readRange(safe: number): Promise<{ events: ChainEvent[]; cursor: Cursor }> {
    const { reader, logs } = this.#options;
    const before = this.#cursor;
    const to = Math.min(safe, before.height + logs.span);
    const end = await reader.block(to);
    const events = await logs.ofRange(before.height + 1, to);
    // Read again after the logs: whatever lies between two blocks that stayed has stayed too.
    const [start, after] = await Promise.all([before.height < 0 ? null : reader.block(before.height), reader.block(to)]);
    if (end === null || after === null) throw new Missing(`it does not have block ${to}, which is below the newest one`);
    if (after.hash !== end.hash) throw new InfernetError("chain_unreachable", "the chain changed while it was read");
    if (start !== null && start.hash !== before.hash) throw new Reorganised();
    return { events, cursor: { height: to, hash: end.hash } };
  }

  /** Whether what was delivered is still on the chain, as far as a chain that ends at `safe` can tell. */
  async #isCanonical(safe: number): Promise<boolean> {
    if (safe < this.#cursor.height - LAG) return false;
    const known = this.#trail.findLast(({ height }) => height <= safe);
    if (known === undefined || known.height < 0) return true;
    const block = await this.#options.reader.block(known.height);
    return block === null || block.hash === known.hash;
  }

  /** Goes back to the newest block that is known to be still there, else to the beginning. */
  async #walkBack(head: Block): Promise<ChainStep> {
    const { reader, log } = this.#options;
    const left = this.#cursor;
    while (this.#trail.length > 0) {
      const known = this.#trail.pop()!;
      if (known.height < 0 || (await reader.block(known.height))?.hash === known.hash) return this.#rolledBack(left, known, head);
    }
    log.warn({ height: left.height }, "none of the blocks that were read last is still there: reading everything again");
    return this.#rolledBack(left, await beginning(this.#options, this.#signal), head);
  }

  #rolledBack(left: Cursor, cursor: Cursor, head: Block): ChainStep {
    this.#options.log.info({ from: left.height, to: cursor.height }, "blocks have left the chain");
    return { rollback: { to: cursor.height }, events: [], cursor, time: head.timestamp, live: false };
  }

  #persist<T>(run: () => Promise<T>): Promise<T> {
    return persist(run, { signal: this.#signal, onRetry: (error) => this.#options.log.warn({ err: error }, "cannot read the chain; trying again") });
  }
}

/** The block before the first that can hold anything. */
async function beginning({ reader, origin, log }: FollowerOptions, signal: AbortSignal): Promise<Cursor> {
  if (origin === 0) return { height: -1, hash: "" };
  return persist(
    async () => {
      const block = await reader.block(origin - 1);
      if (block === null) throw new InfernetError("chain_unreachable", `the node does not have block ${origin - 1} yet`);
      return { height: block.number, hash: block.hash };
    },
    { signal, onRetry: (error) => log.warn({ err: error }, "cannot read the chain; trying again") },
  );
}
