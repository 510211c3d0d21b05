import { AbiCoder, type Result } from "ethers";
import { InfernetError } from "../../core/index.ts";
import { errors } from "./contracts.ts";

/** Why a call was refused. */
export interface RevertReason {
  /** Name of the custom error; `Error` with a message, `Panic` with a code, `unknown` otherwise. */
  readonly reason: string;
  /** Arguments by name; whole numbers as decimal text, so that they survive JSON. */
  readonly args: Readonly<Record<string, unknown>>;
}

const coder = AbiCoder.defaultAbiCoder();
const ERROR = "0x08c379a0";
const PANIC = "0x4e487b71";

/** Decodes the data of a revert. Never throws: the data is whatever some contract chose. */
export function decodeRevert(data: string): RevertReason {
  try {
    if (data.startsWith(ERROR)) return { reason: "Error", args: { message: coder.decode(["string"], `0x${data.slice(10)}`)[0] as string } };
    if (data.startsWith(PANIC)) return { reason: "Panic", args: { code: String(coder.decode(["uint256"], `0x${data.slice(10)}`)[0]) } };
    const parsed = errors.parseError(data);
    if (parsed !== null) return { reason: parsed.name, args: named(parsed.args) };
  } catch {
    // Falls through: bytes that only look like an error we know.
  }
  return { reason: "unknown", args: { data: data.slice(0, 1026) } };
}

/** The typed error of a refused call. */
export function revertError(what: string, { reason, args }: RevertReason, cause?: unknown): InfernetError {
  const list = Object.entries(args).map(([name, value]) => `${name} ${String(value)}`).join(", ");
  return new InfernetError("chain_reverted", `${what}: ${reason}${list === "" ? "" : ` (${list})`}`, { details: { reason, args }, cause });
}

function named(args: Result): Record<string, unknown> {
  return Object.fromEntries(Object.entries(args.toObject(true)).map(([name, value]) => [name, plain(value)]));
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return Array.isArray(value) ? value.map(plain) : value;
}
