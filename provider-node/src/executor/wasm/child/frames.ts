/**
 * Messages between the executor and its child over the child's stdin and stdout:
 * u32le length of the header, u32le length of the payload, header (JSON), payload (bytes).
 */
export const PREFIX_BYTES = 8;
/** Longest header of a reply; requests come from the parent and need no limit. */
export const MAX_REPLY_HEADER_BYTES = 64 * 1024;
/** Longest `detail` of a reply, in characters. */
export const DETAIL_CHARACTERS = 1000;
/** Bytes of the module's stderr that are kept for the operator. */
export const STDERR_BYTES = 4096;

/** First request: what all executions of this child share. Payload: the module. */
export interface InitRequest {
  readonly kind: "init";
  readonly memoryPages: number;
  /** `fd` is the number under which the child has inherited the open file. */
  readonly model: readonly { readonly path: string; readonly fd: number; readonly bytes: number }[];
}

/** One execution. Payload: stdin of the module. */
export interface RunRequest {
  readonly kind: "run";
  /** The module is stopped once it has written this many bytes. */
  readonly stdoutBytes: number;
}

/** Any request. */
export type Request = InitRequest | RunRequest;

/**
 * Any reply. `ready`: the module is compiled; `refused`: it may not run anywhere; `done`: it ended,
 * payload: its stdout; `host`: this host could not run it. `cpuMicros`: CPU time of the child so far.
 */
export type Reply =
  | { readonly kind: "ready"; readonly cpuMicros: number }
  | { readonly kind: "refused"; readonly detail: string; readonly cpuMicros: number }
  | {
      readonly kind: "done";
      readonly outcome: "ok" | "exit" | "trap";
      readonly detail: string;
      readonly stderr: string;
      readonly cpuMicros: number;
    }
  | { readonly kind: "host"; readonly detail: string; readonly cpuMicros: number };

/** Prefix and header of a message; the payload of `payloadBytes` bytes follows. */
export function frameHead(header: Request | Reply, payloadBytes: number): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const head = new Uint8Array(PREFIX_BYTES + json.length);
  const view = new DataView(head.buffer);
  view.setUint32(0, json.length, true);
  view.setUint32(4, payloadBytes, true);
  head.set(json, PREFIX_BYTES);
  return head;
}

/** The two lengths of a prefix. */
export function frameLengths(prefix: Uint8Array): { header: number; payload: number } {
  const view = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES);
  return { header: view.getUint32(0, true), payload: view.getUint32(4, true) };
}
