import { announcementDigest, announcementDocument, type Announcement } from "../../core/index.ts";
import { fitted } from "./fit.ts";
import type { Statements } from "../../chain/index.ts";
import type { InfernetHost } from "../../host/index.ts";
import type { AnnouncementNetwork } from "./network.ts";

/** What a node says of itself; the rest of an announcement is known here. */
export type SelfDescription = Pick<Announcement, "node" | "role" | "status" | "load" | "executors" | "pools" | "models" | "price" | "hardware" | "benchmarks">;

export interface AnnouncerOptions {
  readonly network: AnnouncementNetwork;
  readonly host: InfernetHost;
  readonly signer: Pick<Statements, "signAnnouncement">;
  /** What there is to say now; null while the chain does not know the node. */
  readonly describe: () => SelfDescription | null;
  /** Where the last sequence is kept over restarts. */
  readonly sequence: { get(): number; set(value: number): void };
  readonly onError?: (error: unknown) => void;
  /** Milliseconds. */
  readonly now?: () => number;
}

const LIFE_SECONDS = 600;
const INTERVAL_MS = 60_000;
/** The first ones follow each other faster: gossip repeats nothing, and its meshes take seconds to form. */
const EARLY = 3;
const EARLY_PAUSE_MS = 2_000;
/** Changes that follow each other are said once; it also keeps within what peers allow a node. */
const PAUSE_MS = 10_000;

/** Says again and again that a node is there, and what it offers. */
export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #last = -Infinity;
  /** Announcements that reached somebody. */
  #heard = 0;
  #running = false;
  #working = Promise.resolve();
  #forget = () => {};

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#forget = this.#options.network.onSubscriber(() => {
      if (this.#heard === 0) this.#schedule(0);
    });
    this.#schedule(0);
  }

  /** Something that is announced has changed. */
  changed(): void {
    if (this.#running) this.#schedule(Math.max(0, this.#last + PAUSE_MS - this.#now()));
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#forget();
    clearTimeout(this.#timer);
    await this.#working;
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#working = this.#working.then(() => this.#announce()).catch((error: unknown) => this.#options.onError?.(error)).then(() => {
        if (this.#running) this.#schedule((this.#heard > 0 && this.#heard < EARLY ? EARLY_PAUSE_MS : INTERVAL_MS) * (1 + 0.2 * Math.random()));
      });
    }, ms).unref();
  }

  async #announce(): Promise<void> {
    const { network, host, signer, describe, sequence } = this.#options;
    const self = describe();
    if (self === null || !this.#running) return;
    const time = this.#now();
    const next = Math.max(sequence.get() + 1, time);
    // First the number, then its use: after a crash it is not used for something else.
    sequence.set(next);
    const announcement: Announcement = fitted({
      version: 1,
      ...network.realm,
      ...self,
      sequence: next,
      issuedAt: Math.floor(time / 1000),
      expiresAt: Math.floor(time / 1000) + LIFE_SECONDS,
      peerId: host.peerId.toString(),
      multiaddrs: host.getMultiaddrs().map(String),
    });
    const bytes = announcementDocument.encode({ announcement, signature: await signer.signAnnouncement(announcementDigest(announcement)) });
    if ((await network.publish(bytes)) > 0) this.#heard++;
    this.#last = time;
  }
}
