/** Most buffers of one read or write, as IOV_MAX of Linux. */
const MAX_VECTORS = 1024;

/** The module's linear memory as the shim sees it. Every access is checked: undefined or false means a bad pointer. */
export class GuestMemory {
  #memory: WebAssembly.Memory | undefined;
  #view = new DataView(new ArrayBuffer(0));
  #bytes = new Uint8Array(0);

  /** Called once the instance exists. Before that every access fails: a start function has no memory to show. */
  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
  }

  /** The `length` bytes at `pointer`; undefined when they are not all inside the memory. */
  slice(pointer: number, length: number): Uint8Array | undefined {
    this.#refresh();
    const from = pointer >>> 0;
    const count = length >>> 0;
    return from + count <= this.#bytes.length ? this.#bytes.subarray(from, from + count) : undefined;
  }

  /** A view of `length` bytes at `pointer`, for little-endian fields; undefined when out of bounds. */
  fields(pointer: number, length: number): DataView | undefined {
    this.#refresh();
    const from = pointer >>> 0;
    return from + length <= this.#bytes.length ? new DataView(this.#view.buffer, from, length) : undefined;
  }

  setU32(pointer: number, value: number): boolean {
    const at = this.fields(pointer, 4);
    at?.setUint32(0, value, true);
    return at !== undefined;
  }

  setU64(pointer: number, value: bigint): boolean {
    const at = this.fields(pointer, 8);
    at?.setBigUint64(0, value, true);
    return at !== undefined;
  }

  /** The buffers of an iovec array; undefined when there are too many or any of it is out of bounds. */
  vectors(pointer: number, count: number): Uint8Array[] | undefined {
    if (count >>> 0 > MAX_VECTORS) return undefined;
    const table = this.fields(pointer, count * 8);
    if (table === undefined) return undefined;
    const out: Uint8Array[] = [];
    for (let at = 0; at < table.byteLength; at += 8) {
      const bytes = this.slice(table.getUint32(at, true), table.getUint32(at + 4, true));
      if (bytes === undefined) return undefined;
      out.push(bytes);
    }
    return out;
  }

  /** memory.grow replaces the buffer. */
  #refresh(): void {
    const buffer = this.#memory?.buffer;
    if (buffer === undefined || buffer === this.#view.buffer) return;
    this.#view = new DataView(buffer);
    this.#bytes = new Uint8Array(buffer);
  }
}
