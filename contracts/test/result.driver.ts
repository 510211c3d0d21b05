import { ethers, networkHelpers } from "./core.fixture.ts";
import { JobDriver } from "./job.driver.ts";
import { EXTRA } from "./network.fixture.ts";
import { leafOf, proofOf, rootOf } from "./result.tree.ts";

const KINDS = ["none", "replacement", "item-panel", "shard-panel"] as const;
export type ExtraName = (typeof KINDS)[number];

/** The result that every honest member finds. */
export const rightDigest = (shard: number, item: number) => ethers.id(`result ${shard}/${item}`);
/** A result that is wrong in a way of its own. */
export const wrongDigest = (shard: number, item: number, taste = 0) => ethers.id(`lie ${taste} ${shard}/${item}`);

/** Plays a job whose roots stand over results, so that conflicts can be opened and panels can answer. */
export class ResultJob extends JobDriver {
  /** What a member finds; overridden by tests. Panels use it too. */
  digestOf: (member: number, shard: number, item: number, batch: number) => string = (_member, shard, item) => rightDigest(shard, item);

  items(shard: number): number {
    return Math.min(Number(this.terms.itemsPerShard), Number(this.terms.items) - shard * Number(this.terms.itemsPerShard));
  }

  leaves(member: number, shard: number, batch: number): string[] {
    return Array.from({ length: this.items(shard) }, (_, item) => leafOf(item, this.digestOf(member, shard, item, batch)));
  }

  override async roots(batch: number, position: number): Promise<string[]> {
    const member = this.committees.get(batch)![position]!;
    const extra = batch >= EXTRA ? await this.net.jobs.extra(this.id, batch) : null;
    if (extra !== null && KINDS[Number(extra.kind)] === "item-panel") {
      return [leafOf(Number(extra.item), this.digestOf(member, Number(extra.shard), Number(extra.item), batch))];
    }
    return (await this.shardsOf(batch, position)).map((shard) => rootOf(this.leaves(member, shard, batch)));
  }

  /** Makes these members lie about an item; panels that draw them lie as well. */
  lie(members: readonly number[], { item = 0, taste = 0 } = {}): void {
    const before = this.digestOf;
    this.digestOf = (member, shard, i, batch) => members.includes(member) && i === item ? wrongDigest(shard, i, taste) : before(member, shard, i, batch);
  }

  /** Member behind a replica that showed a root. */
  async memberOf(shard: number, replica: number): Promise<number> {
    return Number(await this.net.jobs.caseMember(this.terms, shard, replica)) - 1;
  }

  async opening(shard: number, replica: number, item: number) {
    const member = await this.memberOf(shard, replica);
    const batch = replica < this.k ? Math.floor(shard / 32) : (await this.extras("replacement", shard))[replica - this.k]!;
    return { replica, resultDigest: this.digestOf(member, shard, item, batch), proof: proofOf(this.leaves(member, shard, batch), item) };
  }

  /** Opens a conflict between two replicas. @returns the panel's batch number */
  async openConflict(shard: number, item = 0, [a, b]: readonly [number, number] = [0, 1]): Promise<number> {
    const [left, right] = [await this.opening(shard, a, item), await this.opening(shard, b, item)];
    await this.net.slashing.connect(this.net.keeper).openConflict(this.terms, shard, item, left, right);
    return (await this.extras("item-panel", shard)).at(-1)!;
  }

  async openWholeConflict(shard: number): Promise<number> {
    await this.net.slashing.connect(this.net.keeper).openWholeConflict(this.terms, shard);
    return (await this.extras("shard-panel", shard)).at(-1)!;
  }

  /** Batch numbers of what was ordered beyond the regular batches, oldest first. */
  async extras(kind?: ExtraName, shard?: number): Promise<number[]> {
    const count = Number((await this.state()).extras);
    const numbers = Array.from({ length: count }, (_, i) => EXTRA + i);
    const found = await Promise.all(numbers.map(async (number) => ({ number, extra: await this.net.jobs.extra(this.id, number) })));
    return found
      .filter(({ extra }) => (kind === undefined || KINDS[Number(extra.kind)] === kind) && (shard === undefined || Number(extra.shard) === shard))
      .map(({ number }) => number);
  }

  async judge(panel: number) {
    const results = (await this.lists(panel)).map((list) => list[0] ?? ethers.ZeroHash);
    return this.net.slashing.connect(this.net.keeper).judge(this.terms, panel, results);
  }

  /** Draws, plays and settles the newest replacement of a shard. */
  async replace(shard: number) {
    const number = (await this.extras("replacement", shard)).at(-1)!;
    await this.playExtra(number);
    return this.settle(number);
  }

  /** Draws a panel, lets it work and judges. */
  async verdict(panel: number, options: { absent?: number[]; silent?: number[] } = {}) {
    await this.playExtra(panel, options);
    return this.judge(panel);
  }

  /** Lets nobody act until the reveal window of a drawn batch is over. */
  async sleep(): Promise<void> {
    await networkHelpers.time.increase(this.terms.commitWindow + this.terms.revealWindow);
  }

  /** Lets every deadline pass and ends every shard that still waits. */
  async giveUp(): Promise<void> {
    await networkHelpers.time.increase(30 * 86_400);
    for (let shard = 0; shard < this.shards; shard++) {
      if ((await this.shardCase(shard)).status === 1n) await this.advance(shard);
    }
  }

  /** Members that hold a shard, replica by replica. */
  async holders(shard: number): Promise<number[]> {
    const batch = Math.floor(shard / 32);
    const members: number[] = [];
    for (const [position, member] of this.committees.get(batch)!.entries()) {
      if ((await this.shardsOf(batch, position)).includes(shard)) members.push(member);
    }
    return members;
  }

  /** Position of a member in a batch. */
  position(batch: number, member: number): number {
    return this.committees.get(batch)!.indexOf(member);
  }
}
