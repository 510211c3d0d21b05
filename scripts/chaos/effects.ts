import type { TransactionResponse } from "ethers";
import type { DevnetContracts } from "../devnet/chain.ts";

/** What must have no more than one effect, however often its sender was killed. */
const ONCE = new Set(["open", "commit", "reveal", "decline"]);

/** A deed of one account that the chain saw more than once. */
export interface Doubled {
  readonly from: string;
  readonly deed: string;
  readonly transactions: readonly string[];
}

/**
 * Everything that one account has had mined twice for one job, seat or commitment between two blocks, reverted or not:
 * a second transaction costs gas even where the contract refuses it.
 */
export async function doubledDeeds(net: DevnetContracts, from: number, to: number): Promise<Doubled[]> {
  const seen = new Map<string, Doubled & { transactions: string[] }>();
  for (let number = from; number <= to; number++) {
    const block = await net.provider.getBlock(number, true);
    for (const transaction of block?.prefetchedTransactions ?? [])
      for (const deed of deedsOf(net, transaction)) {
        const key = `${transaction.from} ${deed}`;
        const entry = seen.get(key) ?? { from: transaction.from, deed, transactions: [] };
        entry.transactions.push(transaction.hash);
        seen.set(key, entry);
      }
  }
  return [...seen.values()].filter(({ transactions }) => transactions.length > 1);
}

function deedsOf({ jobs }: DevnetContracts, { to, data }: TransactionResponse): string[] {
  return to === jobs.target ? callsOf(data) : [];

  function callsOf(calldata: string): string[] {
    const call = jobs.interface.parseTransaction({ data: calldata });
    if (call?.name === "multicall") return (call.args[0] as string[]).flatMap(callsOf);
    if (call === null || !ONCE.has(call.name)) return [];
    // By place: contract and interface name them differently.
    const [{ client, nonce }, batch, position] = call.args as unknown as [{ client: string; nonce: bigint }, bigint, bigint];
    const seat = call.name === "open" ? "" : ` batch ${batch} position ${position}`;
    return [`${call.name} ${client}/${nonce}${seat}`];
  }
}
