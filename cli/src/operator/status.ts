import type { Hex32 } from "@infernet/sdk/core";
import type { MembershipInfo, NodeInfo, StakeTicket } from "@infernet/sdk/chain";
import type { EvmPort } from "@infernet/sdk/chain/evm";
import { Drain } from "@infernet/sdk/node";
import { findDaemon, type DaemonState } from "./daemon.ts";
import { scanNode, seatCount } from "./scan.ts";
import { operatorAddress, type NodeHome } from "./session.ts";

/** A membership, and what draws see of it now: a change counts from its epoch on, though the contract applies it later. */
export type MembershipStatus = MembershipInfo & { readonly now: { readonly capacity: number; readonly paused: boolean } };

/** Where a node stands. Stake in wei of INFER, coins in wei. */
export interface NodeStatus {
  readonly operator: string;
  readonly coins: bigint;
  readonly daemon: DaemonState;
  readonly draining: boolean;
  /** Whether it takes no new work, and nothing of its old work is left. */
  readonly drained: boolean;
  /** Chain time, seconds. */
  readonly time: number;
  /** Null while no node has this operator. */
  readonly node: NodeInfo | null;
  readonly memberships: readonly MembershipStatus[];
  readonly jobs: readonly { readonly job: Hex32; readonly role: "provider" | "aggregator"; readonly seats: number; readonly deadline: number }[];
  readonly earnings: readonly { readonly symbol: string; readonly decimals: number; readonly claimable: bigint; readonly claimed: bigint }[];
  readonly tickets: readonly StakeTicket[];
}

/** Reads a node's standing from the chain, and what its process on this machine says. */
export async function readStatus({ role, settings }: NodeHome, port: EvmPort, signal: AbortSignal): Promise<NodeStatus> {
  const operator = operatorAddress(settings);
  const [history, coins, daemon, { time }] = await Promise.all([scanNode(port, operator, signal), port.coins(operator), findDaemon(settings), port.head()]);
  const draining = new Drain(settings.dataDir).wanted;
  const nothing = { operator, coins, daemon, draining, time, node: null, memberships: [], jobs: [], earnings: [], tickets: [], drained: false };
  if (history === null) return nothing;
  const { node } = history.node;
  const [info, tickets, memberships, earnings] = await Promise.all([
    port.node(node),
    port.tickets(node),
    Promise.all(history.pools.map((pool) => port.membership(pool, node))),
    Promise.all(
      history.tokens.map(async (token) => {
        const [{ symbol, decimals }, claimable] = await Promise.all([port.token(token), port.earningsOf(token, node)]);
        return { symbol, decimals, claimable, claimed: history.claimed.get(token) ?? 0n };
      }),
    ),
  ]);
  const joined = memberships.filter((membership) => membership !== null).map((membership) => ({ ...membership, now: effective(membership, time) }));
  const jobs = history.jobs.map((job) => ({ job: job.id, role: job.aggregator === node ? ("aggregator" as const) : ("provider" as const), seats: seatCount(job, node, history.directory), deadline: job.terms.deadline }));
  const idle = role.name === "aggregator" ? jobs.length === 0 : joined.every(isIdle);
  return { ...nothing, node: info, tickets, memberships: joined, jobs, earnings, drained: draining && idle };
}

/** See {@link MembershipStatus}. @param time - chain time, seconds */
export function effective({ capacity, paused, next, changesAt }: MembershipInfo, time: number): { readonly capacity: number; readonly paused: boolean } {
  return changesAt !== null && time >= changesAt ? next : { capacity, paused };
}

/** Whether no draw can seat a member any more, and no slot answers for work. */
function isIdle({ now, busy }: MembershipStatus): boolean {
  return (now.paused || now.capacity === 0) && busy === 0;
}
