import type { Stream } from "@libp2p/interface";
import { lpStream } from "@libp2p/utils";
import type { z } from "zod";
import { InfernetError, isInfernetError, throwIfAborted } from "../core/index.ts";
import { dialTarget, dialTargets, type InfernetHost } from "../host/index.ts";
import { decodeAnswer, decodeMessage, encodeAnswer, encodeFailure, encodeMessage, type Protocol } from "./protocol.ts";

/** A libp2p host, for instance that of a Helia store. */
export type DirectHost = InfernetHost;

/** Milliseconds until a peer that is nowhere to be found counts as unreachable, however long its answer might take. */
const DIAL_MS = 20_000;
/** Questions that one connection may have open at a time. */
const MAX_STREAMS = 8;

/** Who asks. */
export interface Caller {
  readonly peerId: string;
  /** Fires when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Direct messages between nodes. Implemented over a libp2p host. */
export interface Direct {
  readonly peerId: string;
  /**
   * Answers questions of a protocol until the returned function is called.
   * @param handler - throws {@link InfernetError} for what the caller should know
   */
  serve<Q extends z.ZodType, A extends z.ZodType>(protocol: Protocol<Q, A>, handler: (request: z.output<Q>, caller: Caller) => Promise<z.input<A>>): Promise<() => Promise<void>>;
  /**
   * Asks a peer.
   * @param multiaddrs - alternatives to reach one peer, each with its peer id; `/p2p/<id>` has it looked up
   * @throws {InfernetError} `peer_unreachable`, `peer_timeout`, `invalid_message`, `aborted`, or what the peer answered
   */
  call<Q extends z.ZodType, A extends z.ZodType>(multiaddrs: readonly string[], protocol: Protocol<Q, A>, request: z.input<Q>, options?: { readonly signal?: AbortSignal }): Promise<z.output<A>>;
}

/** Direct messages over a libp2p host. */
export function createDirect(libp2p: DirectHost): Direct {
  return {
    peerId: libp2p.peerId.toString(),
    async serve(protocol, handler) {
      await libp2p.handle(protocol.name, (stream, connection) => void answer(stream, connection.remotePeer.toString(), protocol, handler), { maxInboundStreams: MAX_STREAMS, runOnLimitedConnection: true });
      return () => libp2p.unhandle(protocol.name);
    },
    call: (multiaddrs, protocol, request, { signal } = {}) => ask(libp2p, multiaddrs, protocol, request, signal),
  };
}

async function ask<Q extends z.ZodType, A extends z.ZodType>(libp2p: DirectHost, multiaddrs: readonly string[], protocol: Protocol<Q, A>, request: z.input<Q>, caller: AbortSignal | undefined): Promise<z.output<A>> {
  throwIfAborted(caller);
  const [target, ...others] = dialTargets(multiaddrs);
  if (target?.peer === undefined || others.length > 0) throw new InfernetError("invalid_argument", "the addresses must name one peer, each with its peer id");
  const message = encodeMessage(protocol.request, request, protocol.maxRequestBytes);
  const timeout = AbortSignal.timeout(protocol.timeoutMs);
  const signal = caller === undefined ? timeout : AbortSignal.any([timeout, caller]);
  let stream: Stream | undefined;
  try {
    const connection = await dialTarget(libp2p, target, AbortSignal.any([signal, AbortSignal.timeout(Math.min(DIAL_MS, protocol.timeoutMs))]));
    // Through a relay too: messages are small.
    stream = await connection.newStream(protocol.name, { signal, runOnLimitedConnection: true });
    const frames = lpStream(stream, { maxDataLength: protocol.maxResponseBytes });
    await frames.write(message, { signal });
    const bytes = (await frames.read({ signal })).subarray();
    await stream.close({ signal }).catch(() => {});
    return decodeAnswer(protocol.response, bytes);
  } catch (cause) {
    stream?.abort(cause as Error);
    if (isInfernetError(cause)) throw cause;
    throwIfAborted(caller);
    if (timeout.aborted) throw new InfernetError("peer_timeout", `${target.peer} did not answer ${protocol.name} within ${protocol.timeoutMs} ms`, { cause });
    if (isTooLong(cause)) throw new InfernetError("invalid_message", `the answer of ${target.peer} is larger than ${protocol.maxResponseBytes} bytes`, { cause });
    throw new InfernetError("peer_unreachable", `cannot ask ${target.peer}: ${(cause as Error).message}`, { cause });
  }
}

async function answer<Q extends z.ZodType, A extends z.ZodType>(stream: Stream, peerId: string, protocol: Protocol<Q, A>, handler: (request: z.output<Q>, caller: Caller) => Promise<z.input<A>>): Promise<void> {
  const gone = new AbortController();
  const signal = AbortSignal.any([AbortSignal.timeout(protocol.timeoutMs), gone.signal]);
  stream.addEventListener("close", () => gone.abort(), { once: true });
  try {
    const frames = lpStream(stream, { maxDataLength: protocol.maxRequestBytes });
    const bytes = (await frames.read({ signal })).subarray();
    let reply: Uint8Array;
    try {
      const value = await handler(decodeMessage(protocol.request, bytes), { peerId, signal });
      reply = encodeAnswer(protocol.response, value, protocol.maxResponseBytes);
    } catch (error) {
      reply = encodeFailure(error);
    }
    await frames.write(reply, { signal });
    await stream.close({ signal });
  } catch (error) {
    // The caller left, sent too much, or took too long: there is nobody to tell.
    stream.abort(error as Error);
  }
}

function isTooLong(error: unknown): boolean {
  return error instanceof Error && error.name === "InvalidDataLengthError";
}
