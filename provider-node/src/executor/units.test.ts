import { expect } from "chai";
import { isInfernetError } from "@infernet/sdk/core";
import { Units } from "./units.ts";

describe("units", function () {
  this.timeout(30_000);
  it("serves each unit to one use at a time, in the order of asking", async () => {
    const units = new Units(["a", "b"]);
    const first = await units.take(1);
    const order: string[] = [];
    const both = units.take(2).then((lease) => (order.push("both"), lease));
    const one = units.take(1).then((lease) => (order.push("one"), lease));
    // The second unit is free, but who asks for two has asked first.
    await Promise.resolve();
    expect(order).to.deep.equal([]);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    const lease = await both;
    expect(lease.units).to.have.members(["a", "b"]);
    expect(order).to.deep.equal(["both"]);
    lease[Symbol.dispose]();
    expect((await one).units).to.have.length(1);
  });

  it("lets those behind go on when somebody stops waiting", async () => {
    const units = new Units(["a", "b"]);
    const held = await units.take(1);
    const controller = new AbortController();
    const both = units.take(2, controller.signal).catch((error: unknown) => error);
    const one = units.take(1);
    controller.abort();
    expect(isInfernetError(await both, "aborted")).to.equal(true);
    expect((await one).units).to.deep.equal(["b"]);
    held[Symbol.dispose]();
    expect((await units.take(1)).units).to.deep.equal(["a"]);
    expect((await units.take(0)).units).to.deep.equal([]);
  });
});
