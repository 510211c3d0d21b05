import { expect } from "chai";
import { seatSalts } from "./salt.ts";
import type { Seat } from "./seats.ts";

const KEY = `0x${"11".repeat(32)}`;
const DEPLOYMENT = { chainId: 31337, jobs: `0x${"22".repeat(20)}` };
const seat = (job: string, batch: number, position: number) => ({ job: { id: job }, batch: { number: batch }, position }) as Seat;

describe("seatSalts", () => {
  it("gives the same salt to the same seat, whoever asks when", () => {
    const [a, b] = [seatSalts(KEY, DEPLOYMENT), seatSalts(KEY, { ...DEPLOYMENT, jobs: DEPLOYMENT.jobs.toUpperCase().replace("0X", "0x") })];
    expect(a(seat("0xaa", 1, 2))).to.equal(b(seat("0xaa", 1, 2))).and.to.match(/^0x[0-9a-f]{64}$/);
  });

  it("gives every key, chain, contract, job, batch and position its own", () => {
    const salts = [
      seatSalts(KEY, DEPLOYMENT)(seat("0xaa", 1, 2)),
      seatSalts(`0x${"12".repeat(32)}`, DEPLOYMENT)(seat("0xaa", 1, 2)),
      seatSalts(KEY, { ...DEPLOYMENT, chainId: 1 })(seat("0xaa", 1, 2)),
      seatSalts(KEY, { ...DEPLOYMENT, jobs: `0x${"23".repeat(20)}` })(seat("0xaa", 1, 2)),
      seatSalts(KEY, DEPLOYMENT)(seat("0xab", 1, 2)),
      seatSalts(KEY, DEPLOYMENT)(seat("0xaa", 12, 2)),
      seatSalts(KEY, DEPLOYMENT)(seat("0xaa", 1, 22)),
    ];
    expect(new Set(salts).size).to.equal(salts.length);
  });
});
