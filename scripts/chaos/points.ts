/**
 * Where a process can be killed: at what it does to the world, or has done.
 * journal: a write to its journal · send: a transaction handed to the chain · execute: a process for foreign code ·
 * result: an answer of such a process · content: a block or file of its content store.
 */
export const DEEDS = ["journal", "send", "execute", "result", "content"] as const;
export type Deed = (typeof DEEDS)[number];

/** One moment in the life of a process: before or after the n-th deed of a kind. */
export interface KillPoint {
  readonly deed: Deed;
  readonly side: "before" | "after";
  /** From 1. */
  readonly nth: number;
}

/** The environment variable that names a process's kill point. */
export const POINT_ENV = "INFERNET_CHAOS_POINT";

export function formatPoint({ deed, side, nth }: KillPoint): string {
  return `${deed}:${side}:${nth}`;
}

/** @throws when the text is not what `formatPoint` writes */
export function parsePoint(text: string): KillPoint {
  const [deed, side, nth] = text.split(":");
  if (!DEEDS.includes(deed as Deed) || (side !== "before" && side !== "after") || !/^[1-9]\d*$/.test(nth ?? "")) throw new Error(`${text} is no kill point`);
  return { deed: deed as Deed, side, nth: Number(nth) };
}
