import type { ChainAction } from "../actions.ts";
import type { Deployment } from "./deployment.ts";
import type { Funding } from "./permit.ts";

/** Tokens that a contract takes from the signer when it does this; null for none. */
export function fundingOf(action: ChainAction, deployment: Pick<Deployment, "jobs" | "staking" | "token">): Funding | null {
  switch (action.type) {
    case "open":
      return action.deposit === 0n ? null : { token: action.terms.token, spender: deployment.jobs, amount: action.deposit };
    case "deposit":
      return { token: action.token, spender: deployment.jobs, amount: action.amount };
    case "stake":
      return { token: deployment.token, spender: deployment.staking, amount: action.amount };
    default:
      return null;
  }
}
