/** Thrown through the module to end it: no instruction that we allow can catch it. */
export class Halt extends Error {
  readonly exitCode: number;
  constructor(exitCode: number) {
    super(`exit ${exitCode}`);
    this.exitCode = exitCode;
  }
}

/** Bytes that the module reads in order: a model file, or its stdin. Never copied before the module asks. */
export class ByteSource {
  readonly bytes: Uint8Array;
  position = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Copies from `offset` straight into `targets`; returns how many bytes. One memcpy per target. */
  readAt(offset: number, targets: readonly Uint8Array[]): number {
    let at = Math.min(offset, this.bytes.length);
    const start = at;
    for (const target of targets) {
      const end = Math.min(at + target.length, this.bytes.length);
      target.set(this.bytes.subarray(at, end));
      at = end;
    }
    return at - start;
  }
}

/** Keeps what the module writes, up to a limit. */
export class ByteSink {
  readonly limit: number;
  #buffer: Uint8Array;
  #length = 0;

  constructor(limit: number) {
    this.limit = limit;
    this.#buffer = new Uint8Array(Math.min(limit, 64 * 1024));
  }

  get full(): boolean {
    return this.#length === this.limit;
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Keeps as much of `chunk` as still fits. */
  write(chunk: Uint8Array): void {
    const end = Math.min(this.#length + chunk.length, this.limit);
    if (end > this.#buffer.length) {
      const larger = new Uint8Array(Math.min(this.limit, Math.max(end, 2 * this.#buffer.length)));
      larger.set(this.bytes);
      this.#buffer = larger;
    }
    this.#buffer.set(chunk.subarray(0, end - this.#length), this.#length);
    this.#length = end;
  }
}

/** The bytes of random_get: mulberry32 from seed 1, each word little endian; the same for every execution. */
export function fixedRandom(): (target: Uint8Array) => void {
  let state = 1;
  let word = 0;
  let left = 0;
  return (target) => {
    for (let i = 0; i < target.length; i++) {
      if (left === 0) {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), state | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        word = t ^ (t >>> 14);
        left = 4;
      }
      target[i] = word & 0xff;
      word >>>= 8;
      left--;
    }
  };
}
