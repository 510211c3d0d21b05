import { batchCount, commitment, profileDocument, resultLeaf, resultProof, resultRoot, sha256, utf8, type Address, type Hex32, type Profile } from "../../core/index.ts";
import type { ActionReceipt, ChainAction, Opening } from "../actions.ts";
import { Directory } from "../directory.ts";
import type { ChainEvent } from "../events.ts";
import { foldJob } from "../job-reducer.ts";
import { missingPositions, shardsOfSeat } from "../job-seats.ts";
import type { BatchView, JobView } from "../job-view.ts";
import type { OperatorPort } from "../operator.ts";
import { shardCount, shardItems, type JobTerms, type SignedQuote } from "../terms.ts";
import type { ChainHarness } from "./harness.ts";

export const USDC = 1_000_000n;
export const INFER = 10n ** 18n;
export const WINDOWS = { commitWindow: 60, revealWindow: 30, challengeWindow: 10 };

/** Digests of the item results that a node finds in a shard. */
export type Results = (node: number, shard: number, items: number) => Hex32[];

/** What every honest node finds. */
export const honest: Results = (_, shard, items) => Array.from({ length: items }, (__, item) => sha256(utf8(`result ${shard}/${item}`)));

const label = (text: string) => sha256(utf8(text));
const HARDWARE = { cpu: "test", cores: 1, memoryBytes: 1 << 30 };

export function profileOf(name: string): Profile {
  return { version: 1, role: "provider", peerId: "12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust", multiaddrs: [`/dns4/${name.replace(" ", "-")}/tcp/4001`], runtimes: ["wasm"], models: [], hardware: HARDWARE };
}

/** One actor: a named account, its port, and its node if it has one. */
export interface Actor {
  readonly name: string;
  readonly port: OperatorPort;
  node: number;
}

/** Plays all roles of the protocol on one chain, through ports alone. */
export class JobDriver {
  readonly chain: ChainHarness;
  readonly directory = new Directory();
  readonly #actors = new Map<string, Actor>();
  #deeds = 0;

  constructor(chain: ChainHarness) {
    this.chain = chain;
  }

  async actor(name: string): Promise<Actor> {
    const known = this.#actors.get(name);
    if (known !== undefined) return known;
    const actor = { name, port: await this.chain.port(name), node: 0 };
    this.#actors.set(name, actor);
    return actor;
  }

  /** Submits under a key of its own. */
  async do(name: string, action: ChainAction): Promise<ActionReceipt> {
    const { port } = await this.actor(name);
    return port.submit(`${action.type}:${++this.#deeds}`, action);
  }

  /** Registers a node that stakes, and joins the pool unless it has no capacity. */
  async node(name: string, { stake = 10_000n * INFER, capacity = 9_000 } = {}): Promise<Actor> {
    const actor = await this.actor(name);
    const account = this.chain.account(name);
    await this.chain.fundStake(account, stake);
    await this.do(name, { type: "register", operator: account, payout: account, profile: profileDocument.encode(profileOf(name)), encryptionKey: label(name) });
    actor.node = (await actor.port.nodeOfOwner(account))!.node;
    await this.do(name, { type: "stake", node: actor.node, amount: stake });
    if (capacity > 0) await this.do(name, { type: "join-pool", pool: this.chain.pool, capacity });
    return actor;
  }

  /** Terms that open as they stand. */
  async terms(over: Partial<JobTerms> = {}): Promise<JobTerms> {
    const { port } = await this.actor("client");
    const [{ time }, { version }] = await Promise.all([port.head(), port.parameters()]);
    return {
      client: this.chain.account("client"), nonce: BigInt(++this.#deeds), parameters: version, manifest: label("manifest"), pool: this.chain.pool, token: this.chain.token,
      shardReward: USDC, items: 8, itemsPerShard: 2, unitsPerShard: 2n, replicas: 2, committeeWidth: 4, aggregator: 0, aggregatorFeeBps: 0,
      ...WINDOWS, deadline: time + 3_600, ...over,
    };
  }

  /** Opens a job with what it costs. */
  async open(over: Partial<JobTerms> = {}, quote: SignedQuote | null = null): Promise<JobTerms> {
    const terms = await this.terms(over);
    const { port } = await this.actor("client");
    const deposit = await port.cost(terms);
    await this.chain.fund(terms.client, deposit);
    await this.do("client", { type: "open", terms, quote, locators: ["/dns4/client/tcp/4001", "/ip4/127.0.0.1/tcp/1"], deposit });
    return terms;
  }

  async events(terms: JobTerms): Promise<ChainEvent[]> {
    const { port } = await this.actor("keeper");
    return port.jobEvents(port.jobId(terms));
  }

  async view(terms: JobTerms): Promise<JobView> {
    return foldJob(await this.events(terms), this.directory.nodeOf);
  }

  /** Draws batches, again when their round has gone stale. */
  async draw(terms: JobTerms, batches = Array.from({ length: batchCount(shardCount(terms)) }, (_, batch) => batch)): Promise<JobView> {
    for (;;) {
      const view = await this.view(terms);
      const left = batches.filter((batch) => view.batches.get(batch)?.drawnAt === undefined);
      if (left.length === 0) return view;
      await this.chain.mine(2);
      await this.do("keeper", { type: "draw", terms, batches: left });
    }
  }

  /** Who sits at a position. */
  seatOf(batch: BatchView, position: number): Actor {
    const node = this.directory.nodeOf(this.chain.pool, batch.seats[position]!.member);
    return [...this.#actors.values()].find((actor) => actor.node === node)!;
  }

  /** What a seat shows: roots in the order of its shards, of one item in an item panel. */
  shown(view: JobView, batch: BatchView, position: number, results: Results): { roots: Hex32[]; dataDigest: Hex32; salt: Hex32 } {
    const { node } = this.seatOf(batch, position);
    const roots = shardsOfSeat(view, batch.number, position).map((shard) => {
      const digests = results(node, shard, shardItems(view.terms, shard));
      return batch.extra?.kind === "item-panel" ? resultLeaf(batch.extra.item, digests[batch.extra.item]!) : resultRoot(digests);
    });
    return { roots, dataDigest: label(`data of ${node}`), salt: label(`salt of ${node}`) };
  }

  /** Commits, then reveals, for these positions; the last one reveals at once when nobody else is missing. */
  async work(terms: JobTerms, number: number, { results = honest, positions, reveal = true }: { results?: Results; positions?: readonly number[]; reveal?: boolean } = {}): Promise<void> {
    let view = await this.view(terms);
    const batch = view.batches.get(number)!;
    const all = positions ?? batch.seats.map((_, position) => position);
    for (const position of all) {
      view = await this.view(terms);
      const now = view.batches.get(number)!;
      const { roots, dataDigest, salt } = this.shown(view, now, position, results);
      const missing = missingPositions(now);
      if (reveal && missing.length === 1 && missing[0] === position) {
        await this.do(this.seatOf(now, position).name, { type: "reveal", terms, batch: number, position, roots, dataDigest, salt });
        continue;
      }
      const hash = commitment({
        chainId: BigInt((await this.actor("keeper")).port.chain.id), jobs: (await this.actor("keeper")).port.jobsAddress as Address, jobId: view.id, batch: number, position, roots, dataDigest, salt,
      });
      await this.do(this.seatOf(now, position).name, { type: "commit", terms, batch: number, position, commitment: hash });
    }
    if (!reveal) return;
    view = await this.view(terms);
    for (const position of all) {
      const now = view.batches.get(number)!;
      if (now.seats[position]!.revealed !== undefined) continue;
      await this.do(this.seatOf(now, position).name, { type: "reveal", terms, batch: number, position, ...this.shown(view, now, position, results) });
    }
  }

  async settle(terms: JobTerms, number: number): Promise<JobView> {
    const { seats } = (await this.view(terms)).batches.get(number)!;
    await this.do("keeper", { type: "settle", terms, batch: number, lists: seats.map((seat) => seat.revealed?.roots ?? []) });
    return this.view(terms);
  }

  opening(replica: number, digests: readonly Hex32[], item: number): Opening {
    return { replica, resultDigest: digests[item]!, proof: resultProof(digests, item) };
  }
}
