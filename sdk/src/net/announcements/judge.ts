import { announcementDigest, announcementDocument, isInfernetError, type Announcement } from "../../core/index.ts";
import type { Statements } from "../../chain/index.ts";
import { RateLimit, type Rate } from "./rate.ts";
import type { Standings } from "./standing.ts";
import type { Realm } from "./topic.ts";

/**
 * What becomes of an announcement. `reject`: whoever passed it on did wrong, for nobody who looked could
 * have. `ignore`: it is of no use here, and others may see that otherwise; it is not passed on either.
 */
export type Verdict =
  | { readonly take: "accept"; readonly announcement: Announcement }
  | { readonly take: "ignore" | "reject"; readonly why: Refusal };

/** Why an announcement was not taken. */
export type Refusal =
  | "too-large" | "malformed" | "other-chain" | "bad-signature" | "not-the-operator" | "no-stake"
  | "expired" | "from-the-future" | "replayed" | "peer-too-fast" | "signer-too-fast" | "chain-unknown";

/** Seconds that clocks may differ by. */
export const CLOCK_SKEW = 600;
/** What one neighbour may pass on: it speaks for all whom it knows. */
const PEER_RATE: Rate = { burst: 1000, perSecond: 100 };
/** What one node may say of itself. */
const SIGNER_RATE: Rate = { burst: 6, perSecond: 1 / 10 };

export interface JudgeOptions {
  readonly realm: Realm;
  readonly statements: Pick<Statements, "announcementSigner">;
  readonly standings: Standings;
  /** Sequence of the newest announcement of a node that is known, 0 = none. */
  readonly newest: (node: number) => number;
  /** Milliseconds. */
  readonly now?: () => number;
}

/** Decides about announcements. What costs least is looked at first, and nothing is believed that the chain can tell. */
export class Judge {
  readonly #options: JudgeOptions;
  readonly #now: () => number;
  readonly #peers: RateLimit;
  readonly #signers: RateLimit;

  constructor(options: JudgeOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#peers = new RateLimit(PEER_RATE, this.#now);
    this.#signers = new RateLimit(SIGNER_RATE, this.#now);
  }

  /** @param from - the peer that passed it on */
  async judge(bytes: Uint8Array, from: string): Promise<Verdict> {
    const { realm, statements, standings, newest } = this.#options;
    if (bytes.length > announcementDocument.maxBytes) return reject("too-large");
    if (!this.#peers.take(from)) return ignore("peer-too-fast");
    const signed = decode(bytes);
    if (signed === null) return reject("malformed");
    const { announcement, signature } = signed;
    const { node, sequence } = announcement;
    if (announcement.chain !== realm.chain || announcement.jobs !== realm.jobs) return reject("other-chain");
    // A peer whose clock differs from this one's by as much may have been right to pass it on.
    const time = this.#now() / 1000;
    if (announcement.expiresAt + CLOCK_SKEW < time) return ignore("expired");
    if (announcement.issuedAt - CLOCK_SKEW > time) return ignore("from-the-future");
    if (sequence <= newest(node)) return ignore("replayed");
    const signer = statements.announcementSigner(announcementDigest(announcement), signature);
    if (signer === null) return reject("bad-signature");
    try {
      const { operator, stake } = await standings.of(node);
      if (operator !== signer) return reject("not-the-operator");
      if (stake === 0n) return reject("no-stake");
    } catch (error) {
      // That our endpoint is down is nobody else's fault; but what cannot be checked is not passed on.
      if (isInfernetError(error)) return ignore("chain-unknown");
      throw error;
    }
    if (sequence <= newest(node)) return ignore("replayed");
    // After the signature, or strangers could use a node's allowance up.
    if (!this.#signers.take(String(node))) return ignore("signer-too-fast");
    return { take: "accept", announcement };
  }
}

const reject = (why: Refusal): Verdict => ({ take: "reject", why });
const ignore = (why: Refusal): Verdict => ({ take: "ignore", why });

function decode(bytes: Uint8Array) {
  try {
    return announcementDocument.decode(bytes);
  } catch {
    return null;
  }
}
