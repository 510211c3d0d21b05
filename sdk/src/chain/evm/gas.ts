/** EIP-7825: no transaction may use more. */
const MOST_OF_A_TRANSACTION = 1n << 24n;

/**
 * Gas limit with room for what others do before it is mined and what makes it dearer: it may turn out to be the one that closes the job.
 * @param estimate - gas that it would take now
 * @param ofBlock - gas limit of a block, where the node tells it: nodes refuse what does not fit into one
 */
export function roomyGas(estimate: bigint, ofBlock: bigint | null | undefined): bigint {
  const roomy = (estimate * 13n) / 10n + 150_000n;
  return ofBlock === null || ofBlock === undefined || roomy <= ofBlock ? roomy : larger(estimate, ofBlock);
}

/** Gas limit for what was refused with more room: within the limit of a transaction, if it fits at all. */
export function tightGas(estimate: bigint, ofBlock: bigint | null | undefined): bigint {
  const roomy = roomyGas(estimate, ofBlock);
  return roomy <= MOST_OF_A_TRANSACTION ? roomy : larger(estimate, MOST_OF_A_TRANSACTION);
}

const larger = (a: bigint, b: bigint) => (a > b ? a : b);
