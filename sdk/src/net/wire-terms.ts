import { z } from "zod";
import { hex32Schema, integer } from "../core/index.ts";

const MAX_UINT128 = (1n << 128n) - 1n;

/** A non-negative integer as decimal text: JSON and CBOR have no numbers of 128 bits. */
export const amountSchema = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,38})$/, "must be a decimal integer")
  .transform((text, context) => {
    const value = BigInt(text);
    if (value <= MAX_UINT128) return value;
    context.addIssue({ code: "custom", message: "must fit 128 bits" });
    return z.NEVER;
  });

const accountSchema = z.string().min(1).max(64).regex(/^[0-9A-Za-z]+$/, "must be an account");
const seconds = integer(0, 2 ** 40 - 1);

/** Schema of job terms as they travel between nodes and stand in receipts; amounts are decimal text. */
export const wireTermsSchema = z.strictObject({
  client: accountSchema,
  nonce: amountSchema,
  parameters: integer(1, 2 ** 32 - 1),
  manifest: hex32Schema,
  pool: hex32Schema,
  token: accountSchema,
  shardReward: amountSchema,
  items: integer(1, Number.MAX_SAFE_INTEGER),
  itemsPerShard: integer(1, 2 ** 32 - 1),
  unitsPerShard: amountSchema,
  replicas: integer(1, 8),
  committeeWidth: integer(1, 8),
  aggregator: integer(0, 2 ** 32 - 1),
  aggregatorFeeBps: integer(0, 10_000),
  commitWindow: seconds,
  revealWindow: seconds,
  challengeWindow: seconds,
  deadline: seconds,
});

/** Terms of a job, as data; the same shape as the chain's own. */
export type WireTerms = z.output<typeof wireTermsSchema>;
/** Terms in the form that JSON and CBOR hold. */
export type WireTermsText = z.input<typeof wireTermsSchema>;

/** Terms as they travel. */
export function wireTerms(terms: Readonly<WireTerms>): WireTermsText {
  return { ...terms, nonce: String(terms.nonce), shardReward: String(terms.shardReward), unitsPerShard: String(terms.unitsPerShard) };
}
