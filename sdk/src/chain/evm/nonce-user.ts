import { isInfernetError } from "../../core/index.ts";
import type { Pending } from "./pending.ts";
import type { Reader } from "./reader.ts";
import type { PortLogger } from "./wait.ts";

/**
 * The transaction that has used a nonce, searched for in the blocks up to a height; null when it is not found there.
 * @throws {InfernetError} `chain_unreachable` also when the node has forgotten the state of the blocks in question
 */
export async function userOfNonce(reader: Reader, account: string, nonce: number, height: number): Promise<string | null> {
  const isUsed = async (at: number) => (await reader.nonce(account, at)) > nonce;
  let used = height;
  let unused = height;
  for (let back = 1; ; back *= 2) {
    unused = Math.max(0, height - back);
    if (!(await isUsed(unused))) break;
    if (unused === 0) return null;
    used = unused;
  }
  while (used - unused > 1) {
    const middle = Math.floor((used + unused) / 2);
    if (await isUsed(middle)) used = middle;
    else unused = middle;
  }
  const senders = await reader.senders(used);
  return senders?.find((sent) => sent.nonce === nonce && sent.from.toLowerCase() === account.toLowerCase())?.hash ?? null;
}

/**
 * Whether a transaction that is none of these has used their nonce. An endpoint that says so and does not find ours
 * may be one whose parts do not know the same blocks: signing again on its word alone could do everything twice.
 */
export async function isUsedByForeign(reader: Reader, account: string, { key, nonce, transactions }: Pick<Pending, "key" | "nonce" | "transactions">, height: number, log: PortLogger): Promise<boolean> {
  try {
    const user = await userOfNonce(reader, account, nonce, height);
    if (user !== null) return !transactions.some(({ hash }) => hash === user);
  } catch (error) {
    if (!isInfernetError(error, "chain_unreachable")) throw error;
    log.warn({ key, nonce, err: error }, "cannot see what has used the nonce");
  }
  for (const { hash } of transactions) if (!(await reader.unknownToAll(hash))) return false;
  return true;
}
