import type { Announcement, Hex32 } from "@infernet/sdk/core";
import type { WorkRecord } from "@infernet/sdk/chain";
import type { NetworkView } from "./session.ts";

/** What the chain says about a provider in a pool. */
export interface PoolStanding {
  readonly pool: Hex32;
  /** 0 … 10 000, read from the chain: nobody's own word. */
  readonly score: WorkRecord["score"];
  readonly good: number;
  readonly bad: number;
  readonly capacity: number;
  readonly busy: number;
  readonly suspended: boolean;
}

/** A provider as the chain has it, and what it says of itself. */
export interface ProviderRow {
  readonly node: number;
  readonly peerId: string | null;
  /** Wei of INFER that answer for its work. */
  readonly stake: bigint;
  readonly pools: readonly PoolStanding[];
  /** Null when nothing has been heard of it. None of it is proved. */
  readonly announced: Announcement | null;
  /** Whether it announces the peer id that the chain has. */
  readonly peerMatches: boolean;
}

/** Providers of the chain, with what the gossip knows of each. */
export async function networkProviders({ announcements, directory, port, deadline }: NetworkView, all: boolean): Promise<ProviderRow[]> {
  await announcements.settled(deadline);
  const nodes = [...directory.nodes()].filter(({ node, profile }) => (announcements.known.get(node)?.announcement.role ?? profile?.role) !== "aggregator");
  const rows: ProviderRow[] = [];
  for (const { node, profile } of nodes) {
    const announced = announcements.known.get(node)?.announcement ?? null;
    if (announced === null && !all) continue;
    const { stake } = await port.node(node);
    const pools: PoolStanding[] = [];
    for (const pool of directory.poolsOf(node)) {
      const member = await port.membership(pool, node);
      if (member !== null) pools.push({ pool, score: member.record.score, good: member.record.good, bad: member.record.bad, capacity: member.capacity, busy: member.busy, suspended: member.suspended });
    }
    const peerId = profile?.peerId ?? null;
    rows.push({ node, peerId, stake: stake.free + stake.earmarked + stake.bonded, pools, announced, peerMatches: announced !== null && announced.peerId === peerId });
  }
  return rows;
}

export function providersText(rows: readonly ProviderRow[]): string {
  if (rows.length === 0) return "no provider has announced itself";
  return rows.map(textOf).join("\n");
}

function textOf({ node, stake, pools, announced, peerMatches }: ProviderRow): string {
  const chain = `node ${node}: stake ${stake / 10n ** 18n} INFER${pools.map(({ pool, score, suspended }) => `, score ${score} in ${pool.slice(0, 10)}…${suspended ? " (suspended)" : ""}`).join("")}`;
  if (announced === null) return `${chain}\n  has announced nothing`;
  const { status, load, executors, models, price, hardware, benchmarks } = announced;
  const { cpu, memoryMiB, gpus, linkMbps } = hardware;
  return [
    chain + (peerMatches ? "" : "\n  announces another peer id than the chain has: do not use its addresses"),
    `  says: ${status}, ${load.busy} of ${load.seats} seats busy; runs ${executors.join(", ")}; ${models.length} model files${price.minUnitReward === undefined ? "" : `; at least ${price.minUnitReward} base units a compute unit`}`,
    `  says: ${cpu.cores} × ${cpu.model}, ${(memoryMiB / 1024).toFixed(0)} GiB${linkMbps === undefined ? "" : `, ${linkMbps} Mbit/s`}${gpus.map(({ model, count, vramMiB }) => `, ${count} × ${model} ${(vramMiB / 1024).toFixed(0)} GiB`).join("")}`,
    ...benchmarks.map(({ workload, itemsPerSecond }) => `  says: ${workload} ${itemsPerSecond.toFixed(1)} items/s`),
  ].join("\n");
}
