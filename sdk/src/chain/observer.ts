import type { ErrorCode } from "../core/index.ts";
import type { ChainAction } from "./actions.ts";

/** What becomes of a transaction. `replaced`: by a better paid or fresh one of the same nonce; `cancelled`: by a transfer of nothing. */
export type TransactionEvent = "sent" | "replaced" | "cancelled" | "confirmed" | "failed";

/** How a call to an endpoint ended. `refused`: it answered with an error, for instance of a contract. */
export type RpcOutcome = "answered" | "refused" | ErrorCode;

/** Is told what a port does, for instance to count it. Must not throw. */
export interface PortObserver {
  transaction(event: TransactionEvent, action: ChainAction["type"]): void;
  rpc(outcome: RpcOutcome): void;
}

/** Counts nothing. */
export const UNOBSERVED: PortObserver = { transaction() {}, rpc() {} };
