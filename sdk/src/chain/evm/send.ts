import { RpcRefusal, type Rpc } from "./rpc.ts";

/** What a node says to a transaction. */
export interface SendOutcome {
  /** `underpriced`: it pays too little to be kept or mined. */
  readonly answer: "taken" | "underpriced" | "refused";
  /** Why it was refused. */
  readonly refusal?: RpcRefusal;
}

const KNOWN = /already known|already imported|known transaction|already exists|nonce too low|nonce is too low|already been used/i;
const UNDERPRICED = /underpriced|fee too low|less than block base fee|fee cap less than|gas price below/i;

/**
 * Sends a signed transaction. What was sent before can be sent again: nodes know a transaction by its hash.
 * @throws {InfernetError} `chain_unreachable` and its like: it may or may not have arrived
 */
export async function sendRaw(rpc: Rpc, raw: string): Promise<SendOutcome> {
  try {
    await rpc.call("eth_sendRawTransaction", [raw]);
    return { answer: "taken" };
  } catch (error) {
    if (!(error instanceof RpcRefusal)) throw error;
    if (KNOWN.test(error.message)) return { answer: "taken" };
    return UNDERPRICED.test(error.message) ? { answer: "underpriced" } : { answer: "refused", refusal: error };
  }
}
