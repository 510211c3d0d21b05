import { z } from "zod";
import { fromBase64, fromUtf8, toBase64 } from "./bytes.ts";

const lineSchema = z.strictObject({ embedding: z.string(), tokens: z.number().int().min(0) });

/** A vector and the number of tokens that it was computed from. */
export interface Embedding {
  readonly vector: Float32Array;
  readonly tokens: number;
}

/** The vector of a result line `{"embedding":"<base64 float32 LE>","tokens":n}`; undefined when it is none. */
export function parseEmbedding(line: Uint8Array): Embedding | undefined {
  try {
    const { embedding, tokens } = lineSchema.parse(JSON.parse(fromUtf8(line)));
    const vector = decodeVector(embedding);
    return vector.length > 0 && vector.every(Number.isFinite) ? { vector, tokens } : undefined;
  } catch {
    return undefined;
  }
}

/** Float32 numbers of base64, little endian. @throws when the length is not a multiple of 4 */
export function decodeVector(base64: string): Float32Array {
  const bytes = fromBase64(base64);
  if (bytes.length % 4 !== 0) throw new RangeError("not a list of float32");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/** Base64 of float32 numbers, little endian: the form in which OpenAI hands out vectors on request. */
export function encodeVector(vector: Float32Array): string {
  const view = new DataView(new ArrayBuffer(4 * vector.length));
  vector.forEach((value, i) => view.setFloat32(4 * i, value, true));
  return toBase64(new Uint8Array(view.buffer));
}
