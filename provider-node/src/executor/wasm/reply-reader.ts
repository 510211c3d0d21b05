import { z } from "zod";
import { frameLengths, MAX_REPLY_HEADER_BYTES, PREFIX_BYTES, type Reply } from "./child/frames.ts";

const cpuMicros = z.number().nonnegative();
const detail = z.string();
const replySchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("ready"), cpuMicros }),
  z.strictObject({ kind: z.literal("refused"), detail, cpuMicros }),
  z.strictObject({ kind: z.literal("done"), outcome: z.enum(["ok", "exit", "trap"]), detail, stderr: z.string(), cpuMicros }),
  z.strictObject({ kind: z.literal("host"), detail, cpuMicros }),
]) satisfies z.ZodType<Reply>;

/** A reply and the bytes that came with it. */
export interface ReceivedReply {
  readonly reply: Reply;
  readonly payload: Uint8Array;
}

/**
 * Puts replies together from the chunks of a pipe. The child is not trusted: lengths are held
 * against limits before anything is allocated, and a byte that nobody asked for is an error.
 */
export class ReplyReader {
  #maxPayloadBytes: number | undefined;
  #state: "prefix" | "header" | "payload" = "prefix";
  #buffer = new Uint8Array(PREFIX_BYTES);
  #filled = 0;
  #payloadBytes = 0;
  #reply: Reply | undefined;

  /** Allows the next reply. */
  expect(maxPayloadBytes: number): void {
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#next("prefix", PREFIX_BYTES);
  }

  /**
   * Takes a chunk; returns the reply that it completes.
   * @throws {Error} when the bytes are not a reply that was asked for
   */
  push(chunk: Uint8Array): ReceivedReply | undefined {
    for (let at = 0; at < chunk.length; ) {
      if (this.#maxPayloadBytes === undefined) throw new Error("bytes that nobody asked for");
      const count = Math.min(chunk.length - at, this.#buffer.length - this.#filled);
      this.#buffer.set(chunk.subarray(at, at + count), this.#filled);
      this.#filled += count;
      at += count;
      const received = this.#filled === this.#buffer.length ? this.#complete(this.#maxPayloadBytes) : undefined;
      if (received === undefined) continue;
      if (at < chunk.length) throw new Error("bytes after the reply");
      return received;
    }
    return undefined;
  }

  #complete(maxPayloadBytes: number): ReceivedReply | undefined {
    if (this.#state === "prefix") {
      const { header, payload } = frameLengths(this.#buffer);
      if (header > MAX_REPLY_HEADER_BYTES || payload > maxPayloadBytes) throw new Error("a reply beyond its limits");
      this.#payloadBytes = payload;
      this.#next("header", header);
      if (header === 0) throw new Error("an empty header");
      return undefined;
    }
    if (this.#state === "header") {
      this.#reply = replySchema.parse(JSON.parse(new TextDecoder().decode(this.#buffer)));
      this.#next("payload", this.#payloadBytes);
      if (this.#payloadBytes > 0) return undefined;
    }
    this.#maxPayloadBytes = undefined;
    return { reply: this.#reply!, payload: this.#buffer };
  }

  #next(state: "prefix" | "header" | "payload", bytes: number): void {
    this.#state = state;
    this.#buffer = new Uint8Array(bytes);
    this.#filled = 0;
  }
}
