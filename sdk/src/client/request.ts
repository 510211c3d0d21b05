import { InfernetError, parseInput, utf8, type Hex32, type InputFormat, type ModuleManifest, type OpenAiManifest, type ParsedInput } from "../core/index.ts";
import type { Account } from "../chain/index.ts";

/** A program that is to be run. */
export interface Workload {
  /** What runs the program; default `wasm`. */
  readonly kind?: ModuleManifest["kind"];
  /** The WebAssembly module, or the image archive of a container (at most 1 GiB). */
  readonly module: Uint8Array;
  /** Model files that the module reads, by sha256; operators install them ahead. */
  readonly model: ModuleManifest["model"];
  /** As the manifest's `limits` of that kind. */
  readonly limits: ModuleManifest["limits"];
  /** Compute units of one item, in the pool's unit; default 1. */
  readonly unitsPerItem?: number;
}

/** A model that is to be asked on the OpenAI-compatible servers of the pool's operators. */
export interface ServedWorkload extends Pick<OpenAiManifest, "kind" | "model" | "endpoint" | "sampling" | "limits"> {
  readonly module?: undefined;
  /** Compute units of one item, in the pool's unit; default 1. */
  readonly unitsPerItem?: number;
}

/** An aggregator that is named: its node id, and where it is if the chain does not say so. */
export interface AggregatorChoice {
  readonly node: number;
  readonly multiaddrs?: readonly string[];
}

/** What a client wants to buy. Times are seconds, amounts base units of the token. */
export interface JobRequest {
  /** A whole file, or its lines. */
  readonly input: Uint8Array | readonly string[];
  readonly format: InputFormat;
  readonly workload: Workload | ServedWorkload;
  readonly pool: Hex32;
  readonly token: Account;
  /** Hard cap of everything that this job may ever take, its worst case and resubmissions included. */
  readonly maxPrice: bigint;
  /** What one replica of one shard earns; default: the pool's price floor and a quarter more. */
  readonly shardReward?: bigint;
  /** k; default 2. */
  readonly replicas?: number;
  /** Items of a shard; default 128. */
  readonly shardSize?: number;
  /** Most members of a committee; default 8. Fewer where the pool is smaller. */
  readonly committeeWidth?: number;
  readonly commitWindow?: number;
  readonly revealWindow?: number;
  readonly challengeWindow?: number;
  /** Chain time after which nothing is drawn any more. */
  readonly deadline?: number;
  /** `auto` (default): whoever the chain knows; null: none, this client serves the inputs itself. */
  readonly aggregator?: "auto" | number | AggregatorChoice | null;
  /** Whether refunded shards are bought again within the price cap; default true. */
  readonly resubmit?: boolean;
  /** Model named in the output where a request names none; default: the name in the workload. */
  readonly modelName?: string;
  /** Ends the waiting, not the job. */
  readonly signal?: AbortSignal;
}

/** Defaults of {@link JobRequest}. */
export const REQUEST_DEFAULTS = { replicas: 2, shardSize: 128, committeeWidth: 8 } as const;

const EMBEDDINGS = "/v1/embeddings";

/** The bytes of an input, whichever way it was handed in. */
export function inputBytes(input: JobRequest["input"]): Uint8Array {
  if (input instanceof Uint8Array) return input;
  const broken = input.findIndex((line) => /[\r\n]/.test(line));
  if (broken >= 0) throw new InfernetError("invalid_input", `line ${broken + 1} holds a line break`, { details: { line: broken + 1 } });
  return utf8(input.map((line) => `${line}\n`).join(""));
}

/**
 * Understands the input of a request. Lines that the workload is not made for are refused, so that nobody pays for
 * answers that say so; those of format `raw` are the caller's own affair.
 * @throws {InfernetError} `invalid_input`, `input_too_large`
 */
export function parseRequestInput({ input, format, workload }: Pick<JobRequest, "input" | "format" | "workload">): { bytes: Uint8Array; parsed: ParsedInput } {
  const bytes = inputBytes(input);
  const parsed = parseInput(bytes, format);
  const endpoint = workload.kind === "openai" ? workload.endpoint : EMBEDDINGS;
  const other = format === "raw" ? undefined : parsed.requests.find(({ encoding }) => (encoding !== null) !== (endpoint === EMBEDDINGS));
  if (other !== undefined) throw new InfernetError("invalid_input", `line ${other.line} is no request for ${endpoint}, which is what the workload answers`, { details: { line: other.line } });
  return { bytes, parsed };
}
