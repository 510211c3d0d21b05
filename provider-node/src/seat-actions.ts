import { commitment, type Address } from "@infernet/sdk/core";
import type { ChainAction, ChainPort } from "@infernet/sdk/chain";
import type { DueAction } from "@infernet/sdk/node";
import type { Decision, SeatFacts, Work } from "./machine.ts";
import type { Seat } from "./seats.ts";

/** The transaction that a decision about a seat asks for; null when it asks for none. */
export function seatAction(port: Pick<ChainPort, "chain" | "jobsAddress">, seat: Seat, facts: SeatFacts, work: Work, decision: Decision): DueAction | null {
  const { terms, id } = seat.job;
  const at = { terms, batch: seat.batch.number, position: seat.position };
  const due = (action: ChainAction, dueSince = facts.drawnAt): DueAction => ({ key: `${action.type}:${seat.key}`, kind: action.type, job: id, action, dueSince });
  if (decision.do === "decline") return due({ type: "decline", ...at, reason: decision.reason });
  if (work.stage !== "done") return null;
  const { roots, dataDigest, salt } = work.output;
  if (decision.do === "reveal") return due({ type: "reveal", ...at, roots, dataDigest, salt });
  if (decision.do !== "commit") return null;
  const { batch, position } = at;
  const bound = { chainId: BigInt(port.chain.id), jobs: port.jobsAddress as Address, jobId: id, batch, position, roots, dataDigest, salt };
  return due({ type: "commit", ...at, commitment: commitment(bound) });
}
