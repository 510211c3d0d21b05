import type { BaseWallet } from "ethers";
import type { JobTerms, SignedQuote } from "../terms.ts";
import { jobsDomain } from "./domain.ts";
import { jobIdOf } from "./terms.ts";

/** Admission.QUOTE_TYPEHASH. */
const QUOTE = {
  Quote: [
    { name: "job", type: "bytes32" },
    { name: "validUntil", type: "uint40" },
  ],
};

/**
 * Signs an aggregator's word for a job and the fee in its terms (EIP-712, domain "Infernet" version "1" of the Jobs
 * contract). It names the job by its id, so it is good for these very terms only.
 */
export async function signQuote(signer: BaseWallet, chainId: number, jobs: string, terms: JobTerms, validUntil: number): Promise<SignedQuote> {
  const signature = await signer.signTypedData(jobsDomain(chainId, jobs), QUOTE, { job: jobIdOf(chainId, jobs, terms), validUntil });
  return { validUntil, signature };
}
