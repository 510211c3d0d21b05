import { InfernetError, profileDocument, type Hex32, type Profile } from "../core/index.ts";
import type { ChainEvent, ChainStep } from "./events.ts";
import type { Account } from "./terms.ts";

/** What the chain says about a node. */
export interface NodeEntry {
  readonly node: number;
  readonly owner: Account;
  readonly operator: Account;
  readonly payout: Account;
  readonly encryptionKey: Hex32;
  /** Null when the bytes on chain are no valid profile: everything about such a node is unknown. */
  readonly profile: Profile | null;
  /** Chain time in seconds, 0 = not jailed; Infinity = banned. */
  readonly jailedUntil: number;
}

/** One member of a pool. */
export interface MemberEntry {
  readonly member: number;
  readonly node: number;
  readonly capacity: number;
  readonly paused: boolean;
  readonly suspended: boolean;
}

interface PoolEntry {
  readonly members: Map<number, MemberEntry>;
  readonly byNode: Map<number, number>;
}

const TYPES = ["node-registered", "operator-set", "payout-set", "profile-set", "member-joined", "member-synced", "jailed", "banned"] as const;
type DirectoryEvent = ChainEvent & { type: (typeof TYPES)[number] };

/** Who the nodes are, where they are reached, and which member of which pool they are. */
export class Directory {
  #events: DirectoryEvent[] = [];
  #nodes = new Map<number, NodeEntry>();
  #pools = new Map<Hex32, PoolEntry>();

  /** Takes in one step of a follower. @returns whether anything has changed */
  apply(step: Pick<ChainStep, "rollback" | "events">): boolean {
    const undone = step.rollback !== undefined && this.#rollback(step.rollback.to);
    const news = step.events.filter((event): event is DirectoryEvent => (TYPES as readonly string[]).includes(event.type));
    for (const event of news) this.#apply(event);
    this.#events.push(...news);
    return undone || news.length > 0;
  }

  node(id: number): NodeEntry | undefined {
    return this.#nodes.get(id);
  }

  nodes(): IterableIterator<NodeEntry> {
    return this.#nodes.values();
  }

  /** Multiaddrs of a node and, last, its bare peer id, by which it can be looked up; empty when it is unknown. */
  multiaddrs(node: number): readonly string[] {
    const profile = this.#nodes.get(node)?.profile;
    return profile ? [...profile.multiaddrs, `/p2p/${profile.peerId}`] : [];
  }

  /** Of {@link multiaddrs} those of the node's own host, which answers questions: its content may be at another peer. */
  hostAddresses(node: number): readonly string[] {
    const own = this.#nodes.get(node)?.profile?.peerId;
    return this.multiaddrs(node).filter((address) => (/\/p2p\/([^/]+)$/.exec(address)?.[1] ?? own) === own);
  }

  member(pool: Hex32, member: number): MemberEntry | undefined {
    return this.#pools.get(pool)?.members.get(member);
  }

  /** Pools that anybody has joined. */
  pools(): Hex32[] {
    return [...this.#pools.keys()];
  }

  members(pool: Hex32): MemberEntry[] {
    return [...(this.#pools.get(pool)?.members.values() ?? [])];
  }

  /** Pools that a node is a member of. */
  poolsOf(node: number): Hex32[] {
    return [...this.#pools].filter(([, { byNode }]) => byNode.has(node)).map(([pool]) => pool);
  }

  /** Node behind a pool member. Can be handed on as a function. */
  readonly nodeOf = (pool: string, member: number): number | undefined => this.#pools.get(pool as Hex32)?.members.get(member)?.node;

  /** Member index of a node in a pool. */
  readonly memberOf = (pool: string, node: number): number | undefined => this.#pools.get(pool as Hex32)?.byNode.get(node);

  /** Node that an account owns or signs for. */
  nodeOfAccount(account: Account): NodeEntry | undefined {
    return [...this.#nodes.values()].find(({ owner, operator }) => owner === account || operator === account);
  }

  #apply(event: DirectoryEvent): void {
    switch (event.type) {
      case "node-registered": {
        const { node, owner, operator, payout, encryptionKey } = event;
        this.#nodes.set(node, { node, owner, operator, payout, encryptionKey, profile: decodeProfile(event.profile), jailedUntil: 0 });
        return;
      }
      case "operator-set":
        return this.#update(event.node, { operator: event.operator });
      case "payout-set":
        return this.#update(event.node, { payout: event.payout });
      case "profile-set":
        return this.#update(event.node, { profile: decodeProfile(event.profile) });
      case "jailed":
        return this.#update(event.node, { jailedUntil: event.until });
      case "banned":
        return this.#update(event.node, { jailedUntil: Infinity });
      case "member-joined":
        return this.#setMember(event.pool, { member: event.member, node: event.node, capacity: event.capacity, paused: false, suspended: false });
      case "member-synced": {
        const { member, node, capacity, paused, suspended } = event;
        return this.#setMember(event.pool, { member, node, capacity, paused, suspended });
      }
    }
  }

  #update(node: number, change: Partial<NodeEntry>): void {
    const entry = this.#nodes.get(node);
    if (entry !== undefined) this.#nodes.set(node, { ...entry, ...change });
  }

  #setMember(pool: Hex32, entry: MemberEntry): void {
    let found = this.#pools.get(pool);
    if (found === undefined) this.#pools.set(pool, (found = { members: new Map(), byNode: new Map() }));
    found.members.set(entry.member, entry);
    found.byNode.set(entry.node, entry.member);
  }

  #rollback(to: number): boolean {
    const kept = this.#events.filter((event) => event.at.height <= to);
    if (kept.length === this.#events.length) return false;
    this.#events = kept;
    this.#nodes = new Map();
    this.#pools = new Map();
    for (const event of kept) this.#apply(event);
    return true;
  }
}

function decodeProfile(bytes: Uint8Array): Profile | null {
  try {
    return profileDocument.decode(bytes);
  } catch (error) {
    if (error instanceof InfernetError) return null;
    throw error;
  }
}
