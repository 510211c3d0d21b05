import * as dagCbor from "@ipld/dag-cbor";
import { z } from "zod";
import { ERRORS, InfernetError, isInfernetError, type ErrorCode } from "../core/index.ts";

/** One kind of question that a node answers over a direct stream: one message each way. */
export interface Protocol<Q extends z.ZodType = z.ZodType, A extends z.ZodType = z.ZodType> {
  /** As libp2p negotiates it, for instance `/infernet/intake/1`. */
  readonly name: string;
  readonly request: Q;
  readonly response: A;
  /** Most bytes of an encoded message, each way. */
  readonly maxRequestBytes: number;
  readonly maxResponseBytes: number;
  /** Milliseconds from the dial to the answer. */
  readonly timeoutMs: number;
}

/** Defines a protocol with its types. */
export function defineProtocol<Q extends z.ZodType, A extends z.ZodType>(protocol: Protocol<Q, A>): Protocol<Q, A> {
  return protocol;
}

/** Messages of errors are cut: an answer is for a program, and its text for one line of a log. */
const MAX_MESSAGE = 500;

const answerSchema = z.union([
  z.strictObject({ ok: z.unknown() }),
  z.strictObject({ error: z.strictObject({ code: z.string().max(64), message: z.string().max(2 * MAX_MESSAGE) }) }),
]);

/**
 * DAG-CBOR of a message.
 * @throws {InfernetError} `invalid_message` when it does not fit the schema or the limit
 */
export function encodeMessage<S extends z.ZodType>(schema: S, value: z.input<S>, maxBytes: number): Uint8Array {
  checkShape(schema, value);
  return sized(dagCbor.encode(value), maxBytes);
}

/** The value of a message. @throws {InfernetError} `invalid_message` */
export function decodeMessage<S extends z.ZodType>(schema: S, bytes: Uint8Array): z.output<S> {
  return checkShape(schema, decode(bytes));
}

/** An answer on its way back: the value, or why there is none. */
export function encodeAnswer<S extends z.ZodType>(schema: S, value: z.input<S>, maxBytes: number): Uint8Array {
  checkShape(schema, value);
  return sized(dagCbor.encode({ ok: value }), maxBytes);
}

/** What a stranger may know about an error: its code and message, and nothing about defects of this node. */
export function encodeFailure(error: unknown): Uint8Array {
  const known = isInfernetError(error) && error.code !== "internal";
  const message = known ? error.message.slice(0, MAX_MESSAGE) : "the node could not answer";
  return dagCbor.encode({ error: { code: known ? error.code : "internal", message } });
}

/**
 * The value of an answer.
 * @throws {InfernetError} the peer's own error, with `details.remote`; `invalid_message` for anything else
 */
export function decodeAnswer<S extends z.ZodType>(schema: S, bytes: Uint8Array): z.output<S> {
  const answer = checkShape(answerSchema, decode(bytes));
  if ("ok" in answer) return checkShape(schema, answer.ok);
  const { code, message } = answer.error;
  if (Object.hasOwn(ERRORS, code)) throw new InfernetError(code as ErrorCode, message, { details: { remote: true } });
  throw new InfernetError("invalid_message", `the peer answered with an unknown error ${JSON.stringify(code)}: ${message}`, { details: { remote: true } });
}

function decode(bytes: Uint8Array): unknown {
  try {
    return dagCbor.decode(bytes);
  } catch (cause) {
    throw new InfernetError("invalid_message", `the message is not DAG-CBOR: ${(cause as Error).message}`, { cause });
  }
}

function checkShape<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new InfernetError("invalid_message", `${issue.path.join(".") || "message"}: ${issue.message}`);
}

function sized(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length > maxBytes) throw new InfernetError("invalid_message", `the message has ${bytes.length} bytes, at most ${maxBytes} allowed`);
  return bytes;
}
