import { expect } from "chai";
import type { ChainEvent, MemberEntry, NodeEntry } from "@infernet/sdk/chain";
import { hex } from "../../sdk/src/node/testing/history.ts";
import { Upkeep } from "./upkeep.ts";

const POOL = hex("b001");
const member = (suspended = false) => ({ member: 3, node: 7, capacity: 1, paused: false, suspended }) as MemberEntry;
const node = (jailedUntil = 0) => ({ node: 7, jailedUntil }) as NodeEntry;
const said = (time: number, type: string, by = 7) => ({ type, node: by, pool: POOL, at: { time } }) as unknown as ChainEvent;

describe("Upkeep", () => {
  it("syncs the weight some time after work has been paid, once", () => {
    const upkeep = new Upkeep(100);
    upkeep.apply([said(10, "member-joined"), said(20, "earned", 8)], 7);
    expect(upkeep.due(POOL, member(), node(), 500)).to.deep.equal([]);
    upkeep.apply([said(30, "earned")], 7);
    expect(upkeep.due(POOL, member(), node(), 109)).to.deep.equal([]);
    const [sync] = upkeep.due(POOL, member(), node(), 110);
    expect(sync!.action).to.deep.equal({ type: "sync-member", pool: POOL, member: 3 });
    upkeep.apply([said(111, "member-synced")], 7);
    expect(upkeep.due(POOL, member(), node(), 500)).to.deep.equal([]);
    upkeep.apply([said(120, "earned")], 7);
    expect(upkeep.due(POOL, member(), node(), 211)[0]!.key).not.to.equal(sync!.key);
  });

  it("ends a suspension that has been served, never a ban", () => {
    const upkeep = new Upkeep(0);
    expect(upkeep.due(POOL, member(true), node(200), 199)).to.deep.equal([]);
    expect(upkeep.due(POOL, member(true), node(200), 200)).to.have.length(1);
    expect(upkeep.due(POOL, member(true), node(Infinity), 1e12)).to.deep.equal([]);
  });
});
