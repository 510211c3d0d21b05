import { getBytes, toUtf8String, Utf8ErrorFuncs, type EventFragment, type Interface, type Result } from "ethers";
import type { Hex32 } from "../../core/index.ts";
import type { ChainFact, ExtraKind, Fault, JobOutcome, ShardStatus } from "../events.ts";
import { jobs, pools, slashing, staking } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";
import type { RawLog } from "./reader.ts";
import { decodeTerms } from "./terms.ts";

/** Arguments of a log by name. */
class Args {
  readonly #result: Result;
  constructor(result: Result) {
    this.#result = result;
  }
  big(name: string): bigint {
    return this.#result.getValue(name) as bigint;
  }
  number(name: string): number {
    return Number(this.big(name));
  }
  text(name: string): string {
    return this.#result.getValue(name) as string;
  }
  hex(name: string): Hex32 {
    return this.text(name).toLowerCase() as Hex32;
  }
  bytes(name: string): Uint8Array {
    return getBytes(this.text(name));
  }
  list(name: string): Hex32[] {
    return [...(this.#result.getValue(name) as Result)] as Hex32[];
  }
  flag(name: string): boolean {
    return this.#result.getValue(name) as boolean;
  }
  struct(name: string): Result {
    return this.#result.getValue(name) as Result;
  }
  /** One of the names of an enum; throws on a value that is unknown here. */
  one<T>(name: string, names: readonly (T | undefined)[]): T {
    const found = names[this.number(name)];
    if (found === undefined) throw new RangeError(`${name} has the unknown value ${this.big(name)}`);
    return found;
  }
}

const FAULTS: readonly (Fault | undefined)[] = [undefined, "declined", "missed", "silent", "wrong"];
const EXTRAS: readonly (ExtraKind | undefined)[] = [undefined, "replacement", "item-panel", "shard-panel"];
const SHARDS: readonly (ShardStatus | undefined)[] = [undefined, "pending", "agreed", "final", "refunded", "tied"];
const OUTCOMES: readonly (JobOutcome | undefined)[] = [undefined, undefined, undefined, "completed", "partial", "refunded", "cancelled"];
const ALL = 0xffff;
const MAX_LOCATORS = 16;

type Decoder = (a: Args) => ChainFact;
const seat = (a: Args) => ({ job: a.hex("job"), batch: a.number("batch"), position: a.number("position") });
const member = (a: Args) => ({ pool: a.hex("pool"), node: a.number("node"), member: a.number("member"), capacity: a.number("capacity") });
const ticket = (a: Args) => ({ node: a.number("node"), ticket: a.big("ticket"), amount: a.big("amount") });

const STAKING: Record<string, Decoder> = {
  NodeRegistered: (a) => ({
    type: "node-registered", node: a.number("node"), owner: a.text("owner"), operator: a.text("operator"), payout: a.text("payout"),
    encryptionKey: a.hex("encryptionKey"), profile: a.bytes("profile"),
  }),
  OperatorSet: (a) => ({ type: "operator-set", node: a.number("node"), operator: a.text("operator") }),
  PayoutSet: (a) => ({ type: "payout-set", node: a.number("node"), payout: a.text("payout") }),
  UnbondingRequested: (a) => ({ type: "unbonding-requested", ...ticket(a), readyAt: a.number("readyAt") }),
  StakeWithdrawn: (a) => ({ type: "stake-withdrawn", ...ticket(a), to: a.text("to") }),
  ProfileSet: (a) => ({ type: "profile-set", node: a.number("node"), profile: a.bytes("profile") }),
};
const POOLS: Record<string, Decoder> = {
  MemberJoined: (a) => ({ type: "member-joined", ...member(a) }),
  MemberChanged: (a) => ({ type: "member-changed", ...member(a), paused: a.flag("paused"), fromEpoch: a.big("fromEpoch") }),
  MemberSynced: (a) => ({ type: "member-synced", ...member(a), paused: a.flag("paused"), suspended: a.flag("suspended") }),
  Jailed: (a) => ({ type: "jailed", node: a.number("node"), until: a.number("until") }),
  Banned: (a) => ({ type: "banned", node: a.number("node") }),
};
const JOBS: Record<string, Decoder> = {
  JobOpened: (a) => ({ type: "job-opened", job: a.hex("job"), deposit: a.big("deposit"), terms: decodeTerms(a.struct("terms")), locators: locators(a.text("locators")) }),
  RoundArmed: (a) => ({ type: "round-armed", job: a.hex("job"), batch: a.number("batch") === ALL ? "all" : a.number("batch"), round: a.big("round"), epoch: a.big("epoch") }),
  BatchDrawn: (a) => ({ type: "batch-drawn", job: a.hex("job"), batch: a.number("batch"), committee: lanes(a.big("committee")), slots: a.number("slots") }),
  ExtraOpened: (a) => ({ type: "extra-opened", job: a.hex("job"), batch: a.number("batch"), kind: a.one("kind", EXTRAS), shard: a.number("shard"), item: a.number("item") }),
  Committed: (a) => ({ type: "committed", ...seat(a), commitment: a.hex("commitment") }),
  Declined: (a) => ({ type: "declined", ...seat(a), reason: a.number("reason") }),
  Revealed: (a) => ({ type: "revealed", ...seat(a), roots: a.list("roots"), dataDigest: a.hex("dataDigest") }),
  BatchSettled: (a) => ({ type: "batch-settled", job: a.hex("job"), batch: a.number("batch"), agreedMask: a.number("agreedMask"), roots: a.list("roots") }),
  BatchFinalised: (a) => ({ type: "batch-finalised", job: a.hex("job"), batch: a.number("batch"), payees: payees(a.big("payees"), a.big("shards")) }),
  FaultFound: (a) => ({ type: "fault-found", ...seat(a), fault: a.one("fault", FAULTS) }),
  ShardChanged: (a) => ({ type: "shard-changed", job: a.hex("job"), shard: a.number("shard"), status: a.one("status", SHARDS), conflicting: a.flag("conflicting"), root: a.hex("root") }),
  ReplicaConvicted: (a) => ({ type: "replica-convicted", job: a.hex("job"), shard: a.number("shard"), replica: a.number("replica") }),
  AggregatorReplaced: (a) => ({ type: "aggregator-replaced", job: a.hex("job"), stalled: a.number("stalled"), aggregator: a.number("aggregator") }),
  JobClosed: (a) => ({ type: "job-closed", job: a.hex("job"), outcome: a.one("status", OUTCOMES), aggregatorFee: a.big("aggregatorFee"), protocolFee: a.big("protocolFee"), refund: a.big("refund") }),
  Deposited: (a) => ({ type: "deposited", token: a.text("token"), account: a.text("account"), amount: a.big("amount") }),
  Withdrawn: (a) => ({ type: "withdrawn", token: a.text("token"), account: a.text("account"), to: a.text("to"), amount: a.big("amount") }),
  Earned: (a) => ({ type: "earned", token: a.text("token"), node: a.number("node"), amount: a.big("amount") }),
  Claimed: (a) => ({ type: "claimed", token: a.text("token"), node: a.number("node"), to: a.text("to"), amount: a.big("amount") }),
};
const dispute = (a: Args) => ({ job: a.hex("job"), shard: a.number("shard"), panel: a.number("panel") });
const SLASHING: Record<string, Decoder> = {
  ConflictOpened: (a) => ({ type: "conflict-opened", ...dispute(a), item: a.number("item"), prover: a.text("prover") }),
  VerdictReached: (a) => ({ type: "verdict-reached", ...dispute(a), verdict: a.hex("verdict"), convictedMask: a.number("convictedMask") }),
  PanelTied: (a) => ({ type: "panel-tied", ...dispute(a) }),
  SlashProposed: (a) => ({
    type: "slash-proposed", slash: a.big("slash"), job: a.hex("job"), node: a.number("node"), fault: a.one("fault", FAULTS), amount: a.big("amount"),
    due: a.number("due"), prover: a.text("prover"),
  }),
  FaultPenalised: (a) => ({ type: "fault-penalised", job: a.hex("job"), node: a.number("node"), fault: a.one("fault", FAULTS), amount: a.big("amount"), prover: a.text("prover") }),
  SlashCancelled: (a) => ({ type: "slash-cancelled", slash: a.big("slash") }),
  SlashExecuted: (a) => ({ type: "slash-executed", slash: a.big("slash"), amount: a.big("amount") }),
};

/** Eight 16-bit lanes of member index + 1, position 0 lowest. */
function lanes(committee: bigint): number[] {
  const members: number[] = [];
  for (let rest = committee; rest > 0n; rest >>= 16n) members.push(Number(rest & 0xffffn) - 1);
  return members;
}

/** Node ids in eight 32-bit lanes by position, and in eight 8-bit lanes the shards that each is paid for; 0 = none. */
function payees(nodes: bigint, shards: bigint): { node: number; shards: number }[] {
  const lane = (word: bigint, bits: bigint, position: bigint) => Number((word >> (bits * position)) & ((1n << bits) - 1n));
  const all = Array.from({ length: 8 }, (_, position) => ({ node: lane(nodes, 32n, BigInt(position)), shards: lane(shards, 8n, BigInt(position)) }));
  return all.filter(({ node }) => node !== 0);
}

/** Newline-separated multiaddrs; whatever else the client wrote is left out. */
function locators(hex: string): string[] {
  const text = toUtf8String(hex, Utf8ErrorFuncs.replace);
  return text.split("\n").filter((line) => /^\/[\x21-\x7e]{1,255}$/.test(line)).slice(0, MAX_LOCATORS);
}

/** Decodes logs of the contracts of one deployment. */
export class LogDecoder {
  /** Filter of eth_getLogs that lets through what `decode` understands. */
  readonly filter: { readonly address: readonly string[]; readonly topics: readonly (readonly string[])[] };
  readonly #decoders = new Map<string, { contract: Interface; event: EventFragment; decode: Decoder }>();

  constructor(deployment: Pick<Deployment, "jobs" | "slashing" | "staking" | "pools">) {
    const topics = new Set<string>();
    const add = (address: string, contract: Interface, decoders: Record<string, Decoder>) => {
      for (const [name, decode] of Object.entries(decoders)) {
        const event = contract.getEvent(name)!;
        topics.add(event.topicHash);
        this.#decoders.set(`${address.toLowerCase()}${event.topicHash}`, { contract, event, decode });
      }
    };
    add(deployment.staking, staking, STAKING);
    add(deployment.pools, pools, POOLS);
    add(deployment.jobs, jobs, JOBS);
    add(deployment.slashing, slashing, SLASHING);
    this.filter = { address: [deployment.jobs, deployment.slashing, deployment.staking, deployment.pools], topics: [[...topics]] };
  }

  /** @returns null for a log that is none of the protocol's, or of a later version of it */
  decode({ address, topics, data }: Pick<RawLog, "address" | "topics" | "data">): ChainFact | null {
    const known = this.#decoders.get(`${address.toLowerCase()}${topics[0]}`);
    if (known === undefined) return null;
    try {
      return known.decode(new Args(known.contract.decodeEventLog(known.event, data, topics)));
    } catch {
      return null;
    }
  }
}

/** Topic of a withdrawal that begins: the next one names the node. */
export const UNBONDING_TOPIC = staking.getEvent("UnbondingRequested")!.topicHash;

/** Topics of events that name a job, by the place in which they do. */
export const JOB_TOPICS = {
  first: [...Object.keys(JOBS).map((name) => jobs.getEvent(name)!), ...Object.keys(SLASHING).map((name) => slashing.getEvent(name)!)]
    .filter((event) => event.inputs.find(({ indexed }) => indexed)?.name === "job")
    .map((event) => event.topicHash),
  second: [slashing.getEvent("SlashProposed")!.topicHash],
  ofSlash: ["SlashCancelled", "SlashExecuted"].map((name) => slashing.getEvent(name)!.topicHash),
} as const;
