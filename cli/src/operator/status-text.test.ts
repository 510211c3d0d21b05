import { expect } from "chai";
import type { MembershipInfo } from "@infernet/sdk/chain";
import { effective, type NodeStatus } from "./status.ts";
import { statusText, when } from "./status-text.ts";

const INFER = 10n ** 18n;
const POOL = `0x${"ab".repeat(32)}` as const;
const NOW = 1_800_000_000;

const info = (more: Partial<MembershipInfo> = {}): MembershipInfo => ({
  pool: POOL, member: 0, capacity: 4, busy: 1, paused: false, suspended: false, next: { capacity: 4, paused: false }, changesAt: null,
  record: { good: 1, bad: 0, streak: 1, latencyMs: 0, score: 6000 }, jailedUntil: 0, ...more,
});
const member = (more: Partial<MembershipInfo> = {}) => ({ ...info(more), now: effective(info(more), NOW) });
const status = (more: Partial<NodeStatus> = {}): NodeStatus => ({
  operator: "0xop", coins: 5n * 10n ** 17n, daemon: { running: false, pid: null, readiness: null }, draining: false, drained: false, time: NOW, node: null, memberships: [], jobs: [], earnings: [], tickets: [], ...more,
});
const node = { node: 3, owner: "0xowner", operator: "0xop", payout: "0xpay", stake: { free: INFER, earmarked: 2n * INFER, frozen: 0n, unbonding: INFER / 2n, bonded: 0n } };
const text = (more: Partial<NodeStatus>) => statusText({ name: "provider" }, status(more)).split("\n").map((line) => line.replace(/ {2,}/g, "  "));

describe("the status of a node", () => {
  it("of nobody says how to become somebody", () => {
    expect(text({})).to.deep.equal(["process  not running", "operator  0xop, 0.5 coins for gas", "node  not registered: infernet provider register"]);
  });

  it("says what is behind it, what it works on, what it has earned and what is on its way out", () => {
    const lines = text({
      node,
      memberships: [member()],
      jobs: [{ job: POOL, role: "provider", seats: 2, deadline: NOW + 60 }],
      earnings: [{ symbol: "USDC", decimals: 6, claimable: 0n, claimed: 1_500_000n }],
      tickets: [{ ticket: 7n, amount: INFER / 2n, readyAt: NOW + 7200 }, { ticket: 8n, amount: INFER, readyAt: NOW }],
    });
    expect(lines).to.include("stake  1 INFER free, 2 INFER behind slots, 0 INFER in bonds, 0 INFER frozen, 0.5 INFER unbonding");
    expect(lines).to.include("pool  0xabababab… 4 slots, 1 locked by work, active, score 6000 of 10000");
    expect(lines).to.include(`job  ${POOL} as provider, 2 seats, deadline ${when(NOW + 60, NOW)}`);
    expect(lines).to.include("earned  0 USDC to be claimed, 1.5 paid out");
    expect(lines).to.include(`unbonding  0.5 INFER, ticket 7, ready ${when(NOW + 7200, NOW)}`);
    expect(lines).to.include("unbonding  1 INFER, ticket 8, ready: infernet provider withdraw");
  });

  it("tells a jailed, a banned, a paused and a changing member apart, and sees what draws see", () => {
    const pool = (more: Partial<MembershipInfo>) => text({ node, memberships: [member(more)] }).find((line) => line.startsWith("pool"))!;
    expect(pool({ suspended: true, jailedUntil: NOW + 100 })).to.contain("jailed until");
    expect(pool({ suspended: true, jailedUntil: Infinity })).to.contain("banned");
    expect(pool({ paused: true, next: { capacity: 4, paused: true } })).to.contain("paused");
    const change = { next: { capacity: 9, paused: true }, changesAt: NOW + 10 };
    expect(pool(change)).to.contain("4 slots, 1 locked by work, active").and.to.contain("; 9 slots, paused, from");
    expect(effective(info(change), NOW + 9)).to.deep.equal({ capacity: 4, paused: false });
    expect(effective(info(change), NOW + 10)).to.deep.equal(change.next);
  });

  it("names what the process is not ready for", () => {
    const readiness = { ready: false, checks: { chain: { ok: false, detail: "catching up, at block 7" }, disk: { ok: true, detail: "fine" } } };
    const lines = text({ daemon: { running: true, pid: 12, readiness }, draining: true });
    expect(lines.slice(0, 3)).to.deep.equal(["process  running as 12, not ready, draining", "operator  0xop, 0.5 coins for gas", "not ready  chain: catching up, at block 7"]);
  });

  it("gives times with their distance", () => {
    expect(["in 60 s", "in 120 min", "in 3 h", "in 14 days"].map((end, i) => when(NOW + [60, 7199, 10_800, 14 * 86_400][i]!, NOW).endsWith(`(${end})`))).to.deep.equal([true, true, true, true]);
    expect(when(NOW - 5, NOW)).to.equal("2027-01-15T07:59:55Z (5 s ago)");
  });
});
