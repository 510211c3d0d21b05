import { concat, fromHex, joinLines, sha256, type Hex32, type InputIndex, type Manifest } from "../../core/index.ts";
import type { ChainPort, Directory, JobView } from "../../chain/index.ts";
import type { ShardOutcome } from "../collect.ts";
import type { Attempt } from "../record.ts";
import { historyOf } from "./history.ts";
import type { Receipt, ReceiptResult } from "./schema.ts";

/** Items up to which a receipt holds the digest of every result. */
const MAX_INLINE = 20_000;

/** What a receipt is made of. */
export interface ReceiptParts {
  readonly port: Pick<ChainPort, "chain" | "jobsAddress">;
  readonly directory: Pick<Directory, "nodeOf">;
  /** One closed job for each attempt, in order. */
  readonly attempts: readonly Attempt[];
  readonly views: readonly JobView[];
  /** What each of them was about. */
  readonly contents: readonly { readonly manifest: Manifest; readonly inputs: InputIndex }[];
  /** Agreed shards in input order. */
  readonly outcomes: readonly ShardOutcome[];
  readonly items: number;
  readonly output: Uint8Array;
}

/**
 * Writes the receipt of a submission, and the results file that it speaks of.
 * @throws {InfernetError} `job_state` when a job has not closed
 */
export function buildReceipt({ port, directory, attempts, views, contents, outcomes, items, output }: ReceiptParts): { receipt: Receipt; data: Uint8Array } {
  const data = joinLines(outcomes.flatMap(({ lines }) => lines));
  const receipt: Receipt = {
    version: 1,
    kind: "infernet-receipt",
    chain: { ...port.chain },
    contracts: { jobs: port.jobsAddress },
    items,
    output: fileOf(output),
    data: fileOf(data),
    jobs: views.map((view, i) => ({ ...historyOf(view.events, directory.nodeOf), ...contents[i]!, ranges: [...attempts[i]!.shards] })),
    results: outcomes.map((outcome) => resultOf(outcome, items <= MAX_INLINE)),
  };
  return { receipt, data };
}

/** sha2-256 over the joined digests of a shard's results. */
export function leavesDigest(digests: readonly Hex32[]): Hex32 {
  return sha256(concat(digests.map(fromHex)));
}

/** Sum and size of a file. */
export function fileOf(bytes: Uint8Array): { sha256: Hex32; bytes: number } {
  return { sha256: sha256(bytes), bytes: bytes.length };
}

function resultOf({ first, count, job, shard, root, file, digests }: ShardOutcome, inline: boolean): ReceiptResult {
  return { first, count, job, shard, root, file, leaves: leavesDigest(digests), ...(inline && { digests: [...digests] }) };
}
