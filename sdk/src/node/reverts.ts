import { isInfernetError } from "../core/index.ts";

/** Refusals that mean: not yet. */
const EARLY = new Set(["RandomnessPending", "JobsTooEarly", "JobsNotStalled", "SlashingTooEarly"]);
/** Refusals that mean: it has been done already, nobody needs it any more, or nobody can do it for now. */
const OVER = new Set([
  "JobsAlreadyActed",
  "JobsDeadlinePassed",
  "JobsNoAggregator",
  "JobsNoFault",
  "JobsPanelBusy",
  "JobsTooLate",
  "JobsUnknownBatch",
  "JobsWrongPhase",
  "JobsWrongShardStatus",
  "JobsWrongStatus",
  "PoolsTooFewEligible",
  "SlashingNotConflicting",
  "SlashingUnknownPanel",
  "SlashingUnknownReplica",
  "SlashingWrongStatus",
]);

/** Name of the contract's error behind a `chain_reverted`; undefined for anything else. */
export function revertName(error: unknown): string | undefined {
  if (!isInfernetError(error, "chain_reverted")) return undefined;
  const { reason } = error.details;
  const name = typeof reason === "object" && reason !== null && "name" in reason ? reason.name : reason;
  return typeof name === "string" ? name.split("(")[0] : undefined;
}

/** What a refusal says about an action that anybody may do: too early, over, or something that is wrong. */
export function judgeRevert(error: unknown): "early" | "over" | "wrong" {
  const name = revertName(error);
  if (name === undefined) return "wrong";
  return EARLY.has(name) ? "early" : OVER.has(name) ? "over" : "wrong";
}
