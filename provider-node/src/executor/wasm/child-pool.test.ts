import { expect } from "chai";
import { isInfernetError } from "@infernet/sdk/core";
import { ChildPool } from "./child-pool.ts";

class FakeChild {
  static started: FakeChild[] = [];
  alive = true;
  constructor() {
    FakeChild.started.push(this);
  }
  async kill(): Promise<void> {
    this.alive = false;
  }
}

const start = async (): Promise<FakeChild> => new FakeChild();
const code = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  return isInfernetError(error) ? error.code : String(error);
};
/** A use that lasts until `end` is called. */
const hold = () => {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  return { end: gate.resolve, begun: begun.promise, use: async () => (begun.resolve(), gate.promise) };
};

describe("ChildPool", () => {
  beforeEach(() => (FakeChild.started = []));
  const self = async (child: FakeChild): Promise<FakeChild> => child;

  it("uses a warm child of the same key again", async () => {
    const pool = new ChildPool<FakeChild>(2);
    const first = await pool.with("a", start, self);
    expect(await pool.with("b", start, self)).to.not.equal(first);
    expect(await pool.with("a", start, self)).to.equal(first);
    expect(pool.children).to.have.length(2);
  });

  it("makes the child that was idle longest give way to another key", async () => {
    const pool = new ChildPool<FakeChild>(2);
    const a = await pool.with("a", start, self);
    const b = await pool.with("b", start, self);
    await pool.with("c", start, self);
    expect([a.alive, b.alive, pool.children.length]).to.deep.equal([false, true, 2]);
  });

  it("never has more children than its size, and serves the waiting in order", async () => {
    const pool = new ChildPool<FakeChild>(1);
    const [one, two] = [hold(), hold()];
    const order: string[] = [];
    const first = pool.with("a", start, one.use).then(() => order.push("first"));
    await one.begun;
    const second = pool.with("b", start, two.use).then(() => order.push("second"));
    const third = pool.with("b", start, self).then(() => order.push("third"));
    expect(FakeChild.started).to.have.length(1);
    one.end();
    await two.begun;
    expect(pool.children).to.have.length(1);
    two.end();
    await Promise.all([first, second, third]);
    expect(order).to.deep.equal(["first", "second", "third"]);
    expect(FakeChild.started).to.have.length(2);
  });

  it("does not keep a child that died, nor count it", async () => {
    const pool = new ChildPool<FakeChild>(1);
    const failure = pool.with("a", start, async (child) => {
      await child.kill();
      throw new Error("odd");
    });
    expect(await code(failure)).to.equal("Error: odd");
    const idle = await pool.with("a", start, self);
    await idle.kill();
    expect(await pool.with("a", start, self)).to.not.equal(idle);
    expect(FakeChild.started).to.have.length(3);
  });

  it("frees the place when a child cannot be started", async () => {
    const pool = new ChildPool<FakeChild>(1);
    expect(await code(pool.with("a", () => Promise.reject(new Error("no")), self))).to.equal("Error: no");
    await pool.with("a", start, self);
  });

  it("stops waiting when the signal fires", async () => {
    const pool = new ChildPool<FakeChild>(1);
    const one = hold();
    const first = pool.with("a", start, one.use);
    await one.begun;
    const controller = new AbortController();
    const second = code(pool.with("a", start, self, controller.signal));
    controller.abort();
    expect(await second).to.equal("aborted");
    one.end();
    await first;
    await pool.with("a", start, self);
  });

  it("leaves no child when it is closed, whatever is going on", async () => {
    const pool = new ChildPool<FakeChild>(3);
    await pool.with("idle", start, self);
    const one = hold();
    const running = code(pool.with("running", start, (child) => one.use().then(() => expect(child.alive).to.equal(true))));
    await one.begun;
    const slow = Promise.withResolvers<FakeChild>();
    const starting = code(pool.with("starting", () => slow.promise, self));
    const waiting = code(pool.with("waiting", start, self));
    const closing = pool.close();
    one.end();
    slow.resolve(new FakeChild());
    await closing;
    expect(await Promise.all([running, starting, waiting])).to.deep.equal(["aborted", "aborted", "aborted"]);
    expect(FakeChild.started.filter((child) => child.alive)).to.have.length(0);
    expect(await code(pool.with("late", start, self))).to.equal("aborted");
    await pool.close();
  });
});
