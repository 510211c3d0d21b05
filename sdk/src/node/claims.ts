import type { Account, ChainEvent, ChainPort } from "../chain/index.ts";
import type { DueAction } from "./cranks.ts";
import type { Logger } from "./log.ts";

/** Seconds of chain time between two looks at the earnings. */
const PERIOD = 60;

/** Sees to it that a node's earnings are paid out: after jobs have ended, and from time to time. */
export class Claims {
  readonly #port: Pick<ChainPort, "earningsOf">;
  readonly #log: Logger;
  readonly #onFound: () => void;
  /** Claims that the chain has seen, by token: they make the keys of further ones distinct. */
  readonly #claimed = new Map<Account, number>();
  readonly #due = new Map<Account, number>();
  #lookedAt = -Infinity;

  constructor(port: Pick<ChainPort, "earningsOf">, log: Logger, onFound: () => void) {
    this.#port = port;
    this.#log = log;
    this.#onFound = onFound;
  }

  /** Takes in events; the end of a job is a reason to look. */
  apply(events: readonly ChainEvent[], node: number | null): void {
    for (const event of events) {
      if (event.type === "job-closed") this.#lookedAt = -Infinity;
      if (event.type !== "claimed" || event.node !== node) continue;
      this.#claimed.set(event.token, (this.#claimed.get(event.token) ?? 0) + 1);
      this.#due.delete(event.token);
    }
  }

  /** Claims that are worth making now. */
  due(tokens: ReadonlySet<Account>, node: number, time: number): DueAction[] {
    if (time >= this.#lookedAt + PERIOD) {
      this.#lookedAt = time;
      for (const token of tokens) void this.#look(token, node, time);
    }
    return [...this.#due].map(([token, since]) => ({
      key: `claim:${token}:${node}:${this.#claimed.get(token) ?? 0}`,
      kind: "claim",
      job: null,
      action: { type: "claim", token, nodes: [node] },
      dueSince: since,
    }));
  }

  async #look(token: Account, node: number, time: number): Promise<void> {
    try {
      if ((await this.#port.earningsOf(token, node)) === 0n) return void this.#due.delete(token);
      this.#due.set(token, time);
      this.#onFound();
    } catch (error) {
      this.#log.debug({ token, err: error }, "cannot read earnings");
    }
  }
}
