import type { InputFormat } from "@infernet/sdk/core";

/** Workloads that the demo knows. */
export type WorkloadName = "minilm" | "digits";

/** What the demo does. */
export interface DemoOptions {
  readonly workload: WorkloadName;
  /** The user's own items; otherwise descriptions of installed packages, or handwritten digits. */
  readonly input?: string;
  readonly items: number;
  readonly providers: number;
  readonly liars: number;
  readonly silent: number;
  readonly replicas: number;
  readonly shardSize: number;
  readonly output?: string;
  readonly report?: string;
  /** Where chain, nodes and logs live. */
  readonly directory: string;
  /** Whether the network goes on until Ctrl-C. */
  readonly keep: boolean;
}

/** The items of the job, as a file. */
export interface DemoInput {
  readonly file: string;
  readonly format: InputFormat;
  readonly items: number;
  /** What the items are, for people. */
  readonly description: string;
  /** Ids of the lines that nearest neighbours are shown for. */
  readonly queries: readonly string[];
  /** What to call lines whose id says nothing, by id. */
  readonly labels: ReadonlyMap<string, string>;
}
