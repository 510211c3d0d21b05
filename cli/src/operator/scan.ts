import type { Hex32 } from "@infernet/sdk/core";
import { Directory, JobBook, type Account, type ChainPort, type JobView, type NodeEntry } from "@infernet/sdk/chain";

/** What the chain's history says about one node. */
export interface NodeHistory {
  readonly node: NodeEntry;
  readonly directory: Directory;
  /** Pools that it has ever joined. */
  readonly pools: readonly Hex32[];
  /** Jobs in which it has a seat, or that it aggregates, until nothing of them is left to settle; oldest first. */
  readonly jobs: readonly JobView[];
  /** Tokens that jobs have been paid in. */
  readonly tokens: readonly Account[];
  /** Base units that have been paid out, by token. */
  readonly claimed: ReadonlyMap<Account, bigint>;
}

/**
 * Reads the chain from the deployment to its head, as the daemon does when it starts.
 * @param account - the node's owner or operator
 * @returns null when the account has no node
 */
export async function scanNode(port: ChainPort, account: Account, signal: AbortSignal): Promise<NodeHistory | null> {
  const directory = new Directory();
  const keep = (job: JobView) => job.closed === undefined || [...job.batches.values()].some((batch) => batch.drawnAt !== undefined && batch.settled === undefined);
  const book = new JobBook({ nodeOf: directory.nodeOf, keep });
  const tokens = new Set<Account>();
  const paid: { readonly node: number; readonly token: Account; readonly amount: bigint; readonly height: number }[] = [];
  for await (const step of port.follow(null, { signal })) {
    directory.apply(step);
    book.apply(step);
    const { rollback } = step;
    if (rollback !== undefined) paid.splice(0, paid.length, ...paid.filter(({ height }) => height <= rollback.to));
    for (const event of step.events) {
      if (event.type === "job-opened") tokens.add(event.terms.token);
      if (event.type === "claimed") paid.push({ node: event.node, token: event.token, amount: event.amount, height: event.at.height });
    }
    if (step.live) break;
  }
  const node = directory.nodeOfAccount(account);
  if (node === undefined) return null;
  const claimed = new Map<Account, bigint>();
  for (const { token, amount } of paid.filter((one) => one.node === node.node)) claimed.set(token, (claimed.get(token) ?? 0n) + amount);
  const pools = directory.pools().filter((pool) => directory.memberOf(pool, node.node) !== undefined);
  const jobs = [...book.values()].filter((job) => keep(job) && (job.aggregator === node.node || seatCount(job, node.node, directory) > 0));
  return { node, directory, pools, jobs, tokens: [...tokens], claimed };
}

/** Places of a node in the committees of a job. */
export function seatCount(job: JobView, node: number, { nodeOf }: Directory): number {
  return [...job.batches.values()].flatMap(({ seats }) => seats).filter(({ member }) => nodeOf(job.terms.pool, member) === node).length;
}
