import { InfernetError, resultDigests, resultProof, type Hex32 } from "../core/index.ts";
import type { ConflictOpening } from "./cranks.ts";

/** The result of one replica of a shard, as its file says. */
export interface ReplicaLines {
  readonly replica: number;
  /** Result lines without newline, in item order. */
  readonly lines: readonly Uint8Array[];
  /** The root that the replica showed on chain; lines that do not lead to it are refused. */
  readonly root: Hex32;
}

/**
 * Finds the first item whose results differ between two replicas of a shard and opens both there.
 * @returns null when they do not differ
 * @throws {InfernetError} `invalid_proof` when the lines of a replica are not what it showed on chain
 */
export function openConflict(a: ReplicaLines, b: ReplicaLines): ConflictOpening | null {
  const [first, second] = [digestsOf(a), digestsOf(b)];
  if (first.length !== second.length) throw new InfernetError("invalid_argument", `${first.length} and ${second.length} results cannot be of one shard`);
  const item = first.findIndex((digest, i) => digest !== second[i]);
  if (item < 0) return null;
  const opening = (replica: number, digests: readonly Hex32[]) => ({ replica, resultDigest: digests[item]!, proof: resultProof(digests, item) });
  return { item, a: opening(a.replica, first), b: opening(b.replica, second) };
}

function digestsOf({ replica, lines, root }: ReplicaLines): Hex32[] {
  const shown = resultDigests(lines);
  if (shown.root !== root) throw new InfernetError("invalid_proof", `the lines of replica ${replica} lead to ${shown.root}, it showed ${root}`);
  return shown.digests;
}
