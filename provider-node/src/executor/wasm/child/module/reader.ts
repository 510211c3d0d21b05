/** A module that must not run. Every host refuses it alike, so it is a result, not an error. */
export class RefusedModule extends Error {
  override readonly name = "RefusedModule";
}

/** Reads the WebAssembly binary format, strictly: an overlong number is refused. */
export class Reader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at === this.end;
  }

  byte(): number {
    if (this.at >= this.end) throw new RefusedModule(`the module ends unexpectedly at byte ${this.at}`);
    return this.bytes[this.at++]!;
  }

  skip(count: number): void {
    if (count > this.end - this.at) throw new RefusedModule(`the module ends unexpectedly at byte ${this.end}`);
    this.at += count;
  }

  /** Unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    const last = this.byte();
    if (last > 0x0f) throw new RefusedModule(`overlong integer at byte ${this.at}`);
    return (value | (last << 28)) >>> 0;
  }

  /** Skips a signed LEB128 of at most `bits` bits. */
  skipSigned(bits: 32 | 64): void {
    const most = Math.ceil(bits / 7);
    for (let count = 1; ; count++) {
      const byte = this.byte();
      if (count < most) {
        if (byte < 0x80) return;
        continue;
      }
      // Bits beyond the width must repeat the sign bit.
      const used = bits - 7 * (most - 1);
      const rest = (byte << 25) >> (25 + used - 1);
      if (byte >= 0x80 || (rest !== 0 && rest !== -1)) throw new RefusedModule(`overlong integer at byte ${this.at}`);
      return;
    }
  }

  /** A UTF-8 name. */
  name(): string {
    const length = this.u32();
    const start = this.at;
    this.skip(length);
    return new TextDecoder().decode(this.bytes.subarray(start, this.at));
  }

  /** A reader of the next `length` bytes, which this one skips. */
  slice(length: number): Reader {
    const start = this.at;
    this.skip(length);
    return new Reader(this.bytes, start, this.at);
  }
}

/** Unsigned LEB128. */
export function leb(value: number): number[] {
  const out: number[] = [];
  do {
    const low = value % 128;
    value = Math.floor(value / 128);
    out.push(value > 0 ? low | 0x80 : low);
  } while (value > 0);
  return out;
}
