import * as dagCbor from "@ipld/dag-cbor";
import type { z } from "zod";
import { equalBytes } from "./bytes.ts";
import { InfernetError, type ErrorCode } from "./errors.ts";

/** Most bytes of a document: one block that every implementation of bitswap carries. */
export const MAX_DOCUMENT_BYTES = 1 << 20;

/** Encoder and decoder of one kind of document. */
export interface DocumentCodec<T> {
  readonly maxBytes: number;
  /** DAG-CBOR of a valid value. @throws {InfernetError} */
  encode(value: T): Uint8Array;
  /** The value of a block from outside. @throws {InfernetError} */
  decode(bytes: Uint8Array): T;
  /** Checks a plain value, for instance from a JSON file. @throws {InfernetError} */
  parse(value: unknown): T;
}

/**
 * Defines a document: a strict schema and a size limit over DAG-CBOR.
 * Only the canonical encoding decodes, so a value has exactly one digest.
 */
export function defineDocument<S extends z.ZodType>(
  schema: S,
  { name, code, maxBytes = MAX_DOCUMENT_BYTES }: { name: string; code: ErrorCode; maxBytes?: number },
): DocumentCodec<z.infer<S>> {
  const checkSize = (bytes: Uint8Array) => {
    if (bytes.length > maxBytes)
      throw new InfernetError("document_too_large", `${name}: ${bytes.length} bytes, at most ${maxBytes} allowed`);
  };
  const parse = (value: unknown): z.infer<S> => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const issue = result.error.issues[0]!;
    throw new InfernetError(code, `${name}: ${issue.path.join(".") || "document"}: ${issue.message}`, {
      details: { issues: result.error.issues.slice(0, 10).map(({ path, message }) => ({ path: path.join("."), message })) },
    });
  };
  return {
    maxBytes,
    parse,
    encode(value) {
      const bytes = dagCbor.encode(parse(value));
      checkSize(bytes);
      return bytes;
    },
    decode(bytes) {
      checkSize(bytes);
      let value: unknown;
      try {
        value = dagCbor.decode(bytes);
        if (!equalBytes(dagCbor.encode(value), bytes)) throw new Error("not the canonical encoding");
      } catch (cause) {
        throw new InfernetError(code, `${name}: not a DAG-CBOR block: ${(cause as Error).message}`, { cause });
      }
      return parse(value);
    },
  };
}
