import { z } from "zod";
import { hex32Schema, integer } from "../core/index.ts";
import { defineProtocol } from "./protocol.ts";
import { wireTermsSchema } from "./wire-terms.ts";

const multiaddrsSchema = z.array(z.string().max(256).regex(/^\/[\x21-\x7e]+$/, "must be a multiaddr")).max(16);

/** Shards that a job may have, as the contracts limit it. */
const MAX_SHARDS = 64 * 32;

const quoteRequestSchema = z.strictObject({
  kind: z.literal("quote"),
  /** The terms as the client would open them; the aggregator fills in itself and its fee. */
  terms: wireTermsSchema,
  /** Where manifest, input index, shards and module are served until the aggregator has them. */
  multiaddrs: multiaddrsSchema.min(1),
});

const resultsRequestSchema = z.strictObject({ kind: z.literal("results"), job: hex32Schema });

const quoteResponseSchema = z.strictObject({
  kind: z.literal("quote"),
  aggregator: integer(1, 2 ** 32 - 1),
  aggregatorFeeBps: integer(0, 10_000),
  /** Chain time, seconds. */
  validUntil: integer(0, 2 ** 40 - 1),
  signature: z.string().max(1024),
  /** Where the aggregator serves the content; the job's locators. */
  multiaddrs: multiaddrsSchema.min(1),
});

const resultsResponseSchema = z.strictObject({
  kind: z.literal("results"),
  /** Agreed shards whose result files the aggregator holds, ascending. */
  shards: z.array(z.strictObject({ shard: integer(0, MAX_SHARDS - 1), file: hex32Schema, root: hex32Schema })).max(MAX_SHARDS),
  /** Digest of the results file, the agreed shards' files joined in order; null while shards are open. */
  output: hex32Schema.nullable(),
  multiaddrs: multiaddrsSchema,
});

/** What clients ask of an aggregator: its word for a fee, and the results of a job. */
export const intakeProtocol = defineProtocol({
  name: "/infernet/intake/1",
  request: z.discriminatedUnion("kind", [quoteRequestSchema, resultsRequestSchema]),
  response: z.discriminatedUnion("kind", [quoteResponseSchema, resultsResponseSchema]),
  maxRequestBytes: 16 << 10,
  maxResponseBytes: 1 << 20,
  // A quote is given when all inputs have arrived and been checked.
  timeoutMs: 180_000,
});

export type IntakeRequest = z.output<typeof intakeProtocol.request>;
/** An answer as the aggregator gives it. */
export type IntakeAnswer = z.input<typeof intakeProtocol.response>;
export type QuoteRequest = z.output<typeof quoteRequestSchema>;
export type QuoteAnswer = z.output<typeof quoteResponseSchema>;
export type ResultsAnswer = z.output<typeof resultsResponseSchema>;
