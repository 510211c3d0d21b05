import { InfernetError } from "../core/index.ts";
import { EXTRA, type ChainEvent, type Fault } from "./events.ts";
import type { BatchView, JobView, SeatView, ShardView } from "./job-view.ts";

/** Node behind a pool member, where it is known: `Directory.nodeOf`. */
export type NodeOf = (pool: string, member: number) => number | undefined;

type Of<T extends ChainEvent["type"]> = ChainEvent & { type: T };
type JobEvent = Extract<ChainEvent, { job: string }>;

/**
 * Applies one event to a job's view. The view is changed in place and returned; events of other jobs,
 * and events before `job-opened`, change nothing.
 * @param nodeOf - lets `fault-penalised` and `slash-proposed`, which name a node, take the fault off its seat
 */
export function applyEvent(view: JobView | undefined, event: ChainEvent, nodeOf: NodeOf = () => undefined): JobView | undefined {
  if (event.type === "job-opened" && view === undefined) view = openedView(event);
  if (view === undefined || !concerns(view, event)) return view;
  view.events.push(event);
  if (event.type === "slash-executed" || event.type === "slash-cancelled") endSlash(view, event);
  else applyJobEvent(view, event as JobEvent, nodeOf);
  return view;
}

/**
 * The view of a job from all its events, oldest first.
 * @throws {InfernetError} `job_not_found` when its opening is not among them
 */
export function foldJob(events: Iterable<ChainEvent>, nodeOf?: NodeOf): JobView {
  let view: JobView | undefined;
  for (const event of events) view = applyEvent(view, event, nodeOf);
  if (view === undefined) throw new InfernetError("job_not_found", "there is no opening among the events");
  return view;
}

function openedView(event: Of<"job-opened">): JobView {
  const { job: id, terms, deposit, locators, at } = event;
  return {
    id,
    terms,
    deposit,
    locators,
    openedAt: at.time,
    aggregator: terms.aggregator,
    aggregatorSince: at.time,
    replaced: [],
    round: { round: 0n, epoch: 0n, at: at.time },
    rounds: new Map(),
    batches: new Map(),
    shards: new Map(),
    slashes: [],
    penalties: [],
    events: [],
  };
}

function concerns(view: JobView, event: ChainEvent): boolean {
  if ("job" in event) return event.job === view.id;
  return (event.type === "slash-executed" || event.type === "slash-cancelled") && view.slashes.some(({ slash }) => slash === event.slash);
}

function applyJobEvent(view: JobView, event: JobEvent, nodeOf: NodeOf): void {
  const { time, transaction } = event.at;
  switch (event.type) {
    case "round-armed": {
      const armed = { round: event.round, epoch: event.epoch, at: time };
      if (event.batch === "all") view.round = armed;
      else view.rounds.set(event.batch, armed);
      return;
    }
    case "batch-drawn": {
      const batch = batchOf(view, event.batch);
      batch.drawnAt = time;
      batch.seats = event.committee.map((member) => ({ member }));
      return;
    }
    case "extra-opened": {
      const { kind, shard, item } = event;
      view.batches.set(event.batch, { number: event.batch, extra: { kind, shard, item }, seats: [], faults: new Map() });
      if (kind === "replacement") shardOf(view, shard, time).replacements.push(event.batch);
      else shardOf(view, shard, time).panel = event.batch;
      return;
    }
    case "committed":
      seatOf(view, event).committedAt = time;
      return;
    case "declined":
      seatOf(view, event).declined = event.reason;
      batchOf(view, event.batch).faults.set(event.position, "declined");
      return;
    case "revealed": {
      const seat = seatOf(view, event);
      seat.committedAt ??= time; // without a commitment of its own: it counts as one
      seat.revealed = { roots: event.roots, dataDigest: event.dataDigest, transaction };
      return;
    }
    case "batch-settled": {
      const batch = batchOf(view, event.batch);
      batch.settled = { at: time, agreedMask: event.agreedMask, roots: event.roots };
      waiveDeclines(view, batch);
      return;
    }
    case "batch-finalised":
      batchOf(view, event.batch).finalised = true;
      return;
    case "fault-found":
      batchOf(view, event.batch).faults.set(event.position, event.fault);
      return;
    case "shard-changed": {
      const shard = shardOf(view, event.shard, time);
      if (shard.status !== event.status || (event.conflicting && !shard.conflicting)) shard.since = time;
      shard.status = event.status;
      shard.conflicting = event.conflicting;
      shard.root = event.status === "agreed" || event.status === "final" ? event.root : null; // else: of whoever stands first
      return;
    }
    case "replica-convicted":
      shardOf(view, event.shard, time).convicted.add(event.replica);
      return;
    case "verdict-reached":
    case "panel-tied":
      // A tie may wait for a replacement at work; until then its panel keeps others out.
      if (event.type === "verdict-reached") shardOf(view, event.shard, time).panel = null;
      batchOf(view, event.panel).settled = { at: time, agreedMask: 0, roots: [] };
      return;
    case "aggregator-replaced":
      view.aggregator = event.aggregator;
      view.aggregatorSince = time;
      view.replaced.push(event.stalled);
      return;
    case "job-closed": {
      const { outcome, aggregatorFee, protocolFee, refund } = event;
      view.closed = { outcome, aggregatorFee, protocolFee, refund };
      return;
    }
    case "slash-proposed": {
      const { slash, node, fault, amount, due } = event;
      view.slashes.push({ slash, node, fault, amount, due, state: "pending" });
      if (fault === "silent") takeFault(view, node, fault, nodeOf);
      return;
    }
    case "fault-penalised":
      view.penalties.push({ node: event.node, fault: event.fault, amount: event.amount });
      takeFault(view, event.node, event.fault, nodeOf);
      return;
    case "job-opened":
    case "conflict-opened":
      return; // said by the terms, and by extra-opened
  }
}

function batchOf(view: JobView, number: number): BatchView {
  let batch = view.batches.get(number);
  if (batch === undefined) view.batches.set(number, (batch = { number, seats: [], faults: new Map() }));
  return batch;
}

function seatOf(view: JobView, { batch: number, position }: { batch: number; position: number }): SeatView {
  const seat = batchOf(view, number).seats[position];
  if (seat === undefined) throw new InfernetError("internal", `job ${view.id}: batch ${number} was not drawn with a position ${position}`);
  return seat;
}

function shardOf(view: JobView, shard: number, time: number): ShardView {
  let found = view.shards.get(shard);
  if (found === undefined) {
    found = { status: "pending", since: time, conflicting: false, root: null, replacements: [], convicted: new Set(), panel: null };
    view.shards.set(shard, found);
  }
  return found;
}

function endSlash(view: JobView, event: Of<"slash-executed" | "slash-cancelled">): void {
  const slash = view.slashes.find((one) => one.slash === event.slash)!;
  slash.state = event.type === "slash-executed" ? "executed" : "cancelled";
}

/** Faults._note: when k members of a regular batch give the same reason, the job is at fault and not they. */
function waiveDeclines(view: JobView, batch: BatchView): void {
  if (batch.number >= EXTRA) return;
  const reasons = batch.seats.map((seat) => seat.declined).filter((reason) => reason !== undefined);
  const common = reasons.filter((reason) => reasons.filter((other) => other === reason).length >= view.terms.replicas);
  batch.seats.forEach((seat, position) => {
    if (seat.declined !== undefined && common.includes(seat.declined)) batch.faults.delete(position);
  });
}

/**
 * Takes a punished fault off its seat. The event names only the node: where it has several faults of the
 * kind they are taken off together with the last one, and until then `ChainPort.hasFault` tells them apart.
 */
function takeFault(view: JobView, node: number, fault: Fault, nodeOf: NodeOf): void {
  const seats: { batch: BatchView; position: number }[] = [];
  for (const batch of view.batches.values())
    for (const [position, found] of batch.faults) {
      const member = batch.seats[position]?.member;
      if (found === fault && member !== undefined && nodeOf(view.terms.pool, member) === node) seats.push({ batch, position });
    }
  const taken = view.penalties.filter((one) => one.node === node && one.fault === fault).length + view.slashes.filter((one) => one.node === node && one.fault === fault).length;
  const before = view.takenFaults?.get(`${node}:${fault}`) ?? 0;
  if (taken - before < seats.length) return;
  for (const { batch, position } of seats) batch.faults.delete(position);
  (view.takenFaults ??= new Map()).set(`${node}:${fault}`, taken);
}
