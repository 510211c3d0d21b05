import { join } from "node:path";
import { freePort } from "@infernet/sdk/node";

/** The peer that others begin with. */
export interface BootstrapPeer {
  /** Multiaddr for it to listen on. */
  readonly listen: string;
  /** The same with its peer id, for the others. */
  readonly multiaddr: string;
}

/** Where a node will be that has not started yet: its peer id, made now, and a port that is free. */
export async function bootstrapPeer(dataDir: string): Promise<BootstrapPeer> {
  const { loadPeerId } = await import("@infernet/sdk/host");
  const listen = `/ip4/127.0.0.1/tcp/${await freePort()}`;
  return { listen, multiaddr: `${listen}/p2p/${await loadPeerId(join(dataDir, "content"))}` };
}
