import { expect } from "chai";
import { isInfernetError, profileDocument, sha256, utf8 } from "../core/index.ts";
import type { ChainAction } from "./actions.ts";
import { EXTRA, type ChainEvent, type ChainStep, type Cursor } from "./events.ts";
import { JobBook } from "./job-book.ts";
import { foldJob } from "./job-reducer.ts";
import { caseReplicas } from "./job-seats.ts";
import type { OperatorPort } from "./operator.ts";
import type { ChainPort } from "./port.ts";
import { honest, INFER, JobDriver, profileOf, USDC, type Results } from "./testing/job-driver.ts";
import type { ChainHarness } from "./testing/harness.ts";

/** Expects a contract to refuse, and says why it did. */
async function refused(promise: Promise<unknown>, reason: string): Promise<Record<string, unknown>> {
  const error: unknown = await promise.then(() => undefined, (thrown: unknown) => thrown);
  if (!isInfernetError(error, "chain_reverted")) throw error ?? new Error(`must be refused with ${reason}`);
  expect(error.details.reason, error.message).to.equal(reason);
  return error.details.args as Record<string, unknown>;
}

/** Reads until a height is reached. */
export async function readTo(port: ChainPort, from: Cursor | null, height: number): Promise<ChainStep[]> {
  const steps: ChainStep[] = [];
  const stop = new AbortController();
  for await (const step of port.follow(from, { signal: stop.signal })) {
    steps.push(step);
    if (step.cursor.height >= height && step.live) stop.abort();
  }
  return steps;
}

const identity = (event: ChainEvent) => `${event.at.height}.${event.at.index} ${event.type}`;

/**
 * What every ChainPort promises, on the real contracts.
 * @param start - starts a chain of its own
 */
export function chainPortCompliance(name: string, start: () => Promise<ChainHarness>): void {
  describe(`${name} as a chain port`, function () {
    this.timeout(60_000);
    let chain: ChainHarness;
    let driver: JobDriver;
    let reader: OperatorPort;
    /** Where the directory stands; the first one lies before all jobs. */
    const cursors: Cursor[] = [];

    const learn = async () => {
      for (const step of await readTo(reader, cursors.at(-1) ?? null, (await reader.head()).height)) {
        driver.directory.apply(step);
        cursors.push(step.cursor);
      }
    };

    before(async () => {
      chain = await start();
      driver = new JobDriver(chain);
      reader = (await driver.actor("keeper")).port;
      for (let i = 0; i < 8; i++) await driver.node(`provider ${i}`);
      await driver.node("aggregator", { capacity: 0 });
      await chain.pass(10); // the epoch in which they joined
      await learn();
    });
    after(() => chain.stop());

    it("knows the chain, the pool, the token and the parameters", async () => {
      const { height, time } = await reader.head();
      expect(height).to.be.greaterThan(reader.origin);
      expect(time).to.be.greaterThan(1_600_000_000);
      expect(await reader.pool(chain.pool)).to.include({ id: chain.pool, slotStake: INFER, secondsPerUnit: 30_000, members: 8, listed: true });
      expect(await reader.token(chain.token)).to.include({ allowed: true, decimals: 6, symbol: "tUSDC" });
      const parameters = await reader.parameters();
      expect(parameters).to.include({ version: 1, panelSize: 3, panelQuorum: 2, minCommitWindow: 5, protocolFeeBps: 500 });
      expect(await reader.parameters(1)).to.deep.equal(parameters);
      await refused(reader.parameters(99), "ParametersUnknownVersion");
      const missing: unknown = await reader.pool(sha256(utf8("no pool"))).catch((error: unknown) => error);
      expect(missing).to.have.property("code", "pool_not_found");
    });

    it("knows nodes and members from events and from the contracts alike", async () => {
      const account = chain.account("provider 3");
      const info = (await reader.nodeOfOwner(account))!;
      expect(info).to.include({ owner: account, operator: account, payout: account });
      expect(info.stake.earmarked).to.equal(9_000n * INFER);
      expect(await reader.node(info.node)).to.deep.equal(info);
      expect(await reader.nodeOfOwner(chain.account("nobody"))).to.equal(null);
      const entry = driver.directory.node(info.node)!;
      expect(entry).to.include({ owner: account, operator: account, jailedUntil: 0 });
      expect(entry.profile).to.deep.equal(profileOf("provider 3"));
      const member = driver.directory.memberOf(chain.pool, info.node)!;
      expect(driver.directory.nodeOf(chain.pool, member)).to.equal(info.node);
      expect(driver.directory.members(chain.pool)).to.have.length(8);
    });

    it("carries a job from its opening to its payment", async () => {
      const aggregator = (await driver.actor("aggregator")).node;
      const draft = { aggregator, aggregatorFeeBps: 100, items: 67, itemsPerShard: 2, unitsPerShard: 2n };
      const terms = await driver.terms(draft);
      const quote = await (await driver.actor("aggregator")).port.signQuote(terms, terms.deadline);
      const client = await driver.actor("client");
      const deposit = await client.port.cost(terms);
      await chain.fund(terms.client, deposit);
      await driver.do("client", { type: "open", terms, quote, locators: ["/dns4/client/tcp/4001"], deposit });
      let view = await driver.draw(terms);
      expect(view.id).to.equal(reader.jobId(terms));
      expect(view.terms).to.deep.equal(terms);
      expect(view).to.deep.include({ deposit, locators: ["/dns4/client/tcp/4001"], aggregator });
      expect([...view.batches.keys()]).to.deep.equal([0, 1]);
      for (const batch of [0, 1]) {
        await driver.work(terms, batch);
        view = await driver.settle(terms, batch);
        expect(view.batches.get(batch)!.faults).to.have.property("size", 0);
      }
      expect(view.batches.get(0)!.settled).to.include({ agreedMask: 2 ** 32 - 1 });
      expect(view.batches.get(1)!.settled!.roots).to.have.length(2);
      const early = await refused(reader.simulate({ type: "finalise", terms, batches: [0, 1] }), "JobsTooEarly");
      expect(Number(early.notBefore)).to.equal(view.batches.get(0)!.settled!.at + terms.challengeWindow);
      await chain.pass(terms.challengeWindow);
      await driver.do("keeper", { type: "finalise", terms, batches: [0, 1] });
      view = await driver.view(terms);
      expect(view.closed).to.include({ outcome: "completed" });
      expect(view.batches.get(0)!.finalised).to.equal(true);
      const paid = view.events.flatMap((event) => (event.type === "batch-finalised" ? event.payees : []));
      expect(paid.reduce((sum, { shards }) => sum + shards, 0)).to.equal(2 * 34);

      const { node, shards } = paid.find((payee) => payee.node !== 0)!;
      const earned = await reader.earningsOf(chain.token, node);
      expect(earned >= BigInt(shards) * USDC).to.equal(true);
      await driver.do("keeper", { type: "claim", token: chain.token, nodes: [node] });
      expect(await reader.tokenBalance(chain.token, (await reader.node(node)).payout)).to.equal(earned);
      expect(await reader.creditOf(chain.token, terms.client)).to.equal(view.closed!.refund);
      await driver.do("client", { type: "withdraw", token: chain.token, to: chain.account("elsewhere"), amount: view.closed!.refund });
      expect(await reader.tokenBalance(chain.token, chain.account("elsewhere"))).to.equal(view.closed!.refund);
    });

    it("shows the salts of reveals", async () => {
      const terms = await driver.open({ items: 2 });
      await driver.draw(terms);
      await driver.work(terms, 0);
      const view = await driver.view(terms);
      for (const [position, seat] of view.batches.get(0)!.seats.entries()) {
        const { roots, dataDigest, transaction } = seat.revealed!;
        const { salt } = driver.shown(view, view.batches.get(0)!, position, honest);
        expect(await reader.reveals(transaction)).to.deep.equal([{ job: view.id, batch: 0, position, roots, dataDigest, salt }]);
      }
      expect(await reader.reveals(view.events[0]!.at.transaction)).to.deep.equal([]);
    });

    it("carries a conflict through panel, conviction, replacement and slash", async () => {
      const terms = await driver.open({ items: 3, itemsPerShard: 3, unitsPerShard: 3n });
      let view = await driver.draw(terms);
      const liar = driver.seatOf(view.batches.get(0)!, 1).node;
      const lie: Results = (node, shard, items) => honest(node, shard, items).map((digest, item) => (node === liar && item === 2 ? sha256(utf8("wrong")) : digest));
      await driver.work(terms, 0, { results: lie });
      view = await driver.settle(terms, 0);
      expect(view.shards.get(0)).to.include({ status: "pending", conflicting: true, root: null, panel: null });
      expect(view.shards.get(0)!.replacements).to.deep.equal([EXTRA]);
      const [good, bad] = caseReplicas(view, 0);
      expect(good).to.include({ replica: 0, batch: 0, position: 0, convicted: false });
      expect(bad!.root).to.equal(view.batches.get(0)!.seats[1]!.revealed!.roots[0]);

      await driver.do("keeper", {
        type: "open-conflict", terms, shard: 0, item: 2,
        a: driver.opening(0, honest(0, 0, 3), 2), b: driver.opening(1, lie(liar, 0, 3), 2),
      });
      view = await driver.view(terms);
      const panel = view.shards.get(0)!.panel!;
      expect(view.batches.get(panel)!.extra).to.deep.equal({ kind: "item-panel", shard: 0, item: 2 });
      view = await driver.draw(terms, [EXTRA, panel]);
      await driver.work(terms, panel);
      const results = (await driver.view(terms)).batches.get(panel)!.seats.map((seat) => seat.revealed!.roots[0]!);
      await driver.do("keeper", { type: "judge", terms, panel, results });
      view = await driver.view(terms);
      expect(view.batches.get(panel)!.settled).to.not.equal(undefined);
      expect(view.shards.get(0)!.panel).to.equal(null);
      expect([...view.shards.get(0)!.convicted]).to.deep.equal([1]);
      expect(view.slashes).to.have.length(1);
      expect(view.slashes[0]).to.include({ node: liar, fault: "wrong", state: "pending" });

      await driver.work(terms, EXTRA);
      view = await driver.settle(terms, EXTRA);
      expect(view.batches.get(EXTRA)!.settled).to.not.equal(undefined);
      expect(view.shards.get(0)).to.include({ status: "agreed", conflicting: false, root: good!.root });
      expect(caseReplicas(view, 0)[2]).to.include({ replica: 2, batch: EXTRA, position: 0, root: good!.root, convicted: false });
      await chain.pass(terms.challengeWindow);
      await driver.do("keeper", { type: "execute-slash", slash: view.slashes[0]!.slash });
      await driver.do("keeper", { type: "advance", terms, shard: 0 });
      view = await driver.view(terms);
      expect(view.slashes[0]!.state).to.equal("executed");
      expect(view.shards.get(0)!.status).to.equal("final");
      await driver.do("keeper", { type: "finalise", terms, batches: [0] });
      expect((await driver.view(terms)).closed).to.include({ outcome: "completed" });
    });

    it("carries faults to their punishment", async () => {
      const terms = await driver.open({ items: 8, itemsPerShard: 2, committeeWidth: 4 });
      let view = await driver.draw(terms);
      const batch = view.batches.get(0)!;
      const actor = (position: number) => driver.seatOf(batch, position).name;
      await driver.do(actor(0), { type: "decline", terms, batch: 0, position: 0, reason: 2 });
      await driver.work(terms, 0, { positions: [1], reveal: false }); // and stays silent
      await driver.work(terms, 0, { positions: [2], reveal: false }); // position 3 misses
      await chain.pass(terms.commitWindow);
      view = await driver.view(terms);
      await driver.do(actor(2), { type: "reveal", terms, batch: 0, position: 2, ...driver.shown(view, batch, 2, honest) });
      await chain.pass(terms.revealWindow);
      view = await driver.settle(terms, 0);
      expect([...view.batches.get(0)!.faults].sort()).to.deep.equal([[0, "declined"], [1, "silent"], [3, "missed"]]);
      for (const position of [0, 1, 3]) {
        expect(await reader.hasFault(view.id, 0, position)).to.equal(true);
        await driver.do("keeper", { type: "punish", terms, batch: 0, position });
        expect(await reader.hasFault(view.id, 0, position)).to.equal(false);
        view = await driver.view(terms);
        expect(view.batches.get(0)!.faults.has(position)).to.equal(false);
      }
      expect(view.penalties.map(({ fault }) => fault)).to.deep.equal(["declined", "missed"]);
      expect(view.slashes.map(({ fault }) => fault)).to.deep.equal(["silent"]);
      await refused(driver.do("keeper", { type: "punish", terms, batch: 0, position: 3 }), "JobsNoFault");
    });

    it("waives declines for a common reason, in the view as on the chain", async () => {
      const terms = await driver.open({ items: 2 });
      let view = await driver.draw(terms);
      for (const position of [0, 1]) await driver.do(driver.seatOf(view.batches.get(0)!, position).name, { type: "decline", terms, batch: 0, position, reason: 3 });
      view = await driver.settle(terms, 0);
      expect(view.batches.get(0)!.faults.size).to.equal(0);
      expect(await reader.hasFault(view.id, 0, 0)).to.equal(false);
      expect(view.shards.get(0)!.status).to.equal("refunded");
      expect(view.closed).to.include({ outcome: "refunded" });
    });

    it("orders a panel for a whole shard, and ties", async () => {
      const terms = await driver.open({ items: 2, itemsPerShard: 2 });
      let view = await driver.draw(terms);
      const each: Results = (node, shard, items) => Array.from({ length: items }, (_, item) => sha256(utf8(`${node} ${shard} ${item}`)));
      await driver.work(terms, 0, { results: each });
      await driver.settle(terms, 0);
      await refused(reader.simulate({ type: "open-whole-conflict", terms, shard: 0 }), "SlashingTooEarly");
      await chain.pass(30);
      await driver.do("keeper", { type: "open-whole-conflict", terms, shard: 0 });
      view = await driver.view(terms);
      const panel = view.shards.get(0)!.panel!;
      expect(view.batches.get(panel)!.extra!.kind).to.equal("shard-panel");
      await driver.draw(terms, [panel]);
      await driver.work(terms, panel, { results: each });
      const results = (await driver.view(terms)).batches.get(panel)!.seats.map((seat) => seat.revealed!.roots[0]!);
      await driver.do("keeper", { type: "judge", terms, panel, results });
      view = await driver.view(terms);
      expect(view.shards.get(0)!.status).to.equal("tied");
      expect(view.events.some((event) => event.type === "panel-tied")).to.equal(true);
      await driver.do("keeper", { type: "finalise", terms, batches: [0] });
    });

    it("cancels, expires, and refuses what is not due", async () => {
      const cancelled = await driver.open();
      await driver.do("client", { type: "cancel", terms: cancelled });
      expect((await driver.view(cancelled)).closed).to.include({ outcome: "cancelled" });
      const { time } = await reader.head();
      const expiring = await driver.open({ deadline: time + 100 });
      await refused(reader.simulate({ type: "expire", terms: expiring }), "JobsTooEarly");
      await chain.pass(101);
      await driver.do("keeper", { type: "expire", terms: expiring });
      expect((await driver.view(expiring)).closed).to.include({ outcome: "refunded" });
    });

    it("replaces a stalled aggregator", async () => {
      const stalled = (await driver.actor("aggregator")).node;
      const newcomer = await driver.node("newcomer", { capacity: 0 });
      const terms = await driver.terms({ aggregator: stalled, aggregatorFeeBps: 50 });
      const client = await driver.actor("client");
      const deposit = await client.port.cost(terms);
      await chain.fund(terms.client, deposit);
      await driver.do("client", { type: "deposit", token: chain.token, account: terms.client, amount: deposit });
      const quote = await (await driver.actor("aggregator")).port.signQuote(terms, terms.deadline);
      await driver.do("client", { type: "open", terms, quote, locators: [], deposit: 0n });
      await chain.pass(30);
      await driver.do("newcomer", { type: "replace-aggregator", terms, stalledBatch: 0, node: newcomer.node });
      const view = await driver.view(terms);
      expect(view.aggregator).to.equal(newcomer.node);
      await driver.do("client", { type: "cancel", terms });
    });

    it("lets owners change what is theirs", async () => {
      const owner = await driver.node("owner");
      await learn();
      const member = driver.directory.memberOf(chain.pool, owner.node)!;
      await driver.do("owner", { type: "set-profile", profile: profileDocument.encode(profileOf("moved")) });
      await driver.do("owner", { type: "set-paused", pool: chain.pool, member, paused: true });
      await chain.pass(10);
      await driver.do("keeper", { type: "sync-member", pool: chain.pool, member });
      await learn();
      expect(driver.directory.multiaddrs(owner.node)).to.deep.equal(["/dns4/moved/tcp/4001", "/p2p/12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust"]);
      expect(driver.directory.member(chain.pool, member)).to.include({ node: owner.node, paused: true });
      await driver.do("owner", { type: "set-operator", operator: chain.account("second operator") });
      await driver.do("owner", { type: "set-payout", payout: chain.account("payout") });
      await learn();
      expect(driver.directory.node(owner.node)).to.include({ operator: chain.account("second operator"), payout: chain.account("payout") });
      expect(await reader.node(owner.node)).to.include({ operator: chain.account("second operator"), payout: chain.account("payout") });
      await driver.do("owner", { type: "approve", token: chain.token, spender: "jobs", amount: 1n });
      await refused(owner.port.simulate({ type: "claim-reward" }), "StakingZeroAmount");
      const before = await reader.tokenBalance(reader.stakeToken, chain.account("keeper"));
      await driver.do("keeper", { type: "claim-reward" }); // of the faults that it reported above
      expect((await reader.tokenBalance(reader.stakeToken, chain.account("keeper"))) > before).to.equal(true);
    });

    it("shows a node's place in a pool, and what it will be", async () => {
      const { node } = await driver.node("member", { capacity: 7 });
      const joined = (await reader.membership(chain.pool, node))!;
      const epoch = await reader.epochSeconds();
      expect(joined).to.deep.include({ pool: chain.pool, capacity: 0, busy: 0, paused: false, suspended: false, next: { capacity: 7, paused: false }, jailedUntil: 0 });
      expect(joined.record).to.deep.equal({ good: 0, bad: 0, streak: 0, latencyMs: 0, score: 5_000 });
      const { time } = await reader.head();
      expect(joined.changesAt).to.equal((Math.floor(time / epoch) + 1) * epoch);
      await chain.pass(epoch);
      await driver.do("keeper", { type: "sync-member", pool: chain.pool, member: joined.member });
      await driver.do("member", { type: "set-paused", pool: chain.pool, member: joined.member, paused: true });
      expect(await reader.membership(chain.pool, node)).to.deep.include({ capacity: 7, paused: false, next: { capacity: 7, paused: true } });
      await learn();
      expect(await reader.membership(chain.pool, (await driver.actor("aggregator")).node)).to.equal(null);
      const missing: unknown = await reader.membership(sha256(utf8("no pool")), node).catch((error: unknown) => error);
      expect(missing).to.have.property("code", "pool_not_found");
    });

    it("lets stake go: out of the pool, through its ticket, back to the owner", async () => {
      const { node } = await driver.node("leaver", { stake: 100n * INFER, capacity: 60 });
      const account = chain.account("leaver");
      await refused(driver.do("leaver", { type: "request-unbonding", amount: 41n * INFER }), "StakingInsufficient");
      await driver.do("leaver", { type: "request-unbonding", amount: 40n * INFER });
      await chain.pass(await reader.epochSeconds());
      await driver.do("leaver", { type: "set-capacity", pool: chain.pool, capacity: 0 });
      await chain.pass(await reader.epochSeconds());
      await driver.do("keeper", { type: "sync-member", pool: chain.pool, member: (await reader.membership(chain.pool, node))!.member });
      await driver.do("leaver", { type: "request-unbonding", amount: 60n * INFER });
      const tickets = await reader.tickets(node);
      expect(tickets.map(({ amount }) => amount)).to.deep.equal([40n * INFER, 60n * INFER]);
      expect((await reader.node(node)).stake).to.include({ free: 0n, earmarked: 0n, unbonding: 100n * INFER });
      await refused(reader.simulate({ type: "withdraw-stake", ticket: tickets[0]!.ticket }), "StakingTicketNotReady");
      await chain.pass(tickets[0]!.readyAt - (await reader.head()).time);
      await driver.do("keeper", { type: "withdraw-stake", ticket: tickets[0]!.ticket });
      expect((await reader.tickets(node)).map(({ ticket }) => ticket)).to.deep.equal([tickets[1]!.ticket]);
      expect(await reader.tokenBalance(reader.stakeToken, account)).to.equal(40n * INFER);
      expect(await reader.coins(account) > 0n).to.equal(true);
      const seen = (await readTo(reader, cursors.at(-1)!, (await reader.head()).height)).flatMap((step) => step.events);
      expect(seen).to.deep.include({ type: "stake-withdrawn", node, ticket: tickets[0]!.ticket, to: account, amount: 40n * INFER, at: seen.find(({ type }) => type === "stake-withdrawn")!.at });
      expect(seen.filter(({ type }) => type === "unbonding-requested")).to.have.length(2);
      expect(seen.filter((event) => event.type === "member-changed" && event.node === node)).to.have.length(2);
      await learn();
    });

    it("tells those who sign elsewhere what to send, with an approval in front where one is needed", async () => {
      const [stranger, { node }] = [chain.account("signs elsewhere"), await driver.actor("aggregator")];
      const action: ChainAction = { type: "stake", node, amount: 5n * INFER };
      const both = await reader.unsigned(action, stranger);
      expect(both.map(({ chainId }) => chainId)).to.deep.equal([reader.chain.id, reader.chain.id]);
      expect(both[0]!.to).to.equal(reader.stakeToken);
      const [register, ...rest] = await reader.unsigned({ type: "set-payout", payout: stranger }, stranger);
      expect(rest).to.deep.equal([]);
      expect(register).to.deep.include({ to: both[1]!.to, value: 0n });
    });

    it("submits once under one key, whoever asks", async () => {
      const { port } = await driver.actor("client");
      await chain.fund(chain.account("client"), 2n * USDC);
      const action: ChainAction = { type: "deposit", token: chain.token, account: chain.account("once"), amount: USDC };
      const both = await Promise.all([port.submit("once", action), port.submit("once", action)]);
      const again = await port.submit("once", { ...action, amount: 2n * USDC });
      expect(both).to.deep.equal([again, again]);
      expect(await reader.creditOf(chain.token, chain.account("once"))).to.equal(USDC);
      const block = (await readTo(reader, null, again.height)).flatMap((step) => step.events).find((event) => event.at.transaction === again.transaction)!;
      expect(block.at).to.include({ height: again.height, time: again.time });
    });

    it("gives the same refusal again under the same key", async () => {
      const { port } = await driver.actor("client");
      const action: ChainAction = { type: "withdraw", token: chain.token, to: chain.account("client"), amount: 10n ** 30n };
      const args = await refused(port.submit("too much", action), "EscrowInsufficientCredit");
      expect(args).to.include({ token: chain.token, account: chain.account("client"), needed: String(10n ** 30n) });
      expect(await refused(port.submit("too much", action), "EscrowInsufficientCredit")).to.deep.equal(args);
    });

    it("says what is missing before it opens a job that cannot be paid", async () => {
      const terms = await driver.terms({ client: chain.account("pauper") });
      const { port } = await driver.actor("pauper");
      const error: unknown = await port.submit("open", { type: "open", terms, quote: null, locators: [], deposit: await port.cost(terms) }).catch((thrown: unknown) => thrown);
      expect(error).to.have.property("code", "insufficient_funds");
    });

    it("delivers every event once and in order, from any cursor", async () => {
      const { height } = await reader.head();
      const steps = await readTo(reader, null, height);
      const events = steps.flatMap((step) => step.events);
      expect(events.length).to.be.greaterThan(100);
      const places = events.map(({ at }) => at.height * 10_000 + at.index);
      expect(places).to.deep.equal([...new Set(places)].sort((a, b) => a - b));
      const heights = steps.map((step) => step.cursor.height);
      expect(heights).to.deep.equal([...new Set(heights)].sort((a, b) => a - b));
      expect(steps.at(-1)).to.deep.include({ live: true, time: (await reader.head()).time });
      for (const event of events) if (event.type === "job-opened") expect(reader.jobId(event.terms)).to.equal(event.job);

      const cut = cursors[0]!;
      const rest = await readTo(reader, cut, height);
      expect(rest.flatMap((step) => step.events).map(identity)).to.deep.equal(events.filter(({ at }) => at.height > cut.height).map(identity));

      const book = new JobBook({ nodeOf: driver.directory.nodeOf });
      for (const step of steps) book.apply(step);
      for (const view of book.values()) {
        const alone = await reader.jobEvents(view.id);
        expect(alone.map(identity)).to.deep.equal(view.events.map(identity));
        expect(foldJob(alone, driver.directory.nodeOf)).to.deep.equal(view);
      }
    });

    it("steps with every block, and ends when it is told to", async () => {
      const stop = new AbortController();
      const { height } = await reader.head();
      const steps: ChainStep[] = [];
      for await (const step of reader.follow(null, { signal: stop.signal })) {
        steps.push(step);
        if (step.cursor.height < height) continue;
        if (step.cursor.height >= height + 3) stop.abort();
        else await chain.mine(1);
      }
      expect(steps.slice(-4).map((step) => step.cursor.height)).to.deep.equal([height, height + 1, height + 2, height + 3]);
    });

    it("takes back what has left the chain", async () => {
      const book = new JobBook();
      const stop = new AbortController();
      const before = await driver.open();
      const { height } = await reader.head();
      const undo = await chain.checkpoint();
      let gone: Awaited<ReturnType<JobDriver["open"]>> | undefined;
      let rollback: number | undefined;
      for await (const step of reader.follow(null, { signal: stop.signal })) {
        book.apply(step);
        if (step.rollback) rollback = step.rollback.to;
        if (step.live && gone === undefined && step.cursor.height >= height) gone = await driver.open();
        else if (gone !== undefined && rollback === undefined && book.get(reader.jobId(gone)) !== undefined) {
          await undo();
          await chain.mine(8); // another chain, longer than the one before
        } else if (rollback !== undefined && step.live) stop.abort();
      }
      expect(rollback).to.be.at.most(height);
      expect(book.get(reader.jobId(before))).to.not.equal(undefined);
      expect(book.get(reader.jobId(gone!))).to.equal(undefined);
      expect(await reader.jobEvents(reader.jobId(gone!))).to.deep.equal([]);
    });
  });
}
