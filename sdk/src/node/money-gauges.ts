import type { Account, ChainStep, OperatorPort, TokenInfo } from "../chain/index.ts";
import type { Logger } from "./log.ts";
import type { NodeMetrics } from "./metrics.ts";

/** What money is read through. */
export type MoneyPort = Pick<OperatorPort, "node" | "earningsOf" | "token" | "coins" | "account">;

/** Milliseconds between two looks: stake moves with work, and a public endpoint counts every call. */
const PERIOD_MS = 15_000;
const WEI = 1e18;
/** Blocks after which nothing is rolled back any more. */
const REORG_BLOCKS = 128;

/** Keeps what a node has at stake, has earned and can pay with in its metrics. */
export class MoneyGauges {
  readonly #metrics: NodeMetrics;
  readonly #port: MoneyPort;
  readonly #log: Logger;
  readonly #tokens = new Map<Account, TokenInfo | null>();
  /** Base units that were paid out, by node and token: which node is the own one may turn out later. */
  readonly #claimed = new Map<string, bigint>();
  /** Payouts that a reorganisation may still take back, oldest first. */
  #recent: { readonly height: number; readonly key: string; readonly amount: bigint }[] = [];
  #lookedAt = -Infinity;
  #looking = false;

  constructor(metrics: NodeMetrics, port: MoneyPort, log: Logger) {
    this.#metrics = metrics;
    this.#port = port;
    this.#log = log;
  }

  /** Takes in a step of a follower: payouts, and tokens that jobs are paid in. */
  apply({ rollback, events, cursor }: Pick<ChainStep, "rollback" | "events" | "cursor">): void {
    if (rollback !== undefined) for (const { height, key, amount } of this.#recent) if (height > rollback.to) this.#add(key, -amount);
    const newest = rollback?.to ?? Infinity;
    this.#recent = this.#recent.filter(({ height }) => height <= newest && height > cursor.height - REORG_BLOCKS);
    for (const event of events) {
      if (event.type === "job-opened" && !this.#tokens.has(event.terms.token)) this.#tokens.set(event.terms.token, null);
      if (event.type !== "claimed") continue;
      const key = `${event.node}:${event.token}`;
      this.#add(key, event.amount);
      this.#recent.push({ height: event.at.height, key, amount: event.amount });
    }
  }

  /** Looks again, if it is time to. Never throws. */
  async refresh(node: number): Promise<void> {
    if (this.#looking || performance.now() < this.#lookedAt + PERIOD_MS) return;
    this.#looking = true;
    try {
      await this.#look(node);
      this.#lookedAt = performance.now();
    } catch (err) {
      this.#log.debug({ err }, "cannot read stake and earnings");
    } finally {
      this.#looking = false;
    }
  }

  #add(key: string, amount: bigint): void {
    this.#claimed.set(key, (this.#claimed.get(key) ?? 0n) + amount);
  }

  async #look(node: number): Promise<void> {
    const { stake } = await this.#port.node(node);
    for (const [part, amount] of Object.entries(stake)) this.#metrics.stake.set({ part }, Number(amount) / WEI);
    if (this.#port.account !== null) this.#metrics.coins.set(Number(await this.#port.coins(this.#port.account)) / WEI);
    for (const [token, known] of this.#tokens) {
      const info = known ?? (await this.#port.token(token));
      this.#tokens.set(token, info);
      const { decimals, symbol } = info;
      this.#metrics.claimed.set({ token: symbol }, Number(this.#claimed.get(`${node}:${token}`) ?? 0n) / 10 ** decimals);
      this.#metrics.earnings.set({ token: symbol }, Number(await this.#port.earningsOf(token, node)) / 10 ** decimals);
    }
  }
}
