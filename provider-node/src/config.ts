import { z } from "zod";
import { hex32Schema, integer } from "@infernet/sdk/core";
import { networkSettings } from "@infernet/sdk/net/settings";
import { endpointsSchema, monitorSettings } from "@infernet/sdk/node";
import { isGpuName } from "./executor/container/gpus.ts";
import { isServerUrl } from "./executor/openai/url.ts";

const baseUnits = z.union([z.string().regex(/^\d{1,39}$/, "must be a whole number"), z.number().int().min(0), z.bigint().min(0n)]).transform(BigInt);

/** Settings of a provider. Times in seconds, memory in pages of 64 KiB, money in base units. */
export const providerConfigSchema = z.strictObject({
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
  pool: hex32Schema,
  /** Installed model files, found by their sha256. */
  modelsDir: z.string().min(1),
  /** Digests of modules that treat every item as if it stood alone; only these run whole shards in one go. */
  vettedModules: z.array(hex32Schema).default([]),
  /** Whether other modules run at all, item by item. */
  unvetted: z.boolean().default(true),
  /** Kinds of programs that this node runs; jobs of others are declined. */
  executors: z.array(z.enum(["wasm", "container", "openai"])).min(1).default(["wasm"]),
  /** Containers: `podman`, `docker` or the path of either; default: the first that enforces every limit. */
  containerRuntime: z.string().min(1).optional(),
  /** Containers: CPUs of each. */
  containerCpus: z.number().min(0.1).max(1024).default(1),
  /** Containers: GPUs that programs may be given, by CDI name (nvidia.com/gpu=0), or nvidia:0 for docker's nvidia runtime. */
  containerGpus: z.array(z.string().refine(isGpuName, "must be a CDI name such as nvidia.com/gpu=0, or nvidia: and an index or UUID")).max(64).default([]),
  /** Containers: most processes and threads of one, and most bytes of its /tmp. */
  maxProcesses: integer(32, 4096).default(256),
  maxScratchBytes: integer(65536, 2 ** 36).default(2 ** 30),
  /** Containers: most bytes of all images together, unpacked; those unused for longest go. */
  imageCacheBytes: integer(1, 2 ** 44).default(20 * 2 ** 30),
  /** Served models: base URL of an OpenAI-compatible server of the operator's own, ending with /v1. */
  openaiUrl: z.string().refine(isServerUrl, "must be http(s)://host[:port]/v1, without a user, a query or a fragment").optional(),
  /** Served models: which of the server's to offer, by the names under which it lists them. */
  openaiModels: z.array(z.string().min(1).max(200)).max(64).default([]),
  /** Served models: file with the server's API key, readable for its owner alone. */
  openaiKeyFile: z.string().min(1).optional(),
  /** Served models: requests at a time. */
  openaiConcurrency: integer(1, 1024).default(1),
  /** Processes that execute modules, and containers, of each at a time. */
  concurrency: integer(1, 1024).optional(),
  /** Seats at work at a time. */
  seats: integer(1, 1024).default(8),
  maxMemoryPages: integer(1, 2 ** 24).default(16384),
  maxShardSeconds: integer(1, 86400).default(3600),
  /** Least that a compute unit must earn. */
  minUnitReward: baseUnits.default(0n),
  maxModuleBytes: integer(1, 2 ** 30).default(64 << 20),
  /** Most bytes of a container's image archive. */
  maxImageBytes: integer(1, 2 ** 30).default(512 << 20),
  maxShardBytes: integer(1, 2 ** 30).default(64 << 20),
  requireNetworkFence: z.boolean().default(false),
  fetchTimeoutSeconds: z.number().positive().max(3600).default(30),
  blockSeconds: z.number().positive().max(60).default(2),
  /** A transaction that would arrive later than this before the end of its window is not sent. */
  sendMarginSeconds: integer(0, 600).default(4),
  /** So long before that, work that is not finished is declined. */
  declineMarginSeconds: integer(0, 600).default(12),
  /** How long results are served after their job has closed. */
  retentionHours: z.number().min(0).max(87600).default(168),
  /** Hours between two syncs of the own weight with the score that work has earned; 0 = never. */
  syncHours: z.number().min(0).max(8760).default(6),
  /** The owner's key (development chains): the process then registers and joins the pool by itself. */
  ownerKeyFile: z.string().optional(),
  stake: baseUnits.default(0n),
  capacity: integer(1, 65535).default(1),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  logFile: z.string().optional(),
  ...monitorSettings,
  /** Development chain only: see faulty.ts. */
  misbehave: z.enum(["lie", "silent"]).optional(),
  /** Liars with one seed tell the same lies. Default: the peer id. */
  misbehaveSeed: z.string().optional(),
});

/** Checked settings of a provider. */
export type ProviderConfig = z.infer<typeof providerConfigSchema>;
/** Settings as people write them: whatever has a default may be left out. */
export type ProviderSettings = z.input<typeof providerConfigSchema>;
