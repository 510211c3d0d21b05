import type { ShardProgress } from "@infernet/sdk/client";

/** What `job run` says at its end. Amounts in base units of the token. */
export interface JobAnswer {
  readonly job: string;
  /** The job, and those in which refunded shards were bought again. */
  readonly jobs: readonly string[];
  readonly items: number;
  readonly shards: readonly ShardProgress[];
  /** Shards whose replicas differed at some time. */
  readonly conflicts: number;
  readonly state: string;
  /** Whether every item has a result. */
  readonly complete: boolean;
  readonly cost: { readonly deposit: bigint; readonly paid: bigint; readonly refunded: bigint; readonly fees: bigint };
  /** From submission to the merged, verified output. */
  readonly seconds: number;
  readonly outputPath: string;
  readonly receiptPath: string;
}
