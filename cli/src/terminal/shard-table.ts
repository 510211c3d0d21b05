import type { ShardProgress, ShardState } from "@infernet/sdk/client";
import { LiveLines } from "./live.ts";
import type { Output } from "./output.ts";
import { columns, hasColour, painter, type Paint } from "./style.ts";

/** What a state means to a person, and its colour. */
const STATES: Readonly<Record<ShardState, readonly [words: string, colour: "dim" | "yellow" | "cyan" | "red" | "green"]>> = {
  waiting: ["waits for its draw", "dim"],
  drawn: ["is computed", "yellow"],
  committed: ["all committed", "yellow"],
  revealed: ["all revealed", "cyan"],
  pending: ["waits for a replacement", "red"],
  conflict: ["results differ: a panel re-executes one item", "red"],
  agreed: ["agreed", "green"],
  final: ["agreed and paid", "green"],
  refunded: ["refunded", "red"],
  tied: ["undecided: everybody paid", "red"],
};

/** Shows the progress of a job's shards: a table that changes on a terminal, a line a change elsewhere. */
export interface ShardView {
  update(shards: readonly ShardProgress[]): void;
  end(): void;
}

/** Most rows of the table; a large job shows how many stand where instead. */
const MAX_ROWS = 40;

/** @param nameOf what to call a node */
export function createShardView(output: Output, nameOf: (node: number) => string): ShardView {
  if (!output.interactive) return lineView(output, nameOf);
  const live = new LiveLines();
  const paint = painter(hasColour(process.stderr));
  return {
    update: (shards) => live.draw(shards.length > MAX_ROWS ? summary(shards, paint) : table(shards, nameOf, paint)),
    end: () => live.end(),
  };
}

function lineView(output: Output, nameOf: (node: number) => string): ShardView {
  const shown = new Map<number, string>();
  return {
    update(shards) {
      for (const shard of shards) {
        const line = columns([row(shard, nameOf, (_, text) => text)])[0]!;
        if (shown.get(shard.first) !== line) output.progress(line);
        shown.set(shard.first, line);
      }
    },
    end: () => undefined,
  };
}

function table(shards: readonly ShardProgress[], nameOf: (node: number) => string, paint: Paint): string[] {
  return columns(shards.map((shard) => row(shard, nameOf, paint)));
}

function row({ first, count, state, nodes }: ShardProgress, nameOf: (node: number) => string, paint: Paint): string[] {
  const [words, colour] = STATES[state];
  const who = nodes.map((node) => (node === undefined ? "?" : nameOf(node))).join(", ");
  return [`items ${first}-${first + count - 1}`, paint(colour, words), paint("dim", who)];
}

function summary(shards: readonly ShardProgress[], paint: Paint): string[] {
  const counts = new Map<ShardState, number>();
  for (const { state } of shards) counts.set(state, (counts.get(state) ?? 0) + 1);
  return columns([...counts].map(([state, count]) => [`${count} of ${shards.length} shards`, paint(STATES[state][1], STATES[state][0])]));
}
