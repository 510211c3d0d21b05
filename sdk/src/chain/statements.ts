import type { Hex32 } from "../core/index.ts";
import type { Account } from "./terms.ts";

/** How operators sign what they tell the network, bound to one chain and its contract that holds jobs. */
export interface Statements {
  /** Signs what a node announces, as the port's account. @throws {InfernetError} `invalid_argument` for a port that cannot sign */
  signAnnouncement(content: Hex32): Promise<string>;
  /** Who signed an announcement; null when the signature is none. Asks nobody. */
  announcementSigner(content: Hex32, signature: string): Account | null;
}
