import { InfernetError } from "@infernet/sdk/core";

/** What one check of `doctor` has found. `warning`: it works, and could be better; `skipped`: something it needs is missing. */
export interface Finding {
  readonly name: string;
  readonly verdict: "ok" | "warning" | "failed" | "skipped";
  readonly detail: string;
  /** What to do about it; on every failure and warning. */
  readonly fix?: string;
}

/** Result of a check, which does not name itself. */
export type Found = Omit<Finding, "name">;

export const ok = (detail: string): Found => ({ verdict: "ok", detail });
export const skipped = (detail: string): Found => ({ verdict: "skipped", detail });
export const warning = (detail: string, fix: string): Found => ({ verdict: "warning", detail, fix });
export const failed = (detail: string, fix: string): Found => ({ verdict: "failed", detail, fix });

/** A check that throws has failed; typed errors name their fix themselves. */
export async function check(name: string, look: () => Found | Promise<Found>): Promise<Finding> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    const fix = error instanceof InfernetError ? error.hint : "This is a defect in Infernet; report it with this message.";
    return { name, ...failed((error as Error).message, fix) };
  }
}
