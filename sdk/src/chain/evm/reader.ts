import { z } from "zod";
import { InfernetError, type Hex32 } from "../../core/index.ts";
import { decodeRevert, revertError } from "./revert.ts";
import { RpcRefusal } from "./endpoint.ts";
import type { Rpc } from "./rpc.ts";
import { persist, SILENT, type PortLogger } from "./wait.ts";

const quantity = z.string().regex(/^0x[0-9a-fA-F]+$/).transform((text) => BigInt(text));
const count = quantity.transform(Number);
const hash = z.string().regex(/^0x[0-9a-f]{64}$/).transform((text) => text as Hex32);
const bytes = z.string().regex(/^0x(?:[0-9a-fA-F]{2})*$/);

const blockSchema = z.object({
  number: count,
  hash,
  parentHash: hash,
  timestamp: count,
  logsBloom: z.string().regex(/^0x[0-9a-fA-F]{512}$/).nullish(),
  gasLimit: quantity.nullish(),
  baseFeePerGas: quantity.nullish(),
});
const logSchema = z.object({
  address: bytes,
  topics: z.array(hash),
  data: bytes,
  blockNumber: count,
  blockHash: hash,
  transactionHash: hash,
  logIndex: count,
  removed: z.boolean().nullish(),
});
const logsSchema = z.array(logSchema);
const heldSchema = z.object({ logs: logsSchema });
const receiptSchema = z.object({ status: count, blockNumber: count, blockHash: hash, gasUsed: quantity });

const sentSchema = z.object({ to: bytes.nullish(), input: bytes });
const contentSchema = z.object({ transactions: z.array(z.object({ hash, from: bytes, nonce: count })) });

export type Block = z.infer<typeof blockSchema>;
export type RawLog = z.infer<typeof logSchema>;
export type Receipt = z.infer<typeof receiptSchema>;
/** `number` counts blocks; a hash names one. */
export type BlockTag = number | "latest";

/** A call to a contract. */
export interface Call {
  readonly to: string;
  readonly data: string;
  readonly from?: string;
}

/** Blocks that an endpoint may be behind another one before the other one is preferred. */
const BEHIND = 8;
/** Attempts of one read before its failure is passed on. */
const ATTEMPTS = 4;
const tagOf = (tag: BlockTag) => (tag === "latest" ? tag : `0x${tag.toString(16)}`);

/** Reads a chain: checked answers, and reverts as typed errors. */
export class Reader {
  readonly #rpc: Rpc;
  readonly #log: PortLogger;

  constructor(rpc: Rpc, log: PortLogger = SILENT) {
    this.#rpc = rpc;
    this.#log = log;
  }

  async block(tag: BlockTag): Promise<Block | null> {
    return this.#ask(blockSchema.nullable(), "eth_getBlockByNumber", [tagOf(tag), false]);
  }

  /** The newest block. An endpoint that has stopped or lags far behind another one is left for the other. */
  async head(): Promise<Block> {
    const [block, other] = await Promise.all([this.block("latest"), this.#rpc.witness("eth_getBlockByNumber", ["latest", false])]);
    if (block === null) throw new InfernetError("chain_unreachable", "the chain has no newest block");
    const seen = blockSchema.safeParse(other).data;
    if (seen === undefined || seen.number <= block.number + BEHIND) return block;
    this.doubt(`its newest block is ${block.number}, another endpoint is at ${seen.number}`);
    return seen;
  }

  /** What the endpoint in use said cannot be: another one is asked next. */
  doubt(reason: string): void {
    const endpoint = this.#rpc.doubt();
    if (endpoint !== undefined) this.#log.warn({ endpoint, reason }, "leaving an RPC endpoint for another");
  }

  /** @throws {RpcRefusal} when the node finds the range too large, or does not know the block */
  async logs(filter: object): Promise<RawLog[]> {
    return parse(logsSchema, "eth_getLogs", await this.#rpc.call("eth_getLogs", [filter]));
  }

  /** The same from another endpoint; nothing where there is none, or where it does not answer soon. */
  async witnessLogs(filter: object): Promise<RawLog[]> {
    return logsSchema.safeParse(await this.#rpc.witness("eth_getLogs", [filter])).data ?? [];
  }

  /** All logs of a block, out of its receipts; null where the node does not give these. */
  async logsInReceipts(block: Hex32): Promise<RawLog[] | null> {
    try {
      const receipts = parse(z.array(heldSchema).nullable(), "eth_getBlockReceipts", await this.#rpc.call("eth_getBlockReceipts", [block]));
      return receipts?.flatMap(({ logs }) => logs) ?? null;
    } catch (error) {
      if (error instanceof RpcRefusal) return null;
      throw error;
    }
  }

  /** What a transaction has logged; nothing while the chain does not hold it. */
  async logsOf(transaction: Hex32): Promise<RawLog[]> {
    return (await this.#ask(heldSchema.nullable(), "eth_getTransactionReceipt", [transaction]))?.logs ?? [];
  }

  async receipt(transaction: string): Promise<Receipt | null> {
    return this.#ask(receiptSchema.nullable(), "eth_getTransactionReceipt", [transaction]);
  }

  /** Whether every endpoint answers, and none has mined the transaction. */
  async unknownToAll(transaction: string): Promise<boolean> {
    const answers = await Promise.allSettled(this.#rpc.askEach("eth_getTransactionReceipt", [transaction]));
    return answers.every((answer) => answer.status === "fulfilled" && answer.value === null);
  }

  /** Who has sent what in a block; null when the node does not have it. */
  async senders(height: number): Promise<{ hash: Hex32; from: string; nonce: number }[] | null> {
    return (await this.#ask(contentSchema.nullable(), "eth_getBlockByNumber", [tagOf(height), true]))?.transactions ?? null;
  }

  /** What a transaction was sent with; null when the chain does not know it. */
  async sent(transaction: string): Promise<{ to?: string | null | undefined; input: string } | null> {
    return this.#ask(sentSchema.nullable(), "eth_getTransactionByHash", [transaction]);
  }

  /** Transactions that an account has had mined. */
  async nonce(account: string, tag: BlockTag = "latest"): Promise<number> {
    return this.#ask(count, "eth_getTransactionCount", [account, tagOf(tag)]);
  }

  async balance(account: string): Promise<bigint> {
    return this.#ask(quantity, "eth_getBalance", [account, "latest"]);
  }

  async code(account: string): Promise<string> {
    return this.#ask(bytes, "eth_getCode", [account, "latest"]);
  }

  /** Tip that gets a transaction mined soon, in wei a unit of gas; null when the node does not say. */
  async tip(): Promise<bigint | null> {
    try {
      return parse(quantity, "eth_maxPriorityFeePerGas", await this.#rpc.call("eth_maxPriorityFeePerGas", []));
    } catch (error) {
      if (error instanceof RpcRefusal) return null;
      throw error;
    }
  }

  /** @throws {InfernetError} `chain_reverted` with the decoded reason */
  async call(what: string, call: Call, tag: BlockTag = "latest"): Promise<string> {
    return this.#ask(bytes, "eth_call", [call, tagOf(tag)], what);
  }

  /** @throws {InfernetError} `chain_reverted` with the decoded reason, `insufficient_funds` */
  async estimateGas(what: string, call: Call): Promise<bigint> {
    return this.#ask(quantity, "eth_estimateGas", [call], what);
  }

  async #ask<S extends z.ZodType>(schema: S, method: string, params: readonly unknown[], what = method): Promise<z.infer<S>> {
    return persist(
      async () => {
        try {
          return parse(schema, method, await this.#rpc.call(method, params));
        } catch (error) {
          throw error instanceof RpcRefusal ? refusal(what, error) : error;
        }
      },
      { attempts: ATTEMPTS },
    );
  }
}

function parse<S extends z.ZodType>(schema: S, method: string, value: unknown): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new InfernetError("chain_unreachable", `${method}: the answer does not have the expected form: ${result.error.issues[0]!.message}`);
}

function refusal(what: string, error: RpcRefusal): InfernetError {
  if (error.data !== undefined && error.data !== "0x") return revertError(what, decodeRevert(error.data), error);
  if (/insufficient funds|exceeds allowance/i.test(error.message))
    return new InfernetError("insufficient_funds", `${what}: the account cannot pay for gas: ${error.message}`, { cause: error });
  if (/revert|out of gas|invalid opcode/i.test(error.message)) return revertError(what, { reason: "unknown", args: { message: error.message } }, error);
  // Pruned state, unsynced backends and the like: they pass.
  return new InfernetError("chain_unreachable", error.message, { cause: error });
}
