import { batchResultDocument, batchCount, batchRange, commitment, inputIndexDocument, joinLines, manifestDocument, positionsOfShard, resultDigest, resultLeaf, resultRoot, sha256, splitLines, utf8, type Address, type Hex32 } from "../../core/index.ts";
import { EXTRA, regularBatch, shardCount, shardsOfSeat, type ChainFact, type JobTerms, type ShardStatus } from "../../chain/index.ts";
import type { ContentStore } from "../../storage/index.ts";
import { JOBS, PARAMETERS, type FakeChain } from "./fake-chain.ts";

/** How a job goes. */
export interface Course {
  /** Shards that are refunded because their replicas fail. */
  readonly refunded?: ReadonlySet<number>;
  /** What an item's result is; default: its length. */
  readonly compute?: (item: Uint8Array) => Uint8Array;
  /** Whether the last member of each committee reveals without a commitment. */
  readonly direct?: boolean;
  /** Node that takes the job over from its aggregator after the first draw. */
  readonly takeover?: number;
}

const zero: Hex32 = `0x${"00".repeat(32)}`;

/** What fake providers compute. */
export function lengthOf(item: Uint8Array): Uint8Array {
  return utf8(JSON.stringify({ length: item.length }));
}

/**
 * Plays all providers, the aggregator's cranks and the contracts for one job, from its draw to its
 * end, with the numbers that the contracts would come to. For tests.
 */
export async function playJob(chain: FakeChain, terms: JobTerms, deposit: bigint, store: ContentStore, { refunded = new Set(), compute = lengthOf, direct = false, takeover }: Course = {}): Promise<void> {
  const job = chain.jobId(terms);
  const shards = shardCount(terms);
  const files = await execute(store, terms, compute);
  for (let batch = 0; batch < batchCount(shards); batch++) {
    const { first, shape } = regularBatch(terms, batch);
    const committee = Array.from({ length: shape.width }, (_, i) => i);
    chain.mine({ type: "batch-drawn", job, batch, committee, slots: 1 });
    if (takeover !== undefined && batch === 0) chain.mine({ type: "aggregator-replaced", job, stalled: terms.aggregator, aggregator: takeover });
    const seats = await Promise.all(committee.map((position) => seatOf(store, job, terms, batch, position, files)));
    const last = direct ? seats.length - 1 : -1;
    for (const [position, seat] of seats.entries()) if (position !== last) chain.mine({ type: "committed", job, batch, position, commitment: seat.commitment });
    for (const [position, { roots, dataDigest, salt }] of seats.entries()) {
      const transaction = chain.mine({ type: "revealed", job, batch, position, roots, dataDigest });
      chain.calls.set(transaction, [{ job, batch, position, roots, dataDigest, salt }]);
    }
    const local = Array.from({ length: batchRange(shards, batch).count }, (_, i) => i);
    const happy = local.filter((shard) => !refunded.has(first + shard));
    const unhappy = local.filter((shard) => refunded.has(first + shard));
    const mask = happy.reduce((bits, shard) => (bits | (1 << shard)) >>> 0, 0);
    const pending = unhappy.map((shard): ChainFact => ({ type: "shard-changed", job, shard: first + shard, status: "pending", conflicting: false, root: zero }));
    chain.mine({ type: "batch-settled", job, batch, agreedMask: mask, roots: local.map((shard) => (happy.includes(shard) ? files[first + shard]!.root : zero)) }, ...pending);
    for (const shard of unhappy) chain.mine({ type: "shard-changed", job, shard: first + shard, status: "refunded", conflicting: false, root: zero });
    const payees = committee.map((position) => ({ node: position + 1, shards: happy.filter((shard) => positionsOfShard(shape, shard).includes(position)).length })).filter((payee) => payee.shards > 0);
    chain.mine({ type: "batch-finalised", job, batch, payees });
  }
  close(chain, terms, deposit, shards - refunded.size, takeover);
}

function close(chain: FakeChain, terms: JobTerms, deposit: bigint, agreed: number, aggregator = terms.aggregator): void {
  const shards = shardCount(terms);
  const perShard = terms.shardReward * BigInt(terms.replicas);
  const fee = (count: number, bps: number) => (perShard * BigInt(count) * BigInt(bps)) / 10_000n;
  const aggregatorFee = fee(agreed, terms.aggregatorFeeBps);
  const [usual, drawn] = [fee(agreed, PARAMETERS.protocolFeeBps), fee(shards, PARAMETERS.drawFeeBps)];
  const protocolFee = usual > drawn ? usual : drawn;
  const refund = deposit - perShard * BigInt(agreed) - aggregatorFee - protocolFee;
  const outcome = agreed === shards ? "completed" : agreed === 0 ? "refunded" : "partial";
  chain.balances.set(terms.client, (chain.balances.get(terms.client) ?? 0n) + refund);
  const earned: ChainFact[] = aggregatorFee === 0n ? [] : [{ type: "earned", token: terms.token, node: aggregator, amount: aggregatorFee }];
  chain.mine(...earned, { type: "job-closed", job: chain.jobId(terms), outcome, aggregatorFee, protocolFee, refund });
}

interface ShardFile {
  readonly file: Hex32;
  readonly root: Hex32;
  readonly items: number;
}

async function execute(store: ContentStore, terms: JobTerms, compute: (item: Uint8Array) => Uint8Array): Promise<ShardFile[]> {
  const manifest = manifestDocument.decode(await store.getDocument(terms.manifest));
  const index = inputIndexDocument.decode(await store.getDocument(manifest.inputs));
  return Promise.all(
    index.shards.map(async (shard) => {
      const lines = splitLines(await store.getFile(shard), { maxLines: 10_000, maxLineBytes: 1 << 20 }).map(compute);
      return { file: await store.putFile(joinLines(lines)), root: resultRoot(lines.map(resultDigest)), items: lines.length };
    }),
  );
}

async function seatOf(store: ContentStore, job: Hex32, terms: JobTerms, batch: number, position: number, files: readonly ShardFile[]) {
  const shards = shardsOfSeat({ terms, batches: new Map() }, batch, position);
  const roots = shards.map((shard) => files[shard]!.root);
  const results = shards.map((shard) => ({ shard, ...files[shard]! }));
  const dataDigest = await store.putDocument(batchResultDocument.encode({ version: 1, job, batch, results }));
  const salt = sha256(utf8(`salt ${job} ${batch} ${position}`));
  return { roots, dataDigest, salt, commitment: commitment({ chainId: 31337n, jobs: JOBS as Address, jobId: job, batch, position, roots, dataDigest, salt }) };
}

/**
 * Plays a job of one shard whose second replica lies about its last item: a replacement, a panel on that
 * item, a verdict. Takes six members of the pool. For tests.
 */
export async function playConflict(chain: FakeChain, terms: JobTerms, deposit: bigint, store: ContentStore): Promise<void> {
  const job = chain.jobId(terms);
  const [shard] = await execute(store, terms, lengthOf);
  const [lie] = await execute(store, terms, (item) => utf8(JSON.stringify({ length: item.length + 1 })));
  const item = terms.items - 1;
  const verdict = resultLeaf(item, sha256(utf8("what the panel found")));
  const [replacement, panel] = [EXTRA, EXTRA + 1];
  const show = async (batch: number, position: number, root: Hex32, file = shard!.file) => {
    const dataDigest = await store.putDocument(batchResultDocument.encode({ version: 1, job, batch, results: [{ shard: 0, items: terms.items, file, root }] }));
    const salt = sha256(utf8(`salt ${batch} ${position}`));
    chain.mine({ type: "committed", job, batch, position, commitment: commitment({ chainId: 31337n, jobs: JOBS as Address, jobId: job, batch, position, roots: [root], dataDigest, salt }) });
    const transaction = chain.mine({ type: "revealed", job, batch, position, roots: [root], dataDigest });
    chain.calls.set(transaction, [{ job, batch, position, roots: [root], dataDigest, salt }]);
  };
  const changed = (status: ShardStatus, conflicting: boolean, root = zero): ChainFact => ({ type: "shard-changed", job, shard: 0, status, conflicting, root });

  chain.mine({ type: "batch-drawn", job, batch: 0, committee: [0, 1], slots: 1 });
  await show(0, 0, shard!.root);
  await show(0, 1, lie!.root, lie!.file);
  chain.mine(
    { type: "batch-settled", job, batch: 0, agreedMask: 0, roots: [zero] },
    { type: "extra-opened", job, batch: replacement, kind: "replacement", shard: 0, item: 0 },
    { type: "round-armed", job, batch: replacement, round: 2n, epoch: 1n },
    changed("pending", true),
  );
  chain.mine(
    { type: "extra-opened", job, batch: panel, kind: "item-panel", shard: 0, item },
    { type: "round-armed", job, batch: panel, round: 3n, epoch: 1n },
    { type: "conflict-opened", job, shard: 0, panel, item, prover: terms.client },
  );
  chain.mine({ type: "batch-drawn", job, batch: replacement, committee: [2], slots: 1 }, { type: "batch-drawn", job, batch: panel, committee: [3, 4, 5], slots: 1 });
  await show(replacement, 0, shard!.root);
  chain.mine({ type: "batch-settled", job, batch: replacement, agreedMask: 0, roots: [] }, changed("pending", true));
  for (let position = 0; position < 3; position++) await show(panel, position, verdict);
  chain.mine(
    { type: "verdict-reached", job, shard: 0, panel, verdict, convictedMask: 0b10 },
    { type: "slash-proposed", slash: 1n, job, node: 2, fault: "wrong", amount: 5n, due: chain.time + 3, prover: terms.client },
    { type: "replica-convicted", job, shard: 0, replica: 1 },
    changed("agreed", false, shard!.root),
  );
  chain.mine({ type: "batch-finalised", job, batch: 0, payees: [] });
  chain.mine(changed("final", false, shard!.root));
  close(chain, terms, deposit, 1);
}
