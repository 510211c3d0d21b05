import { expect } from "chai";
import type { ChainEvent } from "./events.ts";
import { JobBook } from "./job-book.ts";
import { hash, history, opened, TERMS, type Told } from "./testing/history.ts";

const [ONE, TWO] = [hash("one"), hash("two")];
const drawn: Told = { type: "batch-drawn", batch: 0, committee: [5, 6], slots: 1 };
const closed: Told = { type: "job-closed", outcome: "completed", aggregatorFee: 0n, protocolFee: 0n, refund: 0n };
const step = (events: readonly ChainEvent[], height: number, rollback?: number) => ({ events, cursor: { height, hash: hash(String(height)) }, ...(rollback === undefined ? {} : { rollback: { to: rollback } }) });

describe("the book of jobs", () => {
  it("keeps what a rollback leaves, and takes in what comes instead", () => {
    const book = new JobBook();
    expect([...book.apply(step([...history(ONE, [opened, drawn]), ...history(TWO, [opened], 2)], 2))]).to.deep.equal([ONE, TWO]);
    expect([...book.apply(step([], 1, 1))]).to.deep.equal([ONE, TWO]);
    expect(book.get(ONE)!.batches.size).to.equal(0);
    expect(book.get(TWO)).to.equal(undefined);
    book.apply(step(history(ONE, [{ ...drawn, committee: [1, 2] } as Told], 2), 2));
    expect(book.get(ONE)!.batches.get(0)!.seats.map(({ member }) => member)).to.deep.equal([1, 2]);
    expect(book.size).to.equal(1);
    expect([...book.apply(step([], 2, 2))]).to.deep.equal([]);
  });

  it("knows the job of a slash, also after a rollback", () => {
    const book = new JobBook();
    const proposed: Told = { type: "slash-proposed", slash: 3n, node: 1, fault: "wrong", amount: 1n, due: 9, prover: "p" };
    const executed: Told = { type: "slash-executed", slash: 3n, amount: 1n };
    const { job: _, ...anonymous } = history(ONE, [executed], 3)[0] as ChainEvent & { job: string };
    book.apply(step([...history(ONE, [opened, proposed]), anonymous as ChainEvent], 3));
    expect(book.get(ONE)!.slashes[0]!.state).to.equal("executed");
    book.apply(step([], 2, 2));
    expect(book.get(ONE)!.slashes[0]!.state).to.equal("pending");
    book.apply(step([anonymous as ChainEvent], 3));
    expect(book.get(ONE)!.slashes[0]!.state).to.equal("executed");
    book.apply(step([], 1, 1));
    expect([...book.apply(step([anonymous as ChainEvent], 3))]).to.deep.equal([]);
  });

  it("forgets jobs that nobody wants, closed ones only when they cannot come back", () => {
    const book = new JobBook({ keep: (view) => view.terms === TERMS && !view.closed, settledAfter: 10 });
    book.apply(step([...history(ONE, [opened, closed]), ...history(TWO, [{ ...opened, terms: { ...TERMS } } as Told])], 2));
    expect(book.get(TWO)).to.equal(undefined);
    expect(book.get(ONE)!.closed).to.not.equal(undefined);
    book.apply(step([], 1, 1));
    expect(book.get(ONE)!.closed, "open again").to.equal(undefined);
    book.apply(step(history(ONE, [closed], 3), 3));
    book.apply(step([], 12));
    expect(book.size).to.equal(1);
    book.apply(step([], 13));
    expect(book.size).to.equal(0);
  });
});
