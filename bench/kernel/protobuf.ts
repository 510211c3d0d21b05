/** Just enough of the protobuf wire format to write an ONNX model. */

const [VARINT, BYTES, FIXED32] = [0, 2, 5];

/** An encoded field, ready to be joined with others into a message. */
export type Field = Uint8Array;

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    if (rest < 0x80n) return Uint8Array.from([...bytes, low]);
    bytes.push(low | 0x80);
  }
}

const tag = (field: number, wire: number) => varint((field << 3) | wire);

/** Joins fields into a message body. */
export function message(...fields: readonly Field[]): Uint8Array {
  return Buffer.concat(fields);
}

/** An integer or enum field. */
export function int(field: number, value: number): Field {
  return message(tag(field, VARINT), varint(value));
}

/** A float field. */
export function float(field: number, value: number): Field {
  return message(tag(field, FIXED32), new Uint8Array(Float32Array.of(value).buffer));
}

/** A string, bytes or message field. */
export function bytes(field: number, value: string | Uint8Array): Field {
  const body = typeof value === "string" ? new TextEncoder().encode(value) : value;
  return message(tag(field, BYTES), varint(body.length), body);
}
