import { expect } from "chai";
import { commitment, InfernetError, type Address, type Hex32 } from "@infernet/sdk/core";
import { EXTRA, type JobView } from "@infernet/sdk/chain";
import { createLogger, Journal, NodeMetrics, type DueAction } from "@infernet/sdk/node";
import { useDirectory } from "../../sdk/src/node/testing/directory.ts";
import { hex, History } from "../../sdk/src/node/testing/history.ts";
import { silentConduct } from "./faulty.ts";
import type { SeatOutput } from "./machine.ts";
import { SeatRunner, type SeatRunnerOptions } from "./seat-runner.ts";
import { seatsOf, type Seat } from "./seats.ts";

const JOBS = "0x00000000000000000000000000000000000000aA";
const log = createLogger({ name: "test", level: "silent" });
const NEVER = new Promise<never>(() => {});
const nodeOf = (_pool: string, member: number) => member + 1;

const outputOf = (seat: Seat, salt = hex("5a17")): SeatOutput => ({ roots: seat.shards.map((shard) => hex(100 + shard)), dataDigest: hex("d0c"), salt });

describe("SeatRunner", () => {
  const path = useDirectory();
  const journals: Journal[] = [];
  afterEach(() => journals.splice(0).forEach((journal) => journal.close()));

  /** A runner as a fresh process would have it, over the journal that outlives processes. */
  function runner(work: SeatRunnerOptions["worker"]["work"], options: Partial<SeatRunnerOptions> = {}): SeatRunner {
    let [journal] = journals;
    if (journal === undefined) journals.push((journal = new Journal(path("journal.sqlite"))));
    return new SeatRunner({
      port: { chain: { kind: "evm", id: "31337" }, jobsAddress: JOBS },
      worker: { work },
      store: { has: async () => true },
      journal,
      log,
      signal: new AbortController().signal,
      concurrency: 2,
      margins: { send: 2, decline: 4 },
      onChange: () => {},
      ...options,
    });
  }
  const seatIn = (view: JobView, node = 1) => seatsOf(view, node, nodeOf)[0]!;
  /** Lets work that is ready finish. */
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const kind = (action: DueAction | null) => action?.kind ?? null;

  it("journals what it found before it commits to it, and commits to what stands in the journal", async () => {
    const history = new History().draw(110);
    let changes = 0;
    const seats = runner(async (seat) => outputOf(seat), { onChange: () => changes++ });
    expect(seats.step(seatIn(history.view()), [], 110)).to.equal(null);
    await turn();
    expect(changes).to.equal(1);
    const seat = seatIn(history.view());
    expect(journals[0]!.get(`seat:${seat.key}`)!.payload).to.deep.equal(outputOf(seat));
    const action = seats.step(seat, [], 111)!;
    const bound = { chainId: 31337n, jobs: JOBS as Address, jobId: history.job, batch: 0, position: 0, ...outputOf(seat) };
    expect(action.action).to.deep.equal({ type: "commit", terms: history.terms, batch: 0, position: 0, commitment: commitment(bound) });
  });

  it("counts shards by phase, and the time of each phase that this process has seen", async () => {
    const history = new History().draw(110);
    const metrics = new NodeMetrics("provider");
    const stages = async () => (await metrics.registry.getSingleMetricAsString("infernet_stage_seconds")).split("\n").flatMap((line) => /_count\{.*stage="([a-z]+)"\} (\d+)/.exec(line)?.slice(1).join(" ") ?? []);
    const seat = seatIn(history.view());
    const seats = runner(async (_seat, { onFetched }) => (onFetched?.(), outputOf(seat)), { metrics });
    seats.step(seat, [], 110);
    expect(seats.counts()).to.deep.equal({ executing: seat.shards.length });
    await turn();
    expect(seats.counts()).to.deep.equal({ ready: seat.shards.length });
    expect(await stages()).to.deep.equal(["drawn 1", "fetching 1", "executing 1"]);
    const again = runner(() => NEVER, { metrics });
    again.step(seat, [], 111);
    expect([again.counts(), await stages()]).to.deep.equal([{ ready: seat.shards.length }, ["drawn 1", "fetching 1", "executing 1"]]);
    const failing = runner(async () => Promise.reject(new InfernetError("content_timeout", "late")), { metrics });
    failing.step(seatIn(new History().draw(110).view(), 2), [], 110);
    await turn();
    expect(await metrics.registry.getSingleMetricAsString("infernet_stage_failures_total")).to.contain('{stage="fetching",code="content_timeout",role="provider"} 1');
  });

  it("gives the same commitment under the same key after a restart, whatever salt it would choose now", async () => {
    const history = new History().draw(110);
    const before = runner(async (seat) => outputOf(seat));
    before.step(seatIn(history.view()), [], 110);
    await turn();
    const committed = before.step(seatIn(history.view()), [], 111);
    const after = runner(async (seat) => outputOf(seat, hex("bad")));
    expect(after.step(seatIn(history.view()), [], 112)).to.deep.equal(committed);
    history.commit(113, 0).commit(114, 1);
    const reveal = after.step(seatIn(history.view()), [], 114)!;
    expect(reveal.action).to.deep.include({ type: "reveal", salt: hex("5a17") });
  });

  it("reveals without a commitment when everybody else has acted, and a replacement always does", async () => {
    const history = new History().draw(110).commit(111, 1);
    const seats = runner(async (seat) => outputOf(seat));
    seats.step(seatIn(history.view()), [], 111);
    await turn();
    expect(kind(seats.step(seatIn(history.view()), [], 112))).to.equal("reveal");
    const replaced = new History().draw(110, 0, [7, 8]).tell(120, { type: "extra-opened", batch: EXTRA, kind: "replacement", shard: 0, item: 0 }).draw(121, EXTRA, [0]);
    seats.step(seatIn(replaced.view()), [], 121);
    await turn();
    expect(kind(seats.step(seatIn(replaced.view()), [], 122))).to.equal("reveal");
  });

  it("tries again after a crash of the executor, and declines with the reason when time runs out", async () => {
    const history = new History().draw(110);
    let attempts = 0;
    const seats = runner(async () => {
      attempts++;
      throw new InfernetError("execution_failed", "killed");
    });
    for (let time = 110; time < 124; time++) {
      expect(seats.step(seatIn(history.view()), [], time)).to.equal(null);
      await turn();
    }
    expect(attempts).to.equal(4); // after 0, 1, 2 and 4 seconds
    expect(seats.step(seatIn(history.view()), [], 124)!.action).to.deep.include({ type: "decline", reason: 1 });
  });

  it("works on no more seats at a time than it may, and stops work that has become useless", async () => {
    const signals: AbortSignal[] = [];
    const seats = runner((_seat, { signal }) => {
      signals.push(signal);
      return NEVER;
    });
    const views = [1, 2, 3].map((n) => new History({}, 100, hex(n)).draw(110).view());
    for (const view of views) seats.step(seatIn(view), [], 110);
    expect(signals).to.have.length(2);
    seats.step(seatIn(views[0]!), [], 129); // too late to commit
    expect(signals[0]!.aborted).to.equal(true);
    seats.retain(new Set());
    expect(signals[1]!.aborted).to.equal(true);
  });

  it("computes lost results again, since who has shown roots must serve them", async () => {
    const history = new History().draw(110);
    const before = runner(async (seat) => outputOf(seat));
    before.step(seatIn(history.view()), [], 110);
    await turn();
    history.commit(111, 0);
    let again = 0;
    const after = runner(async (seat) => (again++, outputOf(seat)), { store: { has: async () => false } });
    for (const time of [112, 113]) {
      after.step(seatIn(history.view()), [], time);
      await turn();
    }
    expect(again).to.equal(1);
  });

  it("on purpose commits and stays silent, only when told to", async () => {
    const history = new History().draw(110).commit(111, 1);
    const seats = runner(async (seat) => outputOf(seat), { conduct: silentConduct });
    seats.step(seatIn(history.view()), [], 111);
    await turn();
    expect(kind(seats.step(seatIn(history.view()), [], 112))).to.equal("commit");
    history.commit(113, 0);
    expect(seats.step(seatIn(history.view()), [], 114)).to.equal(null);
    expect(seats.step(seatIn(history.view()), [], 131)).to.equal(null);
  });

  for (let seed = 1; seed <= 40; seed++)
    it(`decides after a restart at any event as if it had never stopped (seed ${seed})`, async () => {
      const random = generator(seed);
      const history = new History({ items: 4 * 6, committeeWidth: 4, commitWindow: 12 + random(20), revealWindow: 5 + random(10) });
      const committee = [0, 11, 12, 13].map((member, i) => ({ member, order: i === 0 ? random(4) : i })).sort((a, b) => a.order - b.order).map(({ member }) => member);
      let time = 110;
      history.draw(time, 0, committee);
      const mine = committee.indexOf(0);
      const done = random(4) > 0;
      const seats = runner((seat) => (done ? Promise.resolve(outputOf(seat)) : NEVER));
      const pending = new Set(committee.keys());
      for (let step = 0; step < 40; step++) {
        const view = history.view();
        const action = seats.step(seatIn(view), [], time);
        await turn();
        const journaled = journals[0]!.get(`seat:${seatIn(view).key}`) !== undefined;
        const restarted = runner(() => NEVER).step(seatIn(history.view()), [], time);
        const continued = seats.step(seatIn(view), [], time);
        if (journaled) expect(restarted).to.deep.equal(continued);
        else expect(kind(restarted)).to.equal(kind(continued));
        // The chain goes on: time passes, somebody acts, or this node's own transaction arrives.
        time += random(3);
        if (action !== null && random(2) === 0 && pending.has(mine)) apply(history, action, time, pending, mine);
        const other = random(4);
        if (other !== mine) actAs(history, other, time, random(3), pending);
      }
    });
});

/** What the chain says when this node's transaction is mined in time. */
function apply(history: History, { action }: DueAction, time: number, pending: Set<number>, position: number): void {
  const { commitWindow } = history.terms;
  const inTime = time < 110 + commitWindow;
  if (action.type === "commit" && inTime) history.commit(time, position);
  else if (action.type === "decline" && inTime) history.tell(time, { type: "declined", batch: 0, position, reason: action.reason });
  else if (action.type === "reveal") history.reveal(time, position, [...action.roots] as Hex32[]);
  else return;
  if (action.type !== "commit") pending.delete(position);
}

/** Another member commits, declines, or reveals what it has committed. */
function actAs(history: History, position: number, time: number, choice: number, pending: Set<number>): void {
  const seat = history.view().batches.get(0)!.seats[position]!;
  const inTime = time < 110 + history.terms.commitWindow;
  if (seat.committedAt === undefined && seat.declined === undefined && inTime) {
    if (choice > 0) history.commit(time, position);
    else history.tell(time, { type: "declined", batch: 0, position, reason: 1 });
  } else if (seat.committedAt !== undefined && seat.revealed === undefined && !inTime && choice > 0) history.reveal(time, position, [hex(1)]);
  else return;
  pending.delete(position);
}

/** Whole numbers below a bound, the same for a seed (xorshift). */
function generator(seed: number): (below: number) => number {
  let state = Math.imul(seed, 2654435761) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
