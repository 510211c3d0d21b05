import type { PeerId } from "@libp2p/interface";
import type { Multiaddr } from "@multiformats/multiaddr";
import { InfernetError } from "../../core/index.ts";
import type { KuboRpc } from "./rpc.ts";

const BROADCAST = "Internal.Bitswap.BroadcastControl.Enable";

/**
 * Since 0.36 Kubo asks only such peers for blocks that have sent it some before, or that a public directory
 * names. Nothing of ours stands in one: whoever has a job's content is named by the chain, and must be asked.
 * @throws {InfernetError} `config_invalid`, with what to do
 */
export async function requireBroadcast(rpc: KuboRpc): Promise<void> {
  if ((await rpc.setting(BROADCAST)) === false) return;
  throw new InfernetError("config_invalid", `the Kubo daemon would not ask peers that it does not know: its setting ${BROADCAST} must be false`, {
    hint: `Run \`ipfs config --json ${BROADCAST} false\` and start the daemon again.`,
    details: { setting: BROADCAST },
  });
}

const HOSTS = new Set(["ip4", "ip6", "dns", "dns4", "dns6"]);

/** Of a daemon's addresses those that every node of the network can dial: plain TCP, with the peer id. */
export function dialableAddresses(id: PeerId, addresses: readonly Multiaddr[]): string[] {
  const plain = addresses.filter((address) => {
    const [host, transport, peer, ...more] = address.getComponents();
    return HOSTS.has(host?.name ?? "") && transport?.name === "tcp" && (peer === undefined || peer.name === "p2p") && more.length === 0;
  });
  return [...new Set(plain.map((address) => (address.toString().includes("/p2p/") ? address.toString() : `${address.toString()}/p2p/${id.toString()}`)))];
}
