import type { BaseWallet } from "ethers";
import type { JobTerms, SignedQuote } from "../terms.ts";

/** Admission.QUOTE_TYPEHASH. */
const QUOTE = {
  Quote: [
    { name: "client", type: "address" },
    { name: "nonce", type: "uint64" },
    { name: "manifest", type: "bytes32" },
    { name: "pool", type: "bytes32" },
    { name: "token", type: "address" },
    { name: "shardReward", type: "uint128" },
    { name: "items", type: "uint64" },
    { name: "aggregator", type: "uint32" },
    { name: "feeBps", type: "uint16" },
    { name: "validUntil", type: "uint40" },
  ],
};

/** Signs an aggregator's fee (EIP-712, domain "Infernet" version "1" of the Jobs contract). */
export async function signQuote(signer: BaseWallet, chainId: number, jobs: string, terms: JobTerms, validUntil: number): Promise<SignedQuote> {
  const { client, nonce, manifest, pool, token, shardReward, items, aggregator, aggregatorFeeBps: feeBps } = terms;
  const domain = { name: "Infernet", version: "1", chainId, verifyingContract: jobs };
  const signature = await signer.signTypedData(domain, QUOTE, { client, nonce, manifest, pool, token, shardReward, items, aggregator, feeBps, validUntil });
  return { validUntil, signature };
}
