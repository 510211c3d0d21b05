/** Reads the safetensors format: an 8-byte length, a JSON header, then the raw tensors. */
import { z } from "zod/v4";

/** A tensor of fp32 numbers, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const MAX_HEADER_BYTES = 1 << 20;
const size = z.int().nonnegative();
const headerSchema = z.record(
  z.string(),
  z.union([
    z.object({ dtype: z.string(), shape: z.array(size), data_offsets: z.tuple([size, size]) }),
    z.record(z.string(), z.string()),
  ]),
);

/**
 * Opens a safetensors file.
 *
 * @returns a function that copies one tensor out by name
 * @throws Error when the header is malformed; the function throws when a tensor is missing, not F32 or out of bounds
 */
export function readTensors(file: Uint8Array): (name: string) => Tensor {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = file.length < 8 ? Infinity : Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES || length > file.length - 8) throw new Error("not a safetensors file: bad header length");
  const header = headerSchema.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(file.subarray(8, 8 + length))));
  const base = 8 + length;
  return (name) => {
    const entry = header[name];
    if (entry === undefined || !("data_offsets" in entry) || !Array.isArray(entry.data_offsets)) throw new Error(`the weights lack ${name}`);
    const { dtype, shape, data_offsets } = entry as { dtype: string; shape: number[]; data_offsets: [number, number] };
    const [from, to] = data_offsets;
    const values = shape.reduce((a, b) => a * b, 1);
    if (dtype !== "F32" || to - from !== 4 * values || base + to > file.length) throw new Error(`${name} is not a whole fp32 tensor`);
    const bytes = file.slice(base + from, base + to);
    return { shape, data: new Float32Array(bytes.buffer, bytes.byteOffset, values) };
  };
}
