import { verifyTypedData, type BaseWallet } from "ethers";
import type { Hex32 } from "../../core/index.ts";
import type { Account } from "../terms.ts";
import { jobsDomain } from "./domain.ts";

/** No contract knows this type: a signed announcement is good for nothing else. */
const ANNOUNCEMENT = { Announcement: [{ name: "content", type: "bytes32" }] };

/** Signs an announcement (EIP-712, the domain of the Jobs contract). */
export async function signAnnouncement(signer: BaseWallet, chainId: number, jobs: string, content: Hex32): Promise<string> {
  return signer.signTypedData(jobsDomain(chainId, jobs), ANNOUNCEMENT, { content });
}

/** Who signed an announcement; null when the signature has not the form of one. */
export function announcementSigner(chainId: number, jobs: string, content: Hex32, signature: string): Account | null {
  try {
    return verifyTypedData(jobsDomain(chainId, jobs), ANNOUNCEMENT, { content }, signature);
  } catch {
    return null;
  }
}
