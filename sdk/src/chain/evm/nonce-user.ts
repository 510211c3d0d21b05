import type { Reader } from "./reader.ts";

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
