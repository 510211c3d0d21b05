import type { Message, TopicValidatorResult } from "@libp2p/gossipsub";
import { TopicValidatorResult as Result } from "@libp2p/gossipsub";
import type { IdentifyResult, PeerId } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import type { ChainPort, Statements } from "../../chain/index.ts";
import { announcementDocument, InfernetError, type Announcement } from "../../core/index.ts";
import { dialTargets, type InfernetHost } from "../../host/index.ts";
import { createDirect } from "../direct.ts";
import { Judge, type Refusal } from "./judge.ts";
import { KnownAnnouncements } from "./known.ts";
import { listProtocol, PAGE } from "./protocol.ts";
import { Standings } from "./standing.ts";
import { announcementsTopic, realmOf, type Realm } from "./topic.ts";

/** What announcements are held against, and who is told. */
export interface AnnouncementNetworkOptions {
  readonly host: InfernetHost;
  readonly port: Pick<ChainPort, "chain" | "jobsAddress" | "node"> & Statements;
  /** Peer id that the chain has for a node, where that is known. Only then are announced addresses used. */
  readonly peerOf?: (node: number) => string | undefined;
  /** Told of each announcement that was news. */
  readonly onNews?: (announcement: Announcement) => void;
  readonly onRefused?: (why: Refusal, from: string) => void;
  /** Milliseconds. */
  readonly now?: () => number;
}

/** Peers that are asked for what they know: one may lie by leaving out, three hardly. */
const ASKED = 3;
const MOST_PAGES = 64;

/** Takes part in the gossip of announcements: checks, remembers, and passes on what newcomers ask for. */
export class AnnouncementNetwork {
  readonly realm: Realm;
  readonly known: KnownAnnouncements;
  readonly #options: AnnouncementNetworkOptions;
  readonly #judge: Judge;
  readonly #topic: string;
  readonly #asked = new Map<string, Promise<void>>();
  readonly #firstAsked = Promise.withResolvers<void>();
  readonly #closed = new AbortController();
  #unserve = async () => {};

  constructor(options: AnnouncementNetworkOptions) {
    const { port, now = Date.now } = options;
    this.#options = options;
    this.realm = realmOf(port.chain, port.jobsAddress);
    this.#topic = announcementsTopic(this.realm);
    this.known = new KnownAnnouncements(now);
    this.#judge = new Judge({ realm: this.realm, statements: port, standings: new Standings(port, now), newest: (node) => this.known.newest(node), now });
  }

  /** @throws {InfernetError} `invalid_argument` when the host does not gossip */
  async start(): Promise<void> {
    const { host } = this.#options;
    const pubsub = this.#pubsub;
    pubsub.topicValidators.set(this.#topic, (peer, message) => this.#validate(peer, message));
    pubsub.subscribe(this.#topic);
    this.#unserve = await createDirect(host).serve(listProtocol, async ({ after }) => ({
      announcements: this.known.all().filter(({ announcement }) => announcement.node > after).slice(0, PAGE).map(({ bytes }) => bytes),
    }));
    host.addEventListener("peer:identify", this.#onIdentify);
    for (const peer of await host.peerStore.all()) if (host.getConnections(peer.id).length > 0 && peer.protocols.includes(listProtocol.name)) this.#ask(peer.id);
  }

  async stop(): Promise<void> {
    this.#closed.abort();
    this.#options.host.removeEventListener("peer:identify", this.#onIdentify);
    await this.#unserve();
    this.#pubsub.unsubscribe(this.#topic);
    this.#pubsub.topicValidators.delete(this.#topic);
  }

  /** Peers that take part, as far as this host is connected to them. */
  subscribers(): string[] {
    return this.#pubsub.getSubscribers(this.#topic).map(String);
  }

  /** Calls back whenever a peer begins to take part. @returns what ends that */
  onSubscriber(tell: () => void): () => void {
    const pubsub = this.#pubsub;
    const listener = ({ detail }: { detail: { subscriptions: readonly { topic: string; subscribe: boolean }[] } }) => {
      if (detail.subscriptions.some(({ topic, subscribe }) => topic === this.#topic && subscribe)) tell();
    };
    pubsub.addEventListener("subscription-change", listener);
    return () => pubsub.removeEventListener("subscription-change", listener);
  }

  /** Tells the network about this node. @returns to how many peers it went */
  async publish(bytes: Uint8Array): Promise<number> {
    const { announcement } = announcementDocument.decode(bytes);
    this.known.add({ announcement, bytes });
    const { recipients } = await this.#pubsub.publish(this.#topic, bytes);
    return recipients.length;
  }

  /** Resolves when the first peers have told all they know, or when the signal fires. */
  async settled(signal: AbortSignal): Promise<void> {
    const over = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => over.resolve(), { once: true });
    if (signal.aborted) return;
    await Promise.race([over.promise, this.#firstAsked.promise.then(() => Promise.all(this.#asked.values()))]);
  }

  get #pubsub() {
    const { pubsub } = this.#options.host.services;
    if (pubsub === undefined) throw new InfernetError("invalid_argument", "the libp2p host takes part in no gossip");
    return pubsub;
  }

  async #validate(peer: PeerId, message: Message): Promise<TopicValidatorResult> {
    const take = await this.#take(message.data, peer.toString()).catch(() => "ignore" as const);
    return take === "accept" ? Result.Accept : take === "reject" ? Result.Reject : Result.Ignore;
  }

  async #take(bytes: Uint8Array, from: string): Promise<"accept" | "ignore" | "reject"> {
    const { onNews, onRefused } = this.#options;
    const verdict = await this.#judge.judge(bytes, from);
    if (verdict.take !== "accept") {
      onRefused?.(verdict.why, from);
      return verdict.take;
    }
    const { announcement } = verdict;
    if (!this.known.add({ announcement, bytes: bytes.slice() })) return "ignore";
    await this.#learnAddresses(announcement);
    onNews?.(announcement);
    return "accept";
  }

  /** Where a node can be dialled. An operator that announces somebody else's peer id must not be able to mislead. */
  async #learnAddresses({ node, peerId, multiaddrs }: Announcement): Promise<void> {
    const { host, peerOf } = this.#options;
    if (peerId === host.peerId.toString() || peerOf?.(node) !== peerId) return;
    try {
      const own = dialTargets(multiaddrs).find(({ peer }) => peer?.toString() === peerId);
      if (own !== undefined) await host.peerStore.merge(peerIdFromString(peerId), { multiaddrs: own.addresses });
    } catch {
      // Addresses that are none: the node cannot be reached by them, and that is its own loss.
    }
  }

  readonly #onIdentify = ({ detail }: CustomEvent<IdentifyResult>) => {
    if (detail.protocols.includes(listProtocol.name)) this.#ask(detail.peerId);
  };

  #ask(peer: PeerId): void {
    const id = peer.toString();
    if (this.#asked.size >= ASKED || this.#asked.has(id)) return;
    // A peer that does not answer makes room for another.
    this.#asked.set(id, this.#pull(id).catch(() => void this.#asked.delete(id)));
    this.#firstAsked.resolve();
  }

  async #pull(peer: string): Promise<void> {
    const direct = createDirect(this.#options.host);
    for (let after = 0, page = 0; page < MOST_PAGES; page++) {
      const { announcements } = await direct.call([`/p2p/${peer}`], listProtocol, { after }, { signal: this.#closed.signal });
      for (const bytes of announcements) await this.#take(bytes, peer);
      const last = announcements.at(-1);
      const next = last === undefined ? 0 : announcementDocument.decode(last).announcement.node;
      if (announcements.length < PAGE || next <= after) return;
      after = next;
    }
  }
}
