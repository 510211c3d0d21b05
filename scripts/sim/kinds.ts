import type { Toxic } from "./toxiproxy.ts";

/** How a provider stands in the network. */
export interface Kind {
  readonly name: string;
  /** Whether it keeps its content in a Kubo daemon. */
  readonly kubo?: boolean;
  /** Whether it has no port of its own: it reaches out, and is reached through a relay. */
  readonly nat?: boolean;
  /** What its only link to the network does. */
  readonly link?: readonly Toxic[];
  /** Whether that link is cut in the midst of a job, and mended again. */
  readonly cut?: boolean;
  /** Whether it may fail its work without a fault of the protocol: what it lost is its own. */
  readonly excused?: boolean;
}

const latency = { type: "latency", attributes: { latency: 150, jitter: 50 } } as const;

/** Everybody that a network of strangers holds. */
export const KINDS: readonly Kind[] = [
  { name: "plain" },
  { name: "plain with Kubo", kubo: true },
  { name: "behind NAT", nat: true },
  { name: "far away", nat: true, link: [latency] },
  { name: "cut off for a while", nat: true, link: [], cut: true, excused: true },
  { name: "on a slow line", nat: true, link: [{ type: "bandwidth", attributes: { rate: 64 } }], excused: true },
  { name: "on a line of 1 KB/s", nat: true, link: [{ type: "bandwidth", attributes: { rate: 1 } }], excused: true },
];

/** Kinds of so many providers: each once as far as they go, plain ones with and without Kubo beyond. */
export function kindsOf(providers: number): Kind[] {
  return Array.from({ length: providers }, (_, i) => KINDS[i] ?? KINDS[i % 2]!);
}
