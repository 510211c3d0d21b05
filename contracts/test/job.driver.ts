import { ethers, networkHelpers } from "./core.fixture.ts";
import { EXTRA, NO_QUOTE, type Network, type TermsInput } from "./network.fixture.ts";

const coder = ethers.AbiCoder.defaultAbiCoder();
const TYPEHASH = ethers.id(
  "InfernetCommit(uint256 chainId,address jobs,bytes32 jobId,uint256 batch,uint256 position,bytes32 rootsHash,bytes32 dataDigest,bytes32 salt)",
);
const DATA = ethers.id("data");

/** Position of replica r of local shard i, as in libraries/Seats.sol. */
export function positionOf(i: number, r: number, k: number, c: number): number {
  const d = Math.floor(i / c);
  return (i + (r === 0 ? 0 : 1 + ((d * (k - 1) + r - 1) % (c - 1)))) % c;
}

export const honest = (shard: number) => ethers.id(`root ${shard}`);

/** Plays one job on the contracts: every seat's roots are what `roots` says. */
export class JobDriver {
  readonly net: Network;
  readonly terms: TermsInput;
  id = "";
  /** member indexes by position, by batch number */
  readonly committees = new Map<number, number[]>();
  /** Root that a member shows for a shard; overridden by tests. */
  rootOf: (member: number, shard: number, batch: number) => string = (_member, shard) => honest(shard);

  constructor(net: Network, terms: TermsInput) {
    this.net = net;
    this.terms = terms;
  }

  get shards() { return Number((this.terms.items + this.terms.itemsPerShard - 1n) / this.terms.itemsPerShard); }
  get k() { return Number(this.terms.replicas); }
  size(batch: number) { return Math.min(32, this.shards - 32 * batch); }
  operator(member: number) { return this.net.providers[member]!; }
  salt(batch: number, position: number) { return ethers.id(`salt ${batch} ${position}`); }

  async open(quote: { validUntil: bigint; signature: string } = NO_QUOTE) {
    const tx = await this.net.jobs.connect(this.net.client).open(this.terms, quote, "0x");
    this.id = await this.net.jobs.jobId(this.terms);
    return tx;
  }

  /** Waits for the armed round and draws; draws again when the round went stale. */
  async draw(batches: number[]) {
    await networkHelpers.mine(2);
    let tx = await this.net.jobs.connect(this.net.keeper).draw(this.terms, batches);
    if (Number((await this.net.jobs.batch(this.id, batches[0]!)).phase) === 0) {
      await networkHelpers.mine(2);
      tx = await this.net.jobs.connect(this.net.keeper).draw(this.terms, batches);
    }
    for (const batch of batches) {
      let lanes = (await this.net.jobs.batch(this.id, batch)).committee;
      const members: number[] = [];
      for (; lanes !== 0n; lanes >>= 16n) members.push(Number(lanes & 0xffffn) - 1);
      this.committees.set(batch, members);
    }
    return tx;
  }

  /** Shards (of the job) of a position; of an extra batch the one given. */
  async shardsOf(batch: number, position: number): Promise<number[]> {
    if (batch >= EXTRA) return [Number((await this.net.jobs.extra(this.id, batch)).shard)];
    const c = this.committees.get(batch)!.length;
    const own: number[] = [];
    for (let i = 0; i < this.size(batch); i++) {
      for (let r = 0; r < this.k; r++) if (positionOf(i, r, this.k, c) === position) own.push(32 * batch + i);
    }
    return own;
  }

  async roots(batch: number, position: number): Promise<string[]> {
    const member = this.committees.get(batch)![position]!;
    return (await this.shardsOf(batch, position)).map((shard) => this.rootOf(member, shard, batch));
  }

  async commitment(batch: number, position: number): Promise<string> {
    const rootsHash = ethers.keccak256(ethers.concat(await this.roots(batch, position)));
    return ethers.keccak256(coder.encode(
      ["bytes32", "uint256", "address", "bytes32", "uint256", "uint256", "bytes32", "bytes32", "bytes32"],
      [TYPEHASH, 31337, await this.net.jobs.getAddress(), this.id, batch, position, rootsHash, DATA, this.salt(batch, position)],
    ));
  }

  async commit(batch: number, position: number) {
    const signer = this.operator(this.committees.get(batch)![position]!);
    return this.net.jobs.connect(signer).commit(this.terms, batch, position, await this.commitment(batch, position));
  }

  async reveal(batch: number, position: number) {
    const signer = this.operator(this.committees.get(batch)![position]!);
    return this.net.jobs.connect(signer)
      .reveal(this.terms, batch, position, await this.roots(batch, position), DATA, this.salt(batch, position));
  }

  async decline(batch: number, position: number, reason: number) {
    const signer = this.operator(this.committees.get(batch)![position]!);
    return this.net.jobs.connect(signer).decline(this.terms, batch, position, reason);
  }

  /** Commits all but the last, who reveals directly, then the others reveal. `absent` neither commit, `silent` do not reveal. */
  async play(batch: number, { absent = [] as number[], silent = [] as number[] } = {}) {
    const all = this.committees.get(batch)!.map((_, p) => p).filter((p) => !absent.includes(p));
    const speaking = all.filter((p) => !silent.includes(p));
    const direct = absent.length === 0 ? speaking.at(-1)! : -1;
    for (const p of all) if (p !== direct) await this.commit(batch, p);
    if (direct >= 0) await this.reveal(batch, direct);
    if (absent.length > 0) await networkHelpers.time.increase(this.terms.commitWindow);
    for (const p of speaking) if (p !== direct) await this.reveal(batch, p);
    if (absent.length + silent.length > 0) await networkHelpers.time.increase(this.terms.revealWindow);
  }

  async lists(batch: number): Promise<string[][]> {
    const state = await this.net.jobs.batch(this.id, batch);
    const shown = Number(state.revealedMask & state.committedMask);
    return Promise.all(this.committees.get(batch)!.map(async (_, p) => (shown & (1 << p)) === 0 ? [] : this.roots(batch, p)));
  }

  async settle(batch: number) {
    return this.net.jobs.connect(this.net.keeper).settle(this.terms, batch, await this.lists(batch));
  }

  async finalise(batches: number[]) {
    await networkHelpers.time.increase(this.terms.challengeWindow);
    return this.net.jobs.connect(this.net.keeper).finalise(this.terms, batches);
  }

  async advance(shard: number) {
    return this.net.jobs.connect(this.net.keeper).advance(this.terms, shard);
  }

  async state() { return this.net.jobs.job(this.id); }
  async shardCase(shard: number) { return this.net.jobs.shardCase(this.id, shard); }

  /** Draws and plays a replacement or panel until it may be settled or judged. */
  async playExtra(batch: number, options: { absent?: number[]; silent?: number[] } = {}) {
    await this.draw([batch]);
    await this.play(batch, options);
  }
}
