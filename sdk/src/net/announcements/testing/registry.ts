import { Wallet } from "ethers";
import type { NodeInfo } from "../../../chain/index.ts";
import { announcementSigner, signAnnouncement } from "../../../chain/evm/announcement.ts";
import { announcementDigest, announcementDocument, InfernetError, type Announcement, type Hex32 } from "../../../core/index.ts";
import type { SelfDescription } from "../announcer.ts";
import type { AnnouncementNetworkOptions } from "../network.ts";
import { realmOf } from "../topic.ts";

const JOBS = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
const ZERO = "0x0000000000000000000000000000000000000000";

/** Nodes as a chain would know them, with the keys of their operators. For tests. */
export class Registry {
  readonly #nodes = new Map<number, { wallet: Wallet; stake: bigint }>();
  readonly chainId: number;
  /** Whether the chain answers. */
  reachable = true;
  reads = 0;

  constructor(chainId = 31337) {
    this.chainId = chainId;
  }

  get realm() {
    return realmOf({ kind: "evm", id: String(this.chainId) }, JOBS);
  }

  register(node: number, stake = 10n ** 18n): void {
    this.#nodes.set(node, { wallet: new Wallet(`0x${node.toString(16).padStart(64, "0")}`), stake });
  }

  wallet(node: number): Wallet {
    return this.#nodes.get(node)!.wallet;
  }

  /** What an announcement network asks of a chain, signing as a node. */
  port(node?: number): AnnouncementNetworkOptions["port"] {
    return {
      chain: { kind: "evm", id: String(this.chainId) },
      jobsAddress: JOBS,
      node: async (id) => {
        this.reads++;
        if (!this.reachable) throw new InfernetError("chain_unreachable", "no endpoint answers");
        const entry = this.#nodes.get(id);
        const account = entry?.wallet.address ?? ZERO;
        return { node: id, owner: account, operator: account, payout: account, stake: { free: entry?.stake ?? 0n, earmarked: 0n, frozen: 0n, unbonding: 0n, bonded: 0n } } satisfies NodeInfo;
      },
      signAnnouncement: (content) => this.sign(this.wallet(node!), content),
      announcementSigner: (content, signature) => announcementSigner(this.chainId, JOBS, content, signature),
    };
  }

  sign(wallet: Wallet, content: Hex32): Promise<string> {
    return signAnnouncement(wallet, this.chainId, JOBS, content);
  }

  /** A signed announcement, with whatever is said otherwise. */
  async announce(change: Partial<Announcement> & { node: number; issuedAt: number }, signer: Wallet = this.wallet(change.node)): Promise<Uint8Array> {
    const announcement: Announcement = {
      version: 1, ...this.realm, ...describe(change.node), sequence: change.issuedAt, expiresAt: change.issuedAt + 600,
      peerId: "12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust", multiaddrs: ["/ip4/127.0.0.1/tcp/4001"], ...change,
    };
    return announcementDocument.encode({ announcement, signature: await this.sign(signer, announcementDigest(announcement)) });
  }
}

/** What a node of a test has to say. */
export function describe(node: number): SelfDescription {
  return {
    node, role: "provider", status: "available", load: { busy: 0, seats: 8 }, executors: ["wasm"], pools: [], models: [], price: { minUnitReward: "5" }, benchmarks: [],
    hardware: { cpu: { model: "test", cores: 4 }, memoryMiB: 16_384, gpus: [] },
  };
}
