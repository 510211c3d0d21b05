import { InfernetError } from "../../core/index.ts";
import type { ChainEvent } from "../events.ts";
import type { LogDecoder } from "./decode.ts";
import type { Block, RawLog, Reader } from "./reader.ts";
import { RpcRefusal } from "./rpc.ts";

/** Topics of a log filter; null matches anything. */
export type Topics = readonly (string | readonly string[] | null)[];

const FIRST_SPAN = 2_000;
const LARGEST_SPAN = 50_000;
/** Fewer logs than this and the next range may be wider. */
const FEW = 2_000;
const MAX_TIMES = 4_096;

/** Reads decoded events in ranges that the node can bear: halved when it refuses one, widened when they are light. */
export class LogSource {
  readonly #reader: Reader;
  readonly #decoder: LogDecoder;
  /** Height and hash → chain time. */
  readonly #times = new Map<string, number>();
  #span = FIRST_SPAN;

  constructor(reader: Reader, decoder: LogDecoder) {
    this.#reader = reader;
    this.#decoder = decoder;
  }

  /** Blocks that one range should hold now. */
  get span(): number {
    return this.#span;
  }

  /** Events of one block, which is named by its hash: nothing of another block at its height gets in. */
  async ofBlock(block: Block): Promise<ChainEvent[]> {
    this.#times.set(block.hash, block.timestamp);
    try {
      const logs = await this.#reader.logs({ ...this.#decoder.filter, blockHash: block.hash });
      return await this.#decode(logs.filter((log) => log.blockHash === block.hash));
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
        const part = await this.#reader.logs({ address: this.#decoder.filter.address, topics, fromBlock: hex(start), toBlock: hex(end) });
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

const hex = (height: number) => `0x${height.toString(16)}`;
