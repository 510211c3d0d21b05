import * as dagCbor from "@ipld/dag-cbor";
import { z } from "zod";
import { sha256, type Digest } from "./digest.ts";
import { defineDocument } from "./document.ts";
import { hex32Schema, integer } from "./schemas.ts";

const name = z.string().min(1).max(120);
const seconds = integer(0, 2 ** 40 - 1);
const count = integer(0, 2 ** 32 - 1);
const account = z.string().min(1).max(64).regex(/^[0-9A-Za-z]+$/, "must be an account");
const positive = z.number().positive().max(1e12);

const gpuSchema = z.strictObject({
  model: name,
  /** Cards of this kind. */
  count: integer(1, 1024),
  vramMiB: count,
  /** Absent where the table of architectures does not know the chip. */
  cudaCores: count.optional(),
  /** Of its memory, in GB a second. */
  bandwidthGBs: positive.optional(),
  driver: name.optional(),
});

/** What a host is made of, as its operator's software detected it. Nothing of it is proved. */
export const hardwareSchema = z.strictObject({
  cpu: z.strictObject({ model: name, cores: integer(1, 65_536) }),
  memoryMiB: count,
  /** Of the fastest network interface that is up. */
  linkMbps: count.optional(),
  gpus: z.array(gpuSchema).max(8),
});
export type Hardware = z.infer<typeof hardwareSchema>;

/** What a run of a vetted module over known inputs took on the host. */
export const benchmarkSchema = z.strictObject({
  workload: name,
  module: hex32Schema,
  itemsPerSecond: positive,
  /** Processor time of one item in the executor, seconds. */
  cpuSecondsPerItem: z.number().min(0).max(1e6),
  /** Executions at a time. */
  concurrency: integer(1, 65_536),
  measuredAt: seconds,
});
export type Benchmark = z.infer<typeof benchmarkSchema>;

/** Longest life of an announcement, seconds. */
export const MAX_ANNOUNCEMENT_LIFE = 3600;

/** Schema of what a node announces of itself. Unknown keys are refused. */
export const announcementSchema = z
  .strictObject({
    version: z.literal(1),
    /** Kind and id of the chain, for instance `evm:1`, and the contract that holds jobs. */
    chain: z.string().max(80).regex(/^[a-z]+:[0-9A-Za-z]+$/, "must be kind:id"),
    jobs: account,
    node: integer(1, 2 ** 32 - 1),
    /** Grows with each announcement of the node: an older one never replaces a newer. */
    sequence: integer(1, Number.MAX_SAFE_INTEGER),
    issuedAt: seconds,
    expiresAt: seconds,
    role: z.enum(["provider", "aggregator", "both"]),
    peerId: z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{20,80}$/, "must be a base58 peer id"),
    multiaddrs: z.array(z.string().max(256).regex(/^\/[\x21-\x7e]+$/, "must be a multiaddr")).max(8),
    status: z.enum(["available", "busy", "draining"]),
    /** Seats at work, and how many may be at a time. */
    load: z.strictObject({ busy: count, seats: count }),
    executors: z.array(name).max(8),
    pools: z.array(hex32Schema).max(8),
    /** sha256 of the model files on disk. */
    models: z.array(hex32Schema).max(16),
    price: z.strictObject({
      /** Least that a compute unit must earn, in base units of the job's token. */
      minUnitReward: z.string().regex(/^(?:0|[1-9][0-9]{0,38})$/, "must be a decimal integer").optional(),
      /** What an aggregator asks of a job's price. */
      feeBps: integer(0, 10_000).optional(),
    }),
    hardware: hardwareSchema,
    benchmarks: z.array(benchmarkSchema).max(4),
  })
  .refine(({ issuedAt, expiresAt }) => expiresAt > issuedAt && expiresAt - issuedAt <= MAX_ANNOUNCEMENT_LIFE, { path: ["expiresAt"], message: `must be at most ${MAX_ANNOUNCEMENT_LIFE} s after issuedAt` });

/** What a node says of itself. Identity and stake are held against the chain; the rest is its word. */
export type Announcement = z.infer<typeof announcementSchema>;

const signedSchema = z.strictObject({
  announcement: announcementSchema,
  /** Of the node's operator, over {@link announcementDigest}; on the EVM an EIP-712 signature. */
  signature: z.string().max(256),
});

export type SignedAnnouncement = z.infer<typeof signedSchema>;

/** DAG-CBOR codec of a signed announcement: what travels. */
export const announcementDocument = defineDocument(signedSchema, { name: "announcement", code: "invalid_document", maxBytes: 4096 });

/** What the operator signs of an announcement: sha2-256 of its DAG-CBOR. */
export function announcementDigest(announcement: Announcement): Digest {
  return sha256(dagCbor.encode(announcementSchema.parse(announcement)));
}

/** JSON Schema of a signed announcement, for other implementations. */
export function announcementJsonSchema(): Record<string, unknown> {
  return { title: "Infernet signed announcement", description: "Travels as DAG-CBOR, at most 4096 bytes.", ...z.toJSONSchema(signedSchema, { io: "input" }) };
}
