import { InfernetError } from "../../core/index.ts";
import type { ChainEvent } from "../events.ts";
import { tellsOf } from "./bloom.ts";
import type { LogDecoder } from "./decode.ts";
import { RpcRefusal } from "./endpoint.ts";
import type { Block, RawLog, Reader } from "./reader.ts";
import { SILENT, type PortLogger } from "./wait.ts";

/** Topics of a log filter; null matches anything. */
export type Topics = readonly (string | readonly string[] | null)[];

const FIRST_SPAN = 2_000;
const LARGEST_SPAN = 50_000;
/** Fewer logs than this and the next range may be wider. */
const FEW = 2_000;
const MAX_TIMES = 4_096;

/**
 * Reads decoded events in ranges that the node can bear: halved when it refuses one, widened when they are light.
 * Nodes give logs twice, take them back, and leave them out: a second endpoint and the bloom filters of blocks tell.
 */
export class LogSource {
  readonly #reader: Reader;
  readonly #decoder: LogDecoder;
  readonly #log: PortLogger;
  /** Height and hash → chain time. */
  readonly #times = new Map<string, number>();
  #span = FIRST_SPAN;

  constructor(reader: Reader, decoder: LogDecoder, log: PortLogger = SILENT) {
    this.#reader = reader;
    this.#decoder = decoder;
    this.#log = log;
  }

  /** Blocks that one range should hold now. */
  get span(): number {
    return this.#span;
  }

  /** Events of one block, which is named by its hash: nothing of another block at its height gets in. */
  async ofBlock(block: Block): Promise<ChainEvent[]> {
    this.#times.set(block.hash, block.timestamp);
    try {
      const logs = (await this.#logs({ ...this.#decoder.filter, blockHash: block.hash })).filter((log) => log.blockHash === block.hash);
      return await this.#decode(logs.length > 0 ? logs : await this.#leftOut(block));
    } catch (error) {
      // The node has dropped the block, or another node behind the same address does not have it yet.
      if (error instanceof RpcRefusal) throw new InfernetError("chain_unreachable", error.message, { cause: error });
      throw error;
    }
  }

  /** Events from one height to another, both included. */
  async ofRange(from: number, to: number, topics: Topics = this.#decoder.filter.topics): Promise<ChainEvent[]> {
    return this.#decode(await this.#range(from, to, topics));
  }

  async #range(from: number, to: number, topics: Topics): Promise<RawLog[]> {
    const logs: RawLog[] = [];
    for (let start = from; start <= to; ) {
      const end = Math.min(to, start + this.#span - 1);
      try {
        const part = await this.#logs({ address: this.#decoder.filter.address, topics, fromBlock: hex(start), toBlock: hex(end) });
        for (const log of part) if (log.blockNumber >= start && log.blockNumber <= end) logs.push(log);
        start = end + 1;
        if (part.length < FEW) this.#span = Math.min(2 * this.#span, LARGEST_SPAN);
      } catch (error) {
        if (!(error instanceof RpcRefusal)) throw error;
        if (end === start) throw new InfernetError("chain_unreachable", error.message, { cause: error });
        this.#span = Math.ceil((end - start + 1) / 2);
      }
    }
    return logs;
  }

  /** Logs of one endpoint, and what another one has beyond them. */
  async #logs(filter: object): Promise<RawLog[]> {
    const [given, seen] = await Promise.all([this.#reader.logs(filter), this.#reader.witnessLogs(filter)]);
    if (given.some(({ removed }) => removed)) throw new InfernetError("chain_unreachable", "the chain changed while it was read");
    const known = new Map(given.map((log) => [identity(log), log]));
    for (const log of seen) {
      if (known.has(identity(log)) || !(await this.#isReal(log))) continue;
      this.#log.warn({ transaction: log.transactionHash, index: log.logIndex }, "an RPC endpoint has left out a log that another one has");
      known.set(identity(log), log);
    }
    return [...known.values()];
  }

  /** Whether the endpoint that left a log out knows it after all: nobody can slip in what did not happen. */
  async #isReal(log: RawLog): Promise<boolean> {
    const held = await this.#reader.logsOf(log.transactionHash);
    return held.some((one) => identity(one) === identity(log) && one.data === log.data && one.topics.join() === log.topics.join());
  }

  /** Logs of a block of which the node gave none, although its header tells of some. */
  async #leftOut({ hash, logsBloom }: Block): Promise<RawLog[]> {
    const { address, topics } = this.#decoder.filter;
    if (!logsBloom || !tellsOf(logsBloom, address, topics[0]!)) return [];
    const logs = ((await this.#reader.logsInReceipts(hash)) ?? []).filter((log) => this.#decoder.decode(log) !== null);
    if (logs.length > 0) this.#log.warn({ block: hash, logs: logs.length }, "an RPC endpoint has left out the logs of a block");
    return logs;
  }

  async #decode(logs: readonly RawLog[]): Promise<ChainEvent[]> {
    const sorted = [...logs].sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex);
    const events: ChainEvent[] = [];
    for (const log of sorted) {
      const fact = this.#decoder.decode(log);
      if (fact === null) continue;
      const at = { height: log.blockNumber, time: await this.#timeOf(log), transaction: log.transactionHash, index: log.logIndex };
      events.push({ ...fact, at });
    }
    return events;
  }

  async #timeOf({ blockNumber, blockHash }: RawLog): Promise<number> {
    const known = this.#times.get(blockHash);
    if (known !== undefined) return known;
    const block = await this.#reader.block(blockNumber);
    if (block?.hash !== blockHash) throw new InfernetError("chain_unreachable", "the chain changed while it was read");
    if (this.#times.size >= MAX_TIMES) this.#times.clear();
    this.#times.set(blockHash, block.timestamp);
    return block.timestamp;
  }
}

const identity = ({ blockHash, logIndex }: RawLog) => `${blockHash}:${logIndex}`;
const hex = (height: number) => `0x${height.toString(16)}`;
