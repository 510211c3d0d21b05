import type { Hex32 } from "@infernet/sdk/core";
import type { MembershipInfo, OperatorPort } from "@infernet/sdk/chain";
import type { Drain, DueAction, Journal, Logger } from "@infernet/sdk/node";

/** Seconds of chain time between two looks at the membership while something is to be changed. */
const PERIOD = 15;
/** Journal value: this daemon has paused the member, and will take that back. */
const PAUSED_BY_US = "drain:paused";

/** What draining works with. */
export interface DrainingOptions {
  readonly port: Pick<OperatorPort, "membership">;
  readonly drain: Pick<Drain, "wanted">;
  readonly journal: Pick<Journal, "value" | "setValue">;
  readonly log: Logger;
  readonly pool: Hex32;
  /** Told when a look has shown something to do. */
  readonly onFound: () => void;
}

/**
 * Pauses the member while the operator wants no new work, so that no draw seats it from the next epoch on, and unpauses it
 * afterwards. A pause that the owner has asked for by other means is left alone.
 */
export class Draining {
  readonly #options: DrainingOptions;
  #found: { readonly wanted: boolean; readonly membership: MembershipInfo; readonly time: number } | undefined;
  #lookedAt = -Infinity;
  #lastWanted: boolean | undefined;

  constructor(options: DrainingOptions) {
    this.#options = options;
  }

  /** The change that is due now. */
  due(node: number, time: number): DueAction[] {
    const { drain, journal, pool } = this.#options;
    const { wanted } = drain;
    const ours = journal.value(PAUSED_BY_US) === true;
    if (!wanted && !ours) return [];
    if (this.#lastWanted !== wanted || time >= this.#lookedAt + PERIOD) {
      this.#lastWanted = wanted;
      this.#lookedAt = time;
      void this.#look(node, wanted, time);
    }
    const found = this.#found;
    if (found === undefined || found.wanted !== wanted || found.membership.next.paused === wanted) return [];
    const { member } = found.membership;
    // Each change is a deed of its own, so the time is part of its name.
    return [{ key: `set-paused:${pool}:${member}:${wanted}:${found.time}`, kind: "set-paused", job: null, action: { type: "set-paused", pool, member, paused: wanted }, dueSince: found.time }];
  }

  async #look(node: number, wanted: boolean, time: number): Promise<void> {
    const { port, journal, log, pool, onFound } = this.#options;
    try {
      const membership = await port.membership(pool, node);
      if (membership === null) return;
      if (membership.next.paused === wanted && this.#found?.wanted !== wanted) log.info({ pool, draining: wanted }, wanted ? "takes no new work from the next epoch on" : "takes new work again");
      if (membership.next.paused !== wanted && wanted) journal.setValue(PAUSED_BY_US, true);
      if (membership.next.paused === wanted && !wanted) journal.setValue(PAUSED_BY_US, false);
      // The time of the first look that found this names the deed: a later one must not make it another.
      const same = this.#found?.wanted === wanted && this.#found.membership.next.paused === membership.next.paused;
      this.#found = { wanted, membership, time: same ? this.#found!.time : time };
      if (membership.next.paused !== wanted) onFound();
    } catch (err) {
      log.debug({ pool, err }, "cannot read the membership");
    }
  }
}
