import { isInfernetError } from "../../core/index.ts";
import { RpcRefusal } from "./endpoint.ts";
import type { Rpc } from "./rpc.ts";

/**
 * What nodes say to a transaction: `unfunded`, the account cannot pay for it; `underpriced`, it pays too little to be
 * kept or mined; `overpriced`, it may cost more than an endpoint lets anybody spend; `refused`, anything else.
 */
export type SendAnswer = "taken" | "unfunded" | "underpriced" | "overpriced" | "refused";

export interface SendOutcome {
  readonly answer: SendAnswer;
  /** Why it was refused. */
  readonly refusal?: RpcRefusal;
}

const KNOWN = /already known|already ?imported|known transaction|already exists|already in mempool|nonce too low|nonce is too low|already been used/i;
/** In the words of geth, Erigon, Reth, Besu, Nethermind and anvil; the first that fits counts. */
const REASONS: readonly (readonly [SendAnswer, RegExp])[] = [
  ["unfunded", /insufficient ?funds|insufficient balance|enough funds|exceeds account balance|cause overdraft|insufficient \w+ for sender balance/i],
  ["overpriced", /exceeds the configured cap|(?:transaction|tx) fee cap|feecap exceeded/i],
  ["underpriced", /underpriced|fee too low|less than block base fee|fee cap less than|fee ?cap ?too ?low|gas price below/i],
];
/** The milder ones first: where endpoints differ, what can be mended counts. */
const MILDEST: readonly SendAnswer[] = ["taken", "unfunded", "underpriced", "overpriced", "refused"];

/**
 * Sends a signed transaction to every endpoint: what one of them takes is taken, whatever the others say.
 * What was sent before can be sent again: nodes know a transaction by its hash.
 * @throws {InfernetError} `chain_unreachable` and its like when no endpoint answers: it may or may not have arrived
 */
export async function sendRaw(rpc: Rpc, raw: string): Promise<SendOutcome> {
  const outcomes = rpc.askEach("eth_sendRawTransaction", [raw]).map(outcomeOf);
  const settled = Promise.allSettled(outcomes);
  const taken = outcomes.map(async (asked) => {
    const outcome = await asked;
    if (outcome.answer !== "taken") throw outcome.refusal;
    return outcome;
  });
  return Promise.any(taken).catch(async () => {
    const answers = await settled;
    const said = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : [])).sort((a, b) => MILDEST.indexOf(a.answer) - MILDEST.indexOf(b.answer));
    if (said.length > 0) return said[0]!;
    const failures = answers.map((answer) => (answer as PromiseRejectedResult).reason as unknown);
    // What passes counts more than what does not: an endpoint that is only down may come back.
    throw failures.find((error) => isInfernetError(error) && error.retryable) ?? failures[0];
  });
}

async function outcomeOf(asked: Promise<unknown>): Promise<SendOutcome> {
  try {
    await asked;
    return { answer: "taken" };
  } catch (error) {
    if (!(error instanceof RpcRefusal)) throw error;
    if (KNOWN.test(error.message)) return { answer: "taken" };
    const [answer] = REASONS.find(([, words]) => words.test(error.message)) ?? (["refused"] as const);
    return { answer, refusal: error };
  }
}
