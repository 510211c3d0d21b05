import { InfernetError, type Hex32 } from "@infernet/sdk/core";
import type { MembershipInfo, StakeTicket } from "@infernet/sdk/chain";
import { sleep } from "@infernet/sdk/node";
import { formatAmount, INFER_DECIMALS } from "../commands/options.ts";
import type { Done, OwnerSession } from "./owner.ts";
import { scanNode } from "./scan.ts";

/** What `unbond` is told. */
export interface UnbondOptions {
  readonly node: number;
  /** Wei of INFER; null = everything. */
  readonly amount: bigint | null;
  /** Whether to wait until slots that are given up have set their stake free. */
  readonly wait: boolean;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

export interface Unbonding {
  /** Wei of INFER whose unbonding has begun; 0 while slots hold the stake. */
  readonly amount: bigint;
  /** Slots that were given up, by pool. */
  readonly released: readonly { readonly pool: Hex32; readonly slots: number }[];
  /** Chain time from which the stake of these slots is free, seconds; null when it is. */
  readonly freeAt: number | null;
  readonly tickets: readonly StakeTicket[];
  readonly done: readonly Done[];
}

const POLL_MS = 1000;

/**
 * Begins to take stake out. Slots that hold stake are given up first, as many as needed; their stake is free from the
 * next epoch on, and when their work is final.
 * @throws {InfernetError} `insufficient_stake`, and what the chain refuses
 */
export async function unbond(session: OwnerSession, options: UnbondOptions): Promise<Unbonding> {
  const { port } = session;
  const { node, progress } = options;
  const done: Done[] = [];
  const released: { pool: Hex32; slots: number }[] = [];
  const { stake } = await port.node(node);
  const wanted = options.amount ?? stake.free + stake.earmarked;
  if (wanted === 0n || wanted > stake.free + stake.earmarked)
    throw new InfernetError("insufficient_stake", `${formatAmount(wanted, INFER_DECIMALS)} INFER are not there: ${formatAmount(stake.free, INFER_DECIMALS)} are free and ${formatAmount(stake.earmarked, INFER_DECIMALS)} behind slots`, {
      hint: "Frozen and bonded stake waits for a verdict or the end of a job; unbonding stake is on its way already.",
    });
  let missing = wanted - stake.free;
  const memberships = missing > 0n ? await membershipsOf(session, options) : [];
  for (const membership of memberships) {
    if (missing <= 0n) break;
    const { slotStake } = await port.pool(membership.pool);
    const leaving = Math.max(0, membership.capacity - membership.next.capacity); // given up before, and not free yet
    const slots = Math.max(0, Math.min(membership.next.capacity, Number((missing + slotStake - 1n) / slotStake) - leaving));
    if (slots > 0) {
      progress(`giving up ${slots} of ${membership.next.capacity} slots`);
      done.push(await session.run({ type: "set-capacity", pool: membership.pool, capacity: membership.next.capacity - slots }));
      released.push({ pool: membership.pool, slots });
    }
    missing -= BigInt(leaving + slots) * slotStake;
  }
  if (session.unsigned && released.length > 0) return { amount: 0n, released, freeAt: null, tickets: [], done };
  const freeAt = await freeStake(session, options, wanted, memberships.map(({ pool }) => pool), done);
  if (freeAt !== null) return { amount: 0n, released, freeAt, tickets: [], done };
  done.push(await session.run({ type: "request-unbonding", amount: wanted }));
  return { amount: wanted, released, freeAt: null, tickets: session.unsigned ? [] : await port.tickets(node), done };
}

/** Takes the stake of given-up slots back, now or when it is time. @returns when that will be, if nobody waits for it; null when enough is free */
async function freeStake(session: OwnerSession, { node, wait, signal, progress }: UnbondOptions, wanted: bigint, pools: readonly Hex32[], done: Done[]): Promise<number | null> {
  const { port } = session;
  for (let said = false; ; await sleep(POLL_MS, signal)) {
    if ((await port.node(node)).stake.free >= wanted) return null;
    const { time } = await port.head();
    let freeAt = time;
    for (const pool of pools) {
      const membership = await port.membership(pool, node);
      if (membership === null || membership.changesAt === null) continue;
      const due = time >= membership.changesAt;
      if (!due) freeAt = Math.max(freeAt, membership.changesAt);
      else if (membership.capacity > Math.max(membership.busy, membership.next.capacity)) done.push(await session.run({ type: "sync-member", pool, member: membership.member }));
    }
    if ((await port.node(node)).stake.free >= wanted) return null;
    if (!wait || session.unsigned) return freeAt;
    if (!said) progress("waiting until the slots are free of work and their epoch is over");
    said = true;
  }
}

async function membershipsOf(session: OwnerSession, { node, signal }: UnbondOptions): Promise<MembershipInfo[]> {
  const history = await scanNode(session.port, session.owner, signal);
  const found = await Promise.all((history?.pools ?? []).map((pool) => session.port.membership(pool, node)));
  return found.filter((membership) => membership !== null);
}
