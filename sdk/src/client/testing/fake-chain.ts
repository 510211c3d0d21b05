import { InfernetError, profileDocument, sha256, utf8, type Hex32, type Profile } from "../../core/index.ts";
import type { Account, ActionReceipt, ChainAction, ChainEvent, ChainFact, ChainPort, ChainStep, JobTerms, NodeInfo, PoolInfo, ProtocolParameters, RevealCall, TokenInfo } from "../../chain/index.ts";
import { wireTerms } from "../../net/index.ts";
import { priceOf } from "../pricing.ts";

export const POOL: Hex32 = sha256(utf8("pool"));
export const TOKEN = "0x00000000000000000000000000000000000000aa";
export const CLIENT = "0x00000000000000000000000000000000000000cc";
export const JOBS = "0x00000000000000000000000000000000000000bb";

export const PARAMETERS: ProtocolParameters = {
  version: 3, minReplicas: 1, panelSize: 3, panelQuorum: 2, maxReplacements: 2, minCommitWindow: 5, minRevealWindow: 5, minChallengeWindow: 2, minLargeChallengeWindow: 20, maxWindow: 86_400,
  maxDuration: 86_400, resolveWindow: 30, drawFeeBps: 500, protocolFeeBps: 500, minAggregatorFeeBps: 50, maxAggregatorFeeBps: 200, aggregatorBondBps: 1000,
};

const hash = (label: string): Hex32 => sha256(utf8(label));
const account = (n: number): Account => `0x${n.toString(16).padStart(40, "0")}`;

/** A chain of which a test decides what happens. Blocks hold one transaction each. For tests. */
export class FakeChain {
  readonly events: ChainEvent[] = [];
  readonly actions: { key: string; action: ChainAction }[] = [];
  readonly calls = new Map<string, RevealCall[]>();
  readonly balances = new Map<Account, bigint>([[CLIENT, 10n ** 12n]]);
  time = 1_000_000;
  height = 0;
  /** Refuses the next opening. */
  refusal: string | undefined;
  pool: PoolInfo = { id: POOL, runtime: hash("runtime"), slotStake: 1n, priceFloor: 10n ** 12n, secondsPerUnit: 30_000, members: 0, listed: true };
  token: TokenInfo = { token: TOKEN, allowed: true, stakeRate: 10n ** 30n, largeJob: 10n ** 9n, decimals: 6, symbol: "USDC" };
  /** Free stake of every node, wei of INFER. */
  freeStake = 10n ** 30n;
  onAction: (action: ChainAction) => void = () => {};
  readonly #sent = new Map<string, ActionReceipt>();
  readonly #waiting = new Set<() => void>();

  /** Registers nodes 1 … n with their profiles; those that provide join the pool in order. */
  addNode(node: number, profile: Partial<Profile> = {}): void {
    const full = profileDocument.encode({ version: 1, role: "provider", peerId: `12D3KooWnode${"1".repeat(20)}`, multiaddrs: [`/memory/${node}`], runtimes: [], models: [], hardware: { cpu: "test", cores: 1, memoryBytes: 1 }, ...profile });
    this.mine({ type: "node-registered", node, owner: account(2 * node), operator: account(2 * node + 1), payout: account(2 * node), encryptionKey: hash("key"), profile: full });
    if (profile.role === "aggregator") return;
    this.mine({ type: "member-joined", pool: POOL, node, member: this.pool.members, capacity: 10 });
    this.pool = { ...this.pool, members: this.pool.members + 1 };
  }

  /** One block with one transaction that tells these facts. @returns the transaction */
  mine(...facts: ChainFact[]): string {
    this.height++;
    this.time++;
    const transaction = hash(`transaction ${this.height}`);
    facts.forEach((fact, index) => this.events.push({ ...fact, at: { height: this.height, time: this.time, transaction, index } }));
    for (const wake of [...this.#waiting]) wake();
    return transaction;
  }

  /** A port of an account onto this chain. */
  port(signer: Account | null = CLIENT): ChainPort {
    return new FakePort(this, signer);
  }

  /** Events from a place on, then one step a block. */
  async *follow(signal: AbortSignal): AsyncGenerator<ChainStep> {
    for (let next = 0, seen = -1; !signal.aborted; ) {
      if (seen !== this.height) {
        seen = this.height;
        const events = this.events.slice(next);
        next = this.events.length;
        yield { events, cursor: { height: this.height, hash: hash(`block ${this.height}`) }, time: this.time, live: true };
        continue;
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal.addEventListener("abort", wake, { once: true });
      });
    }
  }

  /** Does an action once a key, as a port with a journal does. */
  submit(key: string, action: ChainAction, signer: Account | null): ActionReceipt {
    if (signer === null) throw new InfernetError("invalid_argument", "no key");
    const before = this.#sent.get(key);
    if (before !== undefined) return before;
    const facts = this.#perform(action, signer);
    this.actions.push({ key, action });
    const transaction = this.mine(...facts);
    const receipt = { transaction, height: this.height, time: this.time, gas: 1n };
    this.#sent.set(key, receipt);
    this.onAction(action);
    return receipt;
  }

  jobId(terms: JobTerms): Hex32 {
    return hash(JSON.stringify(Object.entries(wireTerms(terms)).sort(([a], [b]) => (a < b ? -1 : 1))));
  }

  #perform(action: ChainAction, signer: Account): ChainFact[] {
    const revert = (reason: string) => new InfernetError("chain_reverted", `${action.type}: ${reason}`, { details: { reason, args: {} } });
    if (action.type === "open") {
      const job = this.jobId(action.terms);
      if (this.refusal !== undefined) {
        const reason = this.refusal;
        this.refusal = undefined;
        throw revert(reason);
      }
      if (this.events.some((event) => event.type === "job-opened" && event.job === job)) throw revert("JobsExists");
      const balance = this.balances.get(signer) ?? 0n;
      if (balance < action.deposit) throw revert("EscrowInsufficientCredit");
      this.balances.set(signer, balance - action.deposit);
      return [
        { type: "job-opened", job, deposit: action.deposit, terms: action.terms, locators: [...action.locators] },
        { type: "round-armed", job, batch: "all", round: 1n, epoch: 1n },
      ];
    }
    if (action.type === "cancel") {
      const job = this.jobId(action.terms);
      const own = this.events.filter((event) => "job" in event && event.job === job);
      if (own.some((event) => event.type === "batch-drawn" || event.type === "job-closed")) throw revert("JobsWrongStatus");
      const opened = own.find((event) => event.type === "job-opened")!;
      return [{ type: "job-closed", job, outcome: "cancelled", aggregatorFee: 0n, protocolFee: 0n, refund: opened.deposit }];
    }
    if (action.type === "expire") return [{ type: "job-closed", job: this.jobId(action.terms), outcome: "refunded", aggregatorFee: 0n, protocolFee: 0n, refund: priceOf(action.terms, PARAMETERS).worstCase }];
    throw new Error(`the fake chain does not know ${action.type}`);
  }
}

class FakePort implements ChainPort {
  readonly chain = { kind: "evm", id: "31337" } as const;
  readonly jobsAddress = JOBS;
  readonly origin = 0;
  readonly account: Account | null;
  readonly #chain: FakeChain;

  constructor(chain: FakeChain, signer: Account | null) {
    this.#chain = chain;
    this.account = signer;
  }

  async head(): Promise<{ height: number; time: number }> {
    return { height: this.#chain.height, time: this.#chain.time };
  }

  follow(_: unknown, { signal }: { signal: AbortSignal }): AsyncIterable<ChainStep> {
    return this.#chain.follow(signal);
  }

  async jobEvents(job: Hex32): Promise<ChainEvent[]> {
    return this.#chain.events.filter((event) => "job" in event && event.job === job);
  }

  async submit(key: string, action: ChainAction): Promise<ActionReceipt> {
    return this.#chain.submit(key, action, this.account);
  }

  async simulate(): Promise<void> {}

  jobId(terms: JobTerms): Hex32 {
    return this.#chain.jobId(terms);
  }

  async cost(terms: JobTerms): Promise<bigint> {
    return priceOf(terms, PARAMETERS).worstCase;
  }

  async parameters(): Promise<ProtocolParameters> {
    return PARAMETERS;
  }

  async pool(): Promise<PoolInfo> {
    return this.#chain.pool;
  }

  async token(): Promise<TokenInfo> {
    return this.#chain.token;
  }

  async reveals(transaction: string): Promise<RevealCall[]> {
    return this.#chain.calls.get(transaction) ?? [];
  }

  async nodeOfOwner(): Promise<NodeInfo | null> {
    return null;
  }

  async node(id: number): Promise<NodeInfo> {
    return { node: id, owner: account(2 * id), operator: account(2 * id + 1), payout: account(2 * id), stake: { free: this.#chain.freeStake, earmarked: 0n, frozen: 0n, unbonding: 0n, bonded: 0n } };
  }

  async hasFault(): Promise<boolean> {
    return false;
  }

  async creditOf(): Promise<bigint> {
    return 0n;
  }

  async earningsOf(): Promise<bigint> {
    return 0n;
  }

  async tokenBalance(_: Account, owner: Account): Promise<bigint> {
    return this.#chain.balances.get(owner) ?? 0n;
  }

  async signQuote(_: JobTerms, validUntil: number): Promise<{ validUntil: number; signature: string }> {
    return { validUntil, signature: "0xsigned" };
  }

  async close(): Promise<void> {}
}
