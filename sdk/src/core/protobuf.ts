import { concat } from "./bytes.ts";

/** A varint: a non-negative integer below 2^53. */
export function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.push((rest % 0x80) | 0x80);
  out.push(rest);
  return Uint8Array.from(out);
}

/** A field with a varint value. */
export function numberField(field: number, value: number): Uint8Array {
  return concat([varint(field << 3), varint(value)]);
}

/** A field with bytes. */
export function bytesField(field: number, value: Uint8Array): Uint8Array {
  return concat([varint((field << 3) | 2), varint(value.length), value]);
}

/** A field of a message: a number or bytes. */
export interface Field {
  readonly field: number;
  readonly value: number | Uint8Array;
}

/**
 * Fields of a message in the order in which they stand.
 * @throws {RangeError} when the message is cut off or holds other wire types
 */
export function readFields(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError("cut off");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new RangeError("varint too long");
  };
  while (at < bytes.length) {
    const tag = next();
    const field = Math.floor(tag / 8);
    if (tag % 8 === 0) fields.push({ field, value: next() });
    else if (tag % 8 === 2) {
      const length = next();
      if (length > bytes.length - at) throw new RangeError("cut off");
      fields.push({ field, value: bytes.subarray(at, at + length) });
      at += length;
    } else throw new RangeError("unexpected wire type");
  }
  return fields;
}
