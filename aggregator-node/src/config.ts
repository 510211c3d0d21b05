import { z } from "zod";
import { hex32Schema, integer } from "@infernet/sdk/core";
import { networkSettings } from "@infernet/sdk/net/settings";
import { endpointsSchema, monitorSettings } from "@infernet/sdk/node";

const baseUnits = z.union([z.bigint().min(0n), z.string().regex(/^\d{1,39}$/, "must be a whole number"), z.number().int().min(0), z.bigint().min(0n)]).transform(BigInt);

/** Settings of an aggregator. Times in seconds, money in base units. */
export const aggregatorConfigSchema = z.strictObject({
  rpcUrl: endpointsSchema,
  /** JSON file with the contracts' addresses. */
  deployment: z.string().min(1),
  /** Operator key: a V3 keystore with its password file, or (development chains) a file with a hex key. */
  keystore: z.string().optional(),
  passwordFile: z.string().optional(),
  keyFile: z.string().optional(),
  /** Journal, content and lock; one process at a time. */
  dataDir: z.string().min(1),
  ...networkSettings,
  /** What it asks of a job's price, in basis points. */
  feeBps: integer(0, 10_000).default(100),
  /** How long its word for a fee holds. */
  quoteSeconds: integer(10, 86_400).default(120),
  /** Pools and tokens whose jobs it takes; empty: all that the chain knows. */
  pools: z.array(hex32Schema).default([]),
  tokens: z.array(z.string().min(1)).default([]),
  maxItems: integer(1, 2 ** 32 - 1).default(1_000_000),
  maxModuleBytes: integer(1, 2 ** 30).default(64 << 20),
  maxShardBytes: integer(1, 2 ** 30).default(64 << 20),
  /** Most bytes of all inputs of one job. */
  maxInputBytes: integer(1, 2 ** 40).default(1 << 30),
  /** Quotes that are worked on at a time; further ones wait. */
  parallelQuotes: integer(1, 256).default(4),
  fetchTimeoutSeconds: z.number().positive().max(3600).default(60),
  /** How long inputs and results are served after a job has closed. */
  keepSeconds: integer(0, 2 ** 31).default(7 * 86_400),
  /** The owner's key (development chains): the process then registers by itself. */
  ownerKeyFile: z.string().optional(),
  stake: baseUnits.default(0n),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  logFile: z.string().optional(),
  ...monitorSettings,
});

/** Checked settings of an aggregator. */
export type AggregatorConfig = z.infer<typeof aggregatorConfigSchema>;
/** Settings as people write them: whatever has a default may be left out. */
export type AggregatorSettings = z.input<typeof aggregatorConfigSchema>;
