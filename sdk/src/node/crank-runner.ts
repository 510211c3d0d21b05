import type { ActionReceipt, ChainAction, ChainPort } from "../chain/index.ts";
import { isInfernetError } from "../core/index.ts";
import type { DueAction } from "./cranks.ts";
import type { Logger } from "./log.ts";
import { judgeRevert } from "./reverts.ts";

/** How a daemon turns cranks. All times in seconds of chain time. */
export interface CrankRunnerOptions {
  readonly port: Pick<ChainPort, "simulate" | "submit">;
  readonly log: Logger;
  readonly signal?: AbortSignal;
  /** How long an action may lie after it became due before this node does it; default: not at all. */
  readonly patience?: (action: DueAction) => number;
  /** Most transactions under way at a time. */
  readonly parallel?: number;
  /** Longest pause after failures: they double it. */
  readonly longestPause?: number;
}

interface Attempt {
  /** Transactions that ended, well or not: the next one needs its own key, for a key is a transaction. */
  sent: number;
  failures: number;
  notBefore: number;
  running?: Promise<void>;
}

/** After a transaction that went through: if its action is still due then, the chain has forgotten it. */
const DONE_PAUSE = 60;

/**
 * Does what is due on a chain on which everybody else may do it too. Offer it everything that is
 * due after each step of the chain; it never waits inside `offer`.
 */
export class CrankRunner {
  readonly #options: CrankRunnerOptions;
  readonly #attempts = new Map<string, Attempt>();
  #running = 0;

  constructor(options: CrankRunnerOptions) {
    this.#options = options;
  }

  /**
   * Begins what has been due long enough. What is no longer offered is forgotten.
   * @param actions - everything due now, see `dueActions`
   * @param time - chain time, seconds
   */
  offer(actions: readonly DueAction[], time: number): void {
    const { patience = () => 0, parallel = 4, signal } = this.#options;
    const offered = new Set(actions.map((action) => action.key));
    for (const [key, attempt] of this.#attempts) if (!offered.has(key) && attempt.running === undefined) this.#attempts.delete(key);
    for (const action of actions) {
      if (this.#running >= parallel || signal?.aborted) return;
      const attempt = this.#attempts.get(action.key) ?? { sent: 0, failures: 0, notBefore: 0 };
      if (attempt.running !== undefined || time < attempt.notBefore || time < action.dueSince + patience(action)) continue;
      this.#attempts.set(action.key, attempt);
      this.#running++;
      attempt.running = this.#run(action, attempt, time).finally(() => {
        delete attempt.running;
        this.#running--;
      });
    }
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#running > 0) await Promise.all([...this.#attempts.values()].map((attempt) => attempt.running));
  }

  async #run({ key, kind, action }: DueAction, attempt: Attempt, time: number): Promise<void> {
    const { port, log, longestPause = 300 } = this.#options;
    let passed = false;
    try {
      await port.simulate(action);
      passed = true;
      const { transaction, gas } = await this.#submit(attempt.sent === 0 ? key : `${key}#${attempt.sent}`, action, attempt);
      attempt.failures = 0;
      attempt.notBefore = time + DONE_PAUSE;
      log.info({ action: kind, key, transaction, gas: String(gas) }, "done");
    } catch (error) {
      if (isInfernetError(error, "aborted")) return;
      // What would have worked when it was sent was overtaken by somebody else.
      const verdict = passed && isInfernetError(error, "chain_reverted") ? "over" : judgeRevert(error);
      attempt.notBefore = time + (verdict === "early" ? 1 : Math.min(2 ** ++attempt.failures, longestPause));
      if (verdict === "wrong") log.warn({ action: kind, key, err: error }, "refused");
      else log.debug({ action: kind, key, verdict }, "not now");
    }
  }

  /** A transaction whose end is unknown keeps its key, so that it is resumed and not sent twice. */
  async #submit(name: string, action: ChainAction, attempt: Attempt): Promise<ActionReceipt> {
    const { port, signal } = this.#options;
    try {
      const receipt = await port.submit(name, action, signal === undefined ? {} : { signal });
      attempt.sent++;
      return receipt;
    } catch (error) {
      if (isInfernetError(error, "chain_reverted") || isInfernetError(error, "transaction_refused")) attempt.sent++;
      throw error;
    }
  }
}
