import type { ChainAction } from "../actions.ts";
import type { UnsignedTransaction } from "../operator.ts";
import type { Account } from "../terms.ts";
import type { Deployment } from "./deployment.ts";
import { encodeAction, type Target } from "./encode.ts";
import { fundingOf } from "./funding.ts";
import type { Views } from "./views.ts";

/** What an account that signs elsewhere sends for an action. It signs no permit: an approval goes in front where the contract may not take enough. */
export async function unsignedTransactions(action: ChainAction, from: Account, deployment: Deployment, views: Views): Promise<UnsignedTransaction[]> {
  const funding = fundingOf(action, deployment);
  const approved = funding === null || (await views.allowance(funding.token, from, funding.spender)) >= funding.amount;
  const approval: ChainAction[] = approved ? [] : [{ type: "approve", token: funding.token, spender: funding.spender === deployment.jobs ? "jobs" : "staking", amount: funding.amount }];
  return [...approval, action].map((one) => unsigned(encodeAction(one, deployment), deployment.chainId));
}

function unsigned({ to, data }: Target, chainId: number): UnsignedTransaction {
  return { chainId: String(chainId), to, data, value: 0n };
}
