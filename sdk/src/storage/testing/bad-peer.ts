import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Connection, Libp2p, Stream } from "@libp2p/interface";
import { lpStream } from "@libp2p/utils";
import { bytesField, numberField, readFields, varint } from "../../core/protobuf.ts";
import { concat } from "../../core/index.ts";
import { createHost } from "../../host/index.ts";

const BITSWAP = "/ipfs/bitswap/1.2.0";
const MAX_MESSAGE = 4 << 20;

/** `wrong` sends other bytes, `silent` claims to have everything and sends nothing, `endless` never ends its message, `flood` sends blocks that nobody asked for. */
export type Misconduct = "wrong" | "silent" | "endless" | "flood";
export const MISCONDUCTS: readonly Misconduct[] = ["wrong", "silent", "endless", "flood"];

/** A peer that speaks bitswap and means harm. For tests. */
export interface BadPeer {
  readonly addresses: string[];
  /** Resolves when somebody has asked it for a block. */
  readonly asked: Promise<void>;
  stop(): Promise<void>;
}

export async function createBadPeer(misconduct: Misconduct): Promise<BadPeer> {
  const directory = await mkdtemp(join(tmpdir(), "infernet-bad-"));
  const host: Libp2p = await createHost({ directory });
  const asked = Promise.withResolvers<void>();
  let stopped = false;
  const misbehave = async (cids: readonly Uint8Array[], stream: Stream) => {
    if (misconduct === "wrong") await send(stream, concat(cids.map(wrongBlock)));
    if (misconduct === "silent") await send(stream, concat(cids.map((cid) => bytesField(4, concat([bytesField(1, cid), numberField(2, HAVE)])))));
    if (misconduct === "endless") for (let part = varint(2 ** 40); !stopped; part = new Uint8Array(65536)) await write(stream, part);
    if (misconduct === "flood") for (let i = 0; !stopped; i++) await send(stream, unasked(i));
  };
  await host.handle(BITSWAP, (stream: Stream, connection: Connection) => {
    void (async () => {
      const frames = lpStream(stream, { maxDataLength: MAX_MESSAGE });
      for (;;) {
        const cids = wants((await frames.read()).subarray());
        if (cids.length === 0) continue;
        asked.resolve();
        await misbehave(cids, await connection.newStream(BITSWAP)).catch(() => {});
      }
    })().catch(() => {});
  }, { maxInboundStreams: 1000 });
  return {
    addresses: host.getMultiaddrs().map(String),
    asked: asked.promise,
    async stop() {
      stopped = true;
      await host.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const HAVE = 0;

/** CIDs that a message asks for: wantlist (1) > entries (1) > block (1), unless they are cancelled (3). */
function wants(message: Uint8Array): Uint8Array[] {
  const lists = readFields(message).filter(({ field }) => field === 1);
  const entries = lists.flatMap(({ value }) => readFields(value as Uint8Array)).filter(({ field }) => field === 1);
  return entries
    .map(({ value }) => readFields(value as Uint8Array))
    .filter((entry) => !entry.some(({ field, value }) => field === 3 && value === 1))
    .map((entry) => entry.find(({ field }) => field === 1)!.value as Uint8Array);
}

/** A block (payload, 3) with the prefix of what was asked for, and other bytes. */
function wrongBlock(cid: Uint8Array): Uint8Array {
  return bytesField(3, concat([bytesField(1, cid.subarray(0, 4)), bytesField(2, Uint8Array.of(6, 6, 6))]));
}

function unasked(number: number): Uint8Array {
  const bytes = new Uint8Array(65536);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytesField(3, concat([bytesField(1, Uint8Array.of(1, 0x55, 0x12, 32)), bytesField(2, bytes)]));
}

async function send(stream: Stream, message: Uint8Array): Promise<void> {
  await write(stream, concat([varint(message.length), message]));
}

/** Leaves the event loop to others in between: they may run in the same process. @throws when the stream has been cut off */
async function write(stream: Stream, bytes: Uint8Array): Promise<void> {
  await setTimeout(2);
  if (stream.status !== "open") throw new Error(`the stream is ${stream.status}`);
  if (!stream.send(bytes)) await stream.onDrain();
}
