import type { ChainPort, Statements } from "../chain/index.ts";
import type { InfernetHost } from "../host/index.ts";
import { Announcer, type SelfDescription } from "./announcements/announcer.ts";
import { AnnouncementNetwork } from "./announcements/network.ts";

/** What a daemon needs to be found, and to know others. */
export interface DiscoveryParts {
  readonly host: InfernetHost;
  readonly port: ChainPort & Statements;
  /** Keeps the number of the last announcement over restarts. */
  readonly journal: { value(name: string): unknown; setValue(name: string, value: number): void };
  /** What there is to say of this node now; null while the chain does not know it. */
  readonly describe: () => SelfDescription | null;
  /** Peer id that the chain has for a node. */
  readonly peerOf: (node: number) => string | undefined;
  readonly log: { debug(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** A daemon's part in the gossip of announcements. */
export interface Discovery {
  readonly network: AnnouncementNetwork;
  /** What {@link DiscoveryParts.describe} says has changed. */
  changed(): void;
  stop(): Promise<void>;
}

const SEQUENCE = "announcement-sequence";

/** Listens to what nodes announce, and announces this one. Nothing that pays or is paid waits for it. */
export async function startDiscovery({ host, port, journal, describe, peerOf, log }: DiscoveryParts): Promise<Discovery> {
  const network = new AnnouncementNetwork({ host, port, peerOf, onRefused: (why, from) => log.debug({ why, from }, "refused an announcement") });
  await network.start();
  const sequence = { get: () => Number(journal.value(SEQUENCE) ?? 0), set: (value: number) => journal.setValue(SEQUENCE, value) };
  const announcer = new Announcer({ network, host, signer: port, describe, sequence, onError: (err) => log.warn({ err }, "cannot announce this node") });
  announcer.start();
  return {
    network,
    changed: () => announcer.changed(),
    async stop() {
      await announcer.stop();
      await network.stop();
    },
  };
}
