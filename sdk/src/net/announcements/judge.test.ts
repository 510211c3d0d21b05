import { expect } from "chai";
import { Wallet } from "ethers";
import { announcementDocument, MAX_ANNOUNCEMENT_LIFE } from "../../core/index.ts";
import { CLOCK_SKEW, Judge } from "./judge.ts";
import { KnownAnnouncements } from "./known.ts";
import { Standings } from "./standing.ts";
import { Registry } from "./testing/registry.ts";

const NOW = 1_800_000_000;

describe("an announcement", () => {
  let registry: Registry;
  let time: number;
  let known: KnownAnnouncements;
  let judge: Judge;
  const now = () => 1000 * time;

  beforeEach(() => {
    time = NOW;
    registry = new Registry();
    registry.register(7);
    registry.register(8, 0n);
    known = new KnownAnnouncements(now);
    const port = registry.port();
    judge = new Judge({ realm: registry.realm, statements: port, standings: new Standings(port, now), newest: (node) => known.newest(node), now });
  });

  const verdict = async (bytes: Uint8Array, from = "peer") => {
    const outcome = await judge.judge(bytes, from);
    if (outcome.take === "accept") known.add({ announcement: outcome.announcement, bytes });
    return outcome.take === "accept" ? "accept" : `${outcome.take}: ${outcome.why}`;
  };

  it("is taken when the operator of a staked node has signed it", async () => {
    expect(await verdict(await registry.announce({ node: 7, issuedAt: NOW }))).to.equal("accept");
    expect(known.get(7)!.announcement.price.minUnitReward).to.equal("5");
  });

  it("is refused unsigned, signed by somebody else, or with a changed word", async () => {
    const bytes = await registry.announce({ node: 7, issuedAt: NOW });
    const { announcement, signature } = announcementDocument.decode(bytes);
    expect(await verdict(announcementDocument.encode({ announcement, signature: "" }))).to.equal("reject: bad-signature");
    expect(await verdict(announcementDocument.encode({ announcement, signature: `0x${"11".repeat(65)}` }))).to.match(/^reject: /);
    expect(await verdict(await registry.announce({ node: 7, issuedAt: NOW }, Wallet.createRandom() as unknown as Wallet))).to.equal("reject: not-the-operator");
    expect(await verdict(announcementDocument.encode({ announcement: { ...announcement, load: { busy: 1, seats: 8 } }, signature }))).to.equal("reject: not-the-operator");
    expect(known.all()).to.deep.equal([]);
  });

  it("is refused of a node without stake, or that nobody registered", async () => {
    expect(await verdict(await registry.announce({ node: 8, issuedAt: NOW }))).to.equal("reject: no-stake");
    expect(await verdict(await registry.announce({ node: 99, issuedAt: NOW }, registry.wallet(7)))).to.equal("reject: not-the-operator");
  });

  it("is refused of another chain or contract, also with a signature for that one", async () => {
    const other = new Registry(1);
    other.register(7);
    expect(await verdict(await other.announce({ node: 7, issuedAt: NOW }))).to.equal("reject: other-chain");
    expect(await verdict(await other.announce({ node: 7, issuedAt: NOW, ...registry.realm }))).to.equal("reject: not-the-operator");
    expect(await verdict(await registry.announce({ node: 7, issuedAt: NOW, jobs: "0xother" }))).to.equal("reject: other-chain");
  });

  it("is refused oversized, or in another form, before anything is asked of the chain", async () => {
    expect(await verdict(new Uint8Array(4097))).to.equal("reject: too-large");
    expect(await verdict(new Uint8Array([1, 2, 3]))).to.equal("reject: malformed");
    const whole = await registry.announce({ node: 7, issuedAt: NOW });
    expect(await verdict(Uint8Array.of(...whole, 0))).to.equal("reject: malformed");
    expect(registry.reads).to.equal(0);
    const long = { node: 7, issuedAt: NOW, expiresAt: NOW + MAX_ANNOUNCEMENT_LIFE + 1 };
    expect(await registry.announce(long).then(() => "made", () => "refused")).to.equal("refused");
  });

  it("is left alone when it is stale or of the future, but not for a clock ten minutes off", async () => {
    const said = (issuedAt: number) => registry.announce({ node: 7, issuedAt, sequence: known.newest(7) + 1 });
    expect(await verdict(await said(NOW - 600 - CLOCK_SKEW - 1))).to.equal("ignore: expired");
    expect(await verdict(await said(NOW + CLOCK_SKEW + 1))).to.equal("ignore: from-the-future");
    expect(await verdict(await said(NOW - 600 - CLOCK_SKEW))).to.equal("accept");
    expect(await verdict(await said(NOW + CLOCK_SKEW))).to.equal("accept");
  });

  it("is taken once, and never after a newer one of the node", async () => {
    const [first, second] = [await registry.announce({ node: 7, issuedAt: NOW }), await registry.announce({ node: 7, issuedAt: NOW + 1 })];
    expect(await verdict(second)).to.equal("accept");
    expect(await verdict(second)).to.equal("ignore: replayed");
    expect(await verdict(first)).to.equal("ignore: replayed");
    time += 600 + CLOCK_SKEW + 2;
    expect(known.all(), "forgotten only when it is stale for everybody").to.deep.equal([]);
    expect(await verdict(second)).to.equal("ignore: expired");
  });

  it("is left alone while the chain does not answer, and nobody is blamed", async () => {
    registry.reachable = false;
    const bytes = await registry.announce({ node: 7, issuedAt: NOW });
    expect(await verdict(bytes)).to.equal("ignore: chain-unknown");
    registry.reachable = true;
    expect(await verdict(bytes)).to.equal("accept");
  });

  it("is left alone when its signer or the peer that brings it says too much", async () => {
    const outcomes = [];
    for (let i = 0; i < 8; i++) outcomes.push(await verdict(await registry.announce({ node: 7, issuedAt: NOW, sequence: i + 1 })));
    expect(outcomes.filter((outcome) => outcome === "accept")).to.have.length(6);
    expect(outcomes.at(-1)).to.equal("ignore: signer-too-fast");
    time += 20;
    expect(await verdict(await registry.announce({ node: 7, issuedAt: NOW, sequence: 100 }))).to.equal("accept");
    const noise = new Uint8Array([1]);
    const answers = await Promise.all(Array.from({ length: 1001 }, () => verdict(noise, "loud")));
    expect(answers.at(-1)).to.equal("ignore: peer-too-fast");
    expect(await verdict(noise, "other")).to.equal("reject: malformed");
  });

  it("costs one read of the chain for many of a node, and a bounded number for nodes that are made up", async () => {
    for (let i = 1; i <= 4; i++) await verdict(await registry.announce({ node: 7, issuedAt: NOW, sequence: i }));
    expect(registry.reads).to.equal(1);
    const standings = new Standings(registry.port(), now);
    registry.reads = 0;
    const made = await Promise.allSettled(Array.from({ length: 300 }, (_, i) => standings.of(1000 + i)));
    expect(registry.reads).to.equal(256);
    expect(made.at(-1)).to.have.nested.property("reason.code", "chain_rate_limited");
  });
});
