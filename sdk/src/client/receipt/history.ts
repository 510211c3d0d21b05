import { InfernetError } from "../../core/index.ts";
import type { ChainEvent, ChainFact, Directory } from "../../chain/index.ts";
import { wireTerms } from "../../net/index.ts";
import { paymentsOf } from "./payments.ts";
import type { History } from "./schema.ts";

type Of<T extends ChainFact["type"]> = Extract<ChainEvent, { type: T }>;

/**
 * What a job's events say, sorted by what they are about. The same events always give the same
 * history: a receipt holds one, and its verifier makes another from the chain and compares.
 * @throws {InfernetError} `job_not_found`, `job_state` when the job has not closed
 */
export function historyOf(events: readonly ChainEvent[], nodeOf: Directory["nodeOf"]): History {
  const all = <T extends ChainFact["type"]>(type: T) => events.filter((event): event is Of<T> => event.type === type);
  const [opened] = all("job-opened");
  const [closed] = all("job-closed");
  if (opened === undefined) throw new InfernetError("job_not_found", "there is no opening among the events");
  if (closed === undefined) throw new InfernetError("job_state", `the job ${opened.job} has not closed yet`);
  const pool = opened.terms.pool;
  const takeovers = all("aggregator-replaced").map(({ at, stalled, aggregator }) => ({ at, stalled, aggregator }));
  const node = (member: number) => nodeOf(pool, member) ?? null;
  return {
    job: opened.job,
    terms: wireTerms(opened.terms),
    opened: { at: opened.at, deposit: String(opened.deposit) },
    draws: all("batch-drawn").map(({ at, batch, committee }) => ({ at, batch, members: committee, nodes: committee.map(node) })),
    extras: all("extra-opened").map(({ at, batch, kind, shard, item }) => ({ at, batch, kind, shard, item })),
    commits: all("committed").map(({ at, batch, position, commitment }) => ({ at, batch, position, commitment })),
    declines: all("declined").map(({ at, batch, position, reason }) => ({ at, batch, position, reason })),
    reveals: all("revealed").map(({ at, batch, position, roots, dataDigest }) => ({ at, batch, position, roots, dataDigest })),
    settlements: all("batch-settled").map(({ at, batch, agreedMask, roots }) => ({ at, batch, agreedMask, roots })),
    shards: all("shard-changed").map(({ at, shard, status, conflicting, root }) => ({ at, shard, status, conflicting, root })),
    conflicts: all("conflict-opened").map(({ at, shard, panel, item, prover }) => ({ at, shard, panel, item, prover })),
    verdicts: events.flatMap((event): History["verdicts"] => {
      if (event.type === "verdict-reached") return [{ at: event.at, shard: event.shard, panel: event.panel, verdict: event.verdict, convictedMask: event.convictedMask }];
      if (event.type === "panel-tied") return [{ at: event.at, shard: event.shard, panel: event.panel, verdict: null, convictedMask: 0 }];
      return [];
    }),
    faults: all("fault-found").map(({ at, batch, position, fault }) => ({ at, batch, position, fault })),
    slashes: events.flatMap((event): History["slashes"] => {
      if (event.type === "slash-proposed") return [{ at: event.at, slash: String(event.slash), node: event.node, fault: event.fault, amount: String(event.amount) }];
      if (event.type === "fault-penalised") return [{ at: event.at, slash: null, node: event.node, fault: event.fault, amount: String(event.amount) }];
      return [];
    }),
    takeovers,
    payments: paymentsOf(events, nodeOf).map(({ event, node: payee, amount, reason, number }) => ({ at: event.at, node: payee ?? null, amount: String(amount), reason, number })),
    closed: { at: closed.at, outcome: closed.outcome, aggregator: takeovers.at(-1)?.aggregator ?? opened.terms.aggregator, aggregatorFee: String(closed.aggregatorFee), protocolFee: String(closed.protocolFee), refund: String(closed.refund) },
  };
}
