import { expect } from "chai";
import type { ChainEvent } from "../chain/index.ts";
import { createLogger } from "./log.ts";
import { Claims } from "./claims.ts";

const TOKEN = "0x00000000000000000000000000000000000000F0";
const log = createLogger({ name: "test", level: "silent" });
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const event = (fact: object) => fact as ChainEvent;

describe("Claims", () => {
  it("look at the earnings at the start, after a job has ended, and from time to time", async () => {
    let looks = 0;
    let earned = 0n;
    let found = 0;
    const claims = new Claims({ earningsOf: async () => (looks++, earned) }, log, () => found++);
    const due = async (time: number) => {
      claims.due(new Set([TOKEN]), 4, time);
      await turn();
      return claims.due(new Set([TOKEN]), 4, time).map(({ key }) => key);
    };
    expect(await due(100)).to.deep.equal([]);
    expect(await due(159)).to.deep.equal([]);
    expect(looks).to.equal(1);
    earned = 5n;
    claims.apply([event({ type: "job-closed" })], 4);
    expect(await due(159)).to.deep.equal([`claim:${TOKEN}:4:0`]);
    expect([looks, found]).to.deep.equal([2, 1]);
    // The same claim until the chain has seen it; then another name for the next one.
    expect(await due(160)).to.deep.equal([`claim:${TOKEN}:4:0`]);
    claims.apply([event({ type: "claimed", token: TOKEN, node: 3 })], 4);
    expect(await due(161)).to.deep.equal([`claim:${TOKEN}:4:0`]);
    claims.apply([event({ type: "claimed", token: TOKEN, node: 4 })], 4);
    expect(await due(161)).to.deep.equal([]);
    expect(await due(219)).to.deep.equal([`claim:${TOKEN}:4:1`]);
  });
});
