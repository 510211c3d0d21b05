import type { Hex32 } from "@infernet/sdk/core";
import type { ChainEvent, MemberEntry, NodeEntry } from "@infernet/sdk/chain";
import type { DueAction } from "@infernet/sdk/node";

/**
 * Keeps a member's weight in its pool right. Scores move with the work, weights only when somebody
 * syncs: whoever has earned a better score, or has served a suspension, sees to it itself.
 */
export class Upkeep {
  readonly #period: number;
  #syncedAt = 0;
  #earned = false;

  /** @param period - seconds of chain time between two syncs for the score; 0 = none */
  constructor(period: number) {
    this.#period = period;
  }

  /** Takes in events. */
  apply(events: readonly ChainEvent[], node: number | null): void {
    for (const event of events) {
      if (!("node" in event) || event.node !== node) continue;
      if (event.type === "earned") this.#earned = true;
      if (event.type !== "member-joined" && event.type !== "member-synced") continue;
      this.#syncedAt = event.at.time;
      this.#earned = false;
    }
  }

  /** The sync that is worth making now. */
  due(pool: Hex32, { member, suspended }: MemberEntry, { jailedUntil }: NodeEntry, time: number): DueAction[] {
    const better = this.#earned && this.#period > 0 && time >= this.#syncedAt + this.#period;
    const served = suspended && time >= jailedUntil;
    if (!better && !served) return [];
    return [{ key: `sync-member:${pool}:${member}:${this.#syncedAt}`, kind: "sync-member", job: null, action: { type: "sync-member", pool, member }, dueSince: time }];
  }
}
