import { z } from "zod";
import { hex32Schema, InfernetError, integer, programSchema, sha256, utf8, type Hex32 } from "../core/index.ts";
import { amountSchema, wireTermsSchema } from "../net/index.ts";

/** Data that survives JSON. */
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Where a client keeps what it must not forget. The journal of `@infernet/sdk/node` is one. */
export interface ClientJournal {
  value(name: string): Json | undefined;
  setValue(name: string, value: Json): void;
}

/** A journal that lasts as long as the process. */
export class MemoryJournal implements ClientJournal {
  readonly #values = new Map<string, Json>();

  value(name: string): Json | undefined {
    return this.#values.get(name);
  }

  setValue(name: string, value: Json): void {
    this.#values.set(name, value);
  }
}

/** Items of the input, from `first`, that one shard holds. */
const rangeSchema = z.strictObject({ first: integer(0, 2 ** 32), count: integer(1, 2 ** 32) });

const attemptSchema = z.strictObject({
  job: hex32Schema,
  /** Under which the chain adapter knows the transaction that opens it. */
  send: z.string(),
  terms: wireTermsSchema,
  quote: z.strictObject({ validUntil: z.number(), signature: z.string() }).nullable(),
  locators: z.array(z.string()),
  deposit: amountSchema,
  /** What each shard of the job holds of the input. */
  shards: z.array(rangeSchema),
});

const recordSchema = z.strictObject({
  version: z.literal(1),
  key: z.string(),
  /** The input as it was handed in. */
  input: hex32Schema,
  format: z.enum(["txt", "jsonl", "raw"]),
  modelName: z.string(),
  maxPrice: amountSchema,
  resubmit: z.boolean(),
  /** Records of old do not name a kind. */
  workload: z.preprocess((value) => (typeof value === "object" ? { kind: "wasm", ...value } : value), programSchema),
  aggregator: z.union([z.literal("auto"), z.number(), z.strictObject({ node: z.number(), multiaddrs: z.array(z.string()).optional() }), z.null()]),
  cancelled: z.boolean(),
  /** The job, then one more for each time that refunded shards were bought again. */
  attempts: z.array(attemptSchema),
});

/** Items of one shard, in terms of the input. */
export type ShardRange = z.output<typeof rangeSchema>;
/** One job on chain. */
export type Attempt = z.output<typeof attemptSchema>;
/** What a client remembers of a submission, so that it goes on after a crash. */
export type JobRecord = z.output<typeof recordSchema>;

/** The record under a caller's key. */
export function readRecord(journal: ClientJournal, key: string): JobRecord | undefined {
  const value = journal.value(recordName(key));
  if (value === undefined) return undefined;
  const result = recordSchema.safeParse(value);
  if (!result.success) throw new InfernetError("journal_corrupt", `the record of ${key} cannot be read: ${result.error.issues[0]!.message}`);
  return result.data;
}

/** Writes a record down, and under which key each of its jobs stands. */
export function writeRecord(journal: ClientJournal, record: JobRecord): void {
  for (const { job } of record.attempts) journal.setValue(jobName(job), record.key);
  journal.setValue(recordName(record.key), toJson(record));
}

/** The key under which a job was submitted. */
export function keyOfJob(journal: ClientJournal, job: Hex32): string | undefined {
  const key = journal.value(jobName(job));
  return typeof key === "string" ? key : undefined;
}

/** A nonce of 64 bits that is the same whenever the same attempt is made again. */
export function nonceOf(client: string, key: string, attempt: number, retry: number): bigint {
  return BigInt(sha256(utf8(`infernet/nonce/${client}/${key}/${attempt}/${retry}`)).slice(0, 18));
}

/** Ranges of the shards of a whole input. */
export function wholeRanges(items: number, itemsPerShard: number): ShardRange[] {
  return Array.from({ length: Math.ceil(items / itemsPerShard) }, (_, shard) => ({
    first: shard * itemsPerShard,
    count: Math.min(itemsPerShard, items - shard * itemsPerShard),
  }));
}

function toJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? String(inner) : inner))) as Json;
}

function recordName(key: string): string {
  return `client:record:${key}`;
}

function jobName(job: Hex32): string {
  return `client:job:${job}`;
}
