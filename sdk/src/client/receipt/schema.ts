import { z } from "zod";
import { hex32Schema, inputIndexSchema, integer, manifestSchema } from "../../core/index.ts";
import { wireTermsSchema } from "../../net/index.ts";

const amount = z.string().regex(/^(?:0|[1-9][0-9]{0,77})$/, "must be a decimal integer").describe("Base units, decimal");
const account = z.string().min(1).max(64);
const small = integer(0, 2 ** 32 - 1);
const node = small.nullable().describe("Node id; null where it was not known");

const placeSchema = z
  .strictObject({
    height: integer(0, Number.MAX_SAFE_INTEGER),
    time: integer(0, Number.MAX_SAFE_INTEGER).describe("Chain time, seconds"),
    transaction: z.string().max(128),
    index: small.describe("Index of the log in its block"),
  })
  .describe("Where a fact stands in the chain");

const fault = z.enum(["declined", "missed", "silent", "wrong"]);
const range = z.strictObject({ first: small, count: integer(1, 2 ** 32 - 1) });

/** What the chain has said about one job, in order. */
export const historySchema = z.strictObject({
  job: hex32Schema,
  terms: wireTermsSchema.describe("What the client bought; the job's id is their hash"),
  opened: z.strictObject({ at: placeSchema, deposit: amount }),
  draws: z.array(z.strictObject({ at: placeSchema, batch: small, members: z.array(small).max(8).describe("Pool member indexes by position"), nodes: z.array(node).max(8) })),
  extras: z.array(z.strictObject({ at: placeSchema, batch: small, kind: z.enum(["replacement", "item-panel", "shard-panel"]), shard: small, item: small })),
  commits: z.array(z.strictObject({ at: placeSchema, batch: small, position: small, commitment: hex32Schema })),
  declines: z.array(z.strictObject({ at: placeSchema, batch: small, position: small, reason: small })),
  reveals: z.array(z.strictObject({ at: placeSchema, batch: small, position: small, roots: z.array(hex32Schema).max(32), dataDigest: hex32Schema })),
  settlements: z.array(z.strictObject({ at: placeSchema, batch: small, agreedMask: small, roots: z.array(hex32Schema).max(32) })),
  shards: z.array(z.strictObject({ at: placeSchema, shard: small, status: z.enum(["pending", "agreed", "final", "refunded", "tied"]), conflicting: z.boolean(), root: hex32Schema })).describe("Changes of shards that did not agree at once"),
  conflicts: z.array(z.strictObject({ at: placeSchema, shard: small, panel: small, item: small, prover: account })),
  verdicts: z.array(z.strictObject({ at: placeSchema, shard: small, panel: small, verdict: hex32Schema.nullable().describe("null: the panel could not decide"), convictedMask: small })),
  faults: z.array(z.strictObject({ at: placeSchema, batch: small, position: small, fault })),
  slashes: z.array(z.strictObject({ at: placeSchema, slash: amount.nullable().describe("null: a penalty that was taken at once"), node: small, fault, amount })).describe("Wei of INFER"),
  takeovers: z.array(z.strictObject({ at: placeSchema, stalled: small, aggregator: small })).describe("Node ids: each time that a stalled aggregator lost the job to another"),
  payments: z.array(z.strictObject({ at: placeSchema, node, amount, reason: z.enum(["batch", "shard", "panel"]), number: small })).describe("What providers were paid, reckoned from the events"),
  closed: z.strictObject({ at: placeSchema, outcome: z.enum(["completed", "partial", "refunded", "cancelled"]), aggregator: small.describe("Node that the aggregator's fee went to; 0: the job had none"), aggregatorFee: amount, protocolFee: amount, refund: amount }),
});

/** What one job's events say. */
export type History = z.input<typeof historySchema>;
/** Where a fact stands. */
export type Place = z.input<typeof placeSchema>;

const jobSchema = historySchema.extend({
  manifest: manifestSchema.describe("The document whose digest stands in the terms"),
  inputs: inputIndexSchema.describe("The document that the manifest names: the input, shard by shard"),
  ranges: z.array(range).describe("What each shard of the job holds of the input"),
});

const resultSchema = z.strictObject({
  ...range.shape,
  job: hex32Schema,
  shard: small.describe("Number of the shard in that job"),
  root: hex32Schema.describe("Root of the result tree"),
  file: hex32Schema.describe("Digest of the result file"),
  leaves: hex32Schema.describe("sha2-256 over the joined digests of the shard's results, in item order"),
  digests: z.array(hex32Schema).optional().describe("Digest of each result line; left out of receipts of very many items"),
});

const fileSchema = z.strictObject({ sha256: hex32Schema, bytes: integer(0, Number.MAX_SAFE_INTEGER) });

/** Schema of a receipt: everything that is needed to check a job, with the chain and the data. */
export const receiptSchema = z
  .strictObject({
    version: z.literal(1),
    kind: z.literal("infernet-receipt"),
    chain: z.strictObject({ kind: z.enum(["evm", "solana"]), id: z.string().min(1).max(64) }),
    contracts: z.strictObject({ jobs: account }),
    items: integer(1, 2 ** 32 - 1).describe("Items of the input"),
    output: fileSchema.describe("The OpenAI batch-result file"),
    data: fileSchema.describe("The results file: result lines of all items that have one, in input order"),
    jobs: z.array(jobSchema).min(1).max(64).describe("The job, then one more for each time that refunded shards were bought again"),
    results: z.array(resultSchema).describe("Agreed shards, in input order"),
  })
  .describe("Infernet receipt");

/** A receipt as JSON. */
export type Receipt = z.input<typeof receiptSchema>;
/** One agreed shard in a receipt. */
export type ReceiptResult = z.input<typeof resultSchema>;

/** JSON Schema (2020-12) of the receipt. */
export function receiptJsonSchema(): Record<string, unknown> {
  return { title: "Infernet receipt", ...z.toJSONSchema(receiptSchema, { io: "input" }) };
}
