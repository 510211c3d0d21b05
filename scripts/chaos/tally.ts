import type { Role } from "./plan.ts";
import type { KillPoint } from "./points.ts";

/** Kills by role of the process and kind of moment. */
export class Tally {
  readonly #counts = new Map<string, number>();
  total = 0;

  add(role: Role, { deed, side }: KillPoint): void {
    const key = `${role} ${side} ${deed}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.total++;
  }

  /** In alphabetic order. */
  toJSON(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
