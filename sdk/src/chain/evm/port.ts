import { Wallet, type BaseWallet } from "ethers";
import { InfernetError, type Hex32 } from "../../core/index.ts";
import type { ActionReceipt, ChainAction } from "../actions.ts";
import { isDevelopmentChain } from "../development.ts";
import type { ChainEvent, ChainStep, Cursor } from "../events.ts";
import { UNOBSERVED, type PortObserver } from "../observer.ts";
import type { MembershipInfo, OperatorPort, StakeTicket, UnsignedTransaction } from "../operator.ts";
import type { NodeInfo, PoolInfo, ProtocolParameters, RevealCall, TokenInfo } from "../port.ts";
import type { Statements } from "../statements.ts";
import type { Account, JobTerms, SignedQuote } from "../terms.ts";
import { announcementSigner, signAnnouncement } from "./announcement.ts";
import { JOB_TOPICS, LogDecoder } from "./decode.ts";
import { parseDeployment, type Deployment } from "./deployment.ts";
import { encodeAction, type Target } from "./encode.ts";
import { Follower } from "./follower.ts";
import { fundingOf } from "./funding.ts";
import { Heads } from "./heads.ts";
import { LogSource } from "./logs.ts";
import { Outbox } from "./outbox.ts";
import type { OutboxJournal } from "./outbox-journal.ts";
import { permitFor } from "./permit.ts";
import { signQuote } from "./quote.ts";
import { Reader } from "./reader.ts";
import { Rpc } from "./rpc.ts";
import { revealsIn } from "./reveals.ts";
import { jobIdOf } from "./terms.ts";
import { openTickets } from "./tickets.ts";
import { unsignedTransactions } from "./unsigned.ts";
import { Views } from "./views.ts";
import { persist, SILENT, type PortLogger } from "./wait.ts";

/** How an EVM chain is reached. */
export interface EvmPortOptions {
  /** HTTP endpoints; a later one is used while the earlier ones do not answer, and heads and logs are compared with it. */
  readonly rpc: string | readonly string[];
  /** Content of deployments/<chainId>.json; checked. */
  readonly deployment: unknown;
  /** Who signs, as a wallet or a private key in hex. Without one the port only reads. */
  readonly signer?: BaseWallet | string;
  /** Where intents and transactions are written down; needed to submit. */
  readonly journal?: OutboxJournal;
  /** Blocks on top of one before it counts. Default: 20, on development chains 0. */
  readonly confirmations?: number;
  /** Blocks on top of one until which a reorganisation that takes transactions back is mended. Default: 64. */
  readonly reorgDepth?: number;
  /** Milliseconds between two looks for a new block. Default: 1000, on development chains 150. */
  readonly pollMs?: number;
  /** Blocks after which a transaction that is not mined is replaced by a better paid one, one that no endpoint takes by a fresh one. Default: 6. */
  readonly stuckBlocks?: number;
  /** Milliseconds that one answer of an endpoint may take. Default: 15 000. */
  readonly timeoutMs?: number;
  readonly log?: PortLogger;
  /** Told of transactions and calls. */
  readonly observer?: PortObserver;
}

/** A ChainPort on an EVM chain, for those who run nodes as for those who buy. */
export interface EvmPort extends OperatorPort, Statements {
  readonly deployment: Deployment;
}

/**
 * Opens a chain, and takes up the transactions that an earlier process has left in the journal. At any time
 * one account signs through one port only: two would give out the same nonces.
 * @throws {InfernetError} `config_invalid`, `chain_unreachable`, `chain_mismatch`, `unknown_deployment`
 */
export async function createEvmPort(options: EvmPortOptions): Promise<EvmPort> {
  const deployment = parseDeployment(options.deployment);
  const { rpc: urls, timeoutMs, observer = UNOBSERVED } = options;
  const rpc = new Rpc({ urls: typeof urls === "string" ? [urls] : urls, chainId: deployment.chainId, observer, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  try {
    if ((await new Reader(rpc).code(deployment.jobs)) === "0x")
      throw new InfernetError("unknown_deployment", `there is no contract at ${deployment.jobs} on chain ${deployment.chainId}`);
    return new Port(rpc, deployment, options);
  } catch (error) {
    rpc.close();
    throw error;
  }
}

class Port implements EvmPort {
  readonly deployment: Deployment;
  readonly chain: { readonly kind: "evm"; readonly id: string };
  readonly jobsAddress: Account;
  readonly account: Account | null;
  readonly origin: number;
  readonly #rpc: Rpc;
  readonly #reader: Reader;
  readonly #views: Views;
  readonly #decoder: LogDecoder;
  readonly #heads: Heads;
  readonly #signer: BaseWallet | null;
  readonly #outbox: Outbox | null;
  readonly #confirmations: number;
  readonly #log: PortLogger;
  readonly #closed = new AbortController();

  constructor(rpc: Rpc, deployment: Deployment, options: EvmPortOptions) {
    const development = isDevelopmentChain(deployment.chainId);
    const { signer, journal, confirmations = development ? 0 : 20, pollMs = development ? 150 : 1000, stuckBlocks = 6, reorgDepth = 64, log = SILENT, observer = UNOBSERVED } = options;
    this.deployment = deployment;
    this.chain = { kind: "evm", id: String(deployment.chainId) };
    this.jobsAddress = deployment.jobs;
    this.origin = deployment.block;
    this.#rpc = rpc;
    this.#reader = new Reader(rpc, log);
    this.#views = new Views(this.#reader, deployment);
    this.#decoder = new LogDecoder(deployment);
    this.#log = log;
    this.#confirmations = confirmations;
    this.#signer = typeof signer === "string" ? new Wallet(signer) : (signer ?? null);
    this.account = this.#signer?.address ?? null;
    this.#heads = new Heads(this.#reader, pollMs, this.#closed.signal, (error) => log.warn({ err: error }, "cannot read the chain's head; trying again"));
    this.#outbox =
      this.#signer === null || journal === undefined
        ? null
        : new Outbox({
            rpc,
            reader: this.#reader,
            heads: this.#heads,
            signer: this.#signer,
            chainId: deployment.chainId,
            journal,
            confirmations,
            reorgDepth,
            stuckBlocks,
            log,
            observer,
            signal: this.#closed.signal,
            prepare: (action) => this.#prepare(action),
            exclusive: (action) => fundingOf(action, deployment)?.token ?? null,
          });
  }

  async head(): Promise<{ height: number; time: number }> {
    const { number, timestamp } = await this.#reader.head();
    return { height: number, time: timestamp };
  }

  async *follow(from: Cursor | null, { signal }: { signal: AbortSignal }): AsyncGenerator<ChainStep, void, void> {
    const both = AbortSignal.any([signal, this.#closed.signal]);
    const options = {
      reader: this.#reader,
      logs: new LogSource(this.#reader, this.#decoder, this.#log),
      heads: this.#heads,
      log: this.#log,
      origin: this.origin,
      confirmations: this.#confirmations,
    };
    try {
      yield* (await Follower.start(options, from, both)).steps();
    } catch (error) {
      if (!both.aborted) throw error;
    }
  }

  async jobEvents(job: Hex32): Promise<ChainEvent[]> {
    const logs = new LogSource(this.#reader, this.#decoder, this.#log);
    return persist(
      async () => {
        const to = (await this.#reader.head()).number - this.#confirmations;
        const [own, proposed] = await Promise.all([
          logs.ofRange(this.origin, to, [JOB_TOPICS.first, job]),
          logs.ofRange(this.origin, to, [JOB_TOPICS.second, null, job]),
        ]);
        const slashes = proposed.flatMap((event) => (event.type === "slash-proposed" ? [`0x${event.slash.toString(16).padStart(64, "0")}`] : []));
        const ended = slashes.length === 0 ? [] : await logs.ofRange(proposed[0]!.at.height, to, [JOB_TOPICS.ofSlash, slashes]);
        return [...own, ...proposed, ...ended].sort((a, b) => a.at.height - b.at.height || a.at.index - b.at.index);
      },
      { attempts: 4 },
    );
  }

  async submit(key: string, action: ChainAction, { signal }: { signal?: AbortSignal } = {}): Promise<ActionReceipt> {
    if (this.#outbox === null) throw new InfernetError("invalid_argument", "a port without a signer and a journal cannot submit");
    return this.#outbox.submit(key, action, signal);
  }

  async simulate(action: ChainAction): Promise<void> {
    const target = await this.#prepare(action);
    await this.#reader.call(action.type, this.account === null ? target : { ...target, from: this.account });
  }

  jobId(terms: JobTerms): Hex32 {
    return jobIdOf(this.deployment.chainId, this.jobsAddress, terms);
  }

  cost(terms: JobTerms): Promise<bigint> {
    return this.#views.cost(terms);
  }

  parameters(version?: number): Promise<ProtocolParameters> {
    return this.#views.parameters(version);
  }

  pool(id: Hex32): Promise<PoolInfo> {
    return this.#views.pool(id);
  }

  token(token: Account): Promise<TokenInfo> {
    return this.#views.token(token);
  }

  async reveals(transaction: string): Promise<RevealCall[]> {
    const sent = await this.#reader.sent(transaction);
    return sent?.to?.toLowerCase() === this.jobsAddress.toLowerCase() ? revealsIn(this.deployment, sent.input) : [];
  }

  nodeOfOwner(owner: Account): Promise<NodeInfo | null> {
    return this.#views.nodeOfOwner(owner);
  }

  node(id: number): Promise<NodeInfo> {
    return this.#views.node(id);
  }

  hasFault(job: Hex32, batch: number, position: number): Promise<boolean> {
    return this.#views.hasFault(job, batch, position);
  }

  creditOf(token: Account, account: Account): Promise<bigint> {
    return this.#views.creditOf(token, account);
  }

  earningsOf(token: Account, node: number): Promise<bigint> {
    return this.#views.earningsOf(token, node);
  }

  tokenBalance(token: Account, account: Account): Promise<bigint> {
    return this.#views.tokenBalance(token, account);
  }

  membership(pool: Hex32, node: number): Promise<MembershipInfo | null> {
    return this.#views.membership(pool, node);
  }

  async tickets(node: number): Promise<StakeTicket[]> {
    return openTickets(this.#reader, this.#decoder, this.#views, this.origin, node);
  }

  coins(account: Account): Promise<bigint> {
    return this.#reader.balance(account);
  }

  get stakeToken(): Account {
    return this.deployment.token;
  }

  epochSeconds(): Promise<number> {
    return this.#views.epochSeconds();
  }

  async unsigned(action: ChainAction, from: Account): Promise<UnsignedTransaction[]> {
    return unsignedTransactions(action, from, this.deployment, this.#views);
  }

  async signQuote(terms: JobTerms, validUntil: number): Promise<SignedQuote> {
    if (this.#signer === null) throw new InfernetError("invalid_argument", "a port without a signer cannot sign");
    return signQuote(this.#signer, this.deployment.chainId, this.jobsAddress, terms, validUntil);
  }

  async signAnnouncement(content: Hex32): Promise<string> {
    if (this.#signer === null) throw new InfernetError("invalid_argument", "a port without a signer cannot sign");
    return signAnnouncement(this.#signer, this.deployment.chainId, this.jobsAddress, content);
  }

  announcementSigner(content: Hex32, signature: string): Account | null {
    return announcementSigner(this.deployment.chainId, this.jobsAddress, content, signature);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#rpc.close();
  }

  async #prepare(action: ChainAction): Promise<Target> {
    const funding = fundingOf(action, this.deployment);
    const permit = funding === null || this.#signer === null ? null : await permitFor(this.#reader, this.#signer, this.deployment.chainId, funding);
    try {
      return encodeAction(action, this.deployment, permit);
    } catch (cause) {
      if (cause instanceof InfernetError) throw cause;
      throw new InfernetError("invalid_argument", `${action.type}: ${(cause as Error).message.slice(0, 300)}`, { cause });
    }
  }
}
