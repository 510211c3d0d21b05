import type { Account, StakeTicket } from "@infernet/sdk/chain";
import type { Done, OwnerSession } from "./owner.ts";
import { scanNode } from "./scan.ts";

/** What came out, and what is still on its way. */
export interface Withdrawal {
  readonly tickets: readonly StakeTicket[];
  /** Base units by token. */
  readonly earnings: readonly { readonly token: Account; readonly amount: bigint }[];
  readonly waiting: readonly StakeTicket[];
  readonly done: readonly Done[];
}

/** Pays out stake whose unbonding is over, to the owner, and earnings that nobody has claimed, to the payout account. */
export async function withdraw(session: OwnerSession, node: number, signal: AbortSignal): Promise<Withdrawal> {
  const { port, owner } = session;
  const [{ time }, open, history] = await Promise.all([port.head(), port.tickets(node), scanNode(port, owner, signal)]);
  const tickets = open.filter(({ readyAt }) => readyAt <= time);
  const done: Done[] = [];
  for (const { ticket } of tickets) done.push(await session.run({ type: "withdraw-stake", ticket }));
  const earnings: { token: Account; amount: bigint }[] = [];
  for (const token of history?.tokens ?? []) {
    const amount = await port.earningsOf(token, node);
    if (amount === 0n) continue;
    done.push(await session.run({ type: "claim", token, nodes: [node] }));
    earnings.push({ token, amount });
  }
  return { tickets, earnings, waiting: open.filter(({ readyAt }) => readyAt > time), done };
}
