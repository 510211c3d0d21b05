import type { PeerId } from "@libp2p/interface";
import type { Helia } from "helia";
import type { CID } from "multiformats/cid";
import { InfernetError } from "../../core/index.ts";

/** What the store uses of Helia's bitswap. */
export interface Bitswap {
  /** Asks connected peers for a block until one sends it. The bytes match the CID. */
  want(cid: CID, options: { signal: AbortSignal }): Promise<Uint8Array>;
  /** Tells peers that are known to want the block that it is here. */
  announce(cid: CID): Promise<void>;
  /** Whether the block is still asked for. */
  isWanted(cid: CID): boolean;
  /** Sends the whole want list to a peer once more. */
  resendWants(peer: PeerId): Promise<void>;
}

/** The parts of @helia/bitswap 4 that its public types leave out. */
interface Broker {
  readonly name: string;
  announce(cid: CID): Promise<void>;
  readonly bitswap: {
    want(cid: CID, options: { signal: AbortSignal }): Promise<Uint8Array>;
    readonly wantList: { has(cid: CID): boolean; peerConnected(peer: PeerId): Promise<void> };
  };
}

/**
 * Bitswap of a started Helia node. Helia's own way of getting blocks is not enough for a network in
 * which blocks are asked for before they exist: a put announces the block *before* it is stored, so
 * waiting peers are told nothing; wants that are added while a peer connects are not sent to it; and
 * a want that is given up and taken up again at once is lost.
 * @throws {InfernetError} `internal` when the installed version differs from what this relies on
 */
export function bitswapOf(helia: Helia): Bitswap {
  const brokers = (helia as unknown as { blockBrokers?: readonly Broker[] }).blockBrokers;
  const broker = brokers?.find((candidate) => candidate.name === "bitswap");
  const wantList = broker?.bitswap?.wantList;
  if (broker === undefined || typeof wantList?.has !== "function" || typeof wantList.peerConnected !== "function")
    throw new InfernetError("internal", "the installed @helia/bitswap has another shape than expected");
  return {
    want: (cid, options) => broker.bitswap.want(cid, options),
    announce: (cid) => broker.announce(cid),
    isWanted: (cid) => wantList.has(cid),
    resendWants: (peer) => wantList.peerConnected(peer),
  };
}
