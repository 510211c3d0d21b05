import { expect } from "chai";
import type { ActionReceipt, ChainAction } from "../chain/index.ts";
import { InfernetError, type ErrorCode } from "../core/index.ts";
import { CrankRunner, type CrankRunnerOptions } from "./crank-runner.ts";
import type { DueAction } from "./cranks.ts";
import { createLogger } from "./log.ts";

const log = createLogger({ name: "test", level: "silent" });
const action: ChainAction = { type: "execute-slash", slash: 1n };
const due = (key: string, dueSince = 100): DueAction => ({ key, kind: action.type, job: null, action, dueSince });
const reverted = (reason: string) => new InfernetError("chain_reverted", reason, { details: { reason } });

/** A port that answers as it is told, and a record of what was asked of it. */
function scene(options: Partial<CrankRunnerOptions> = {}) {
  const sent: string[] = [];
  const answers: { simulate: (() => void)[]; submit: (() => void | Promise<void>)[] } = { simulate: [], submit: [] };
  const port: CrankRunnerOptions["port"] = {
    async simulate() {
      answers.simulate.shift()?.();
    },
    async submit(key): Promise<ActionReceipt> {
      sent.push(key);
      await answers.submit.shift()?.();
      return { transaction: "0x", height: 1, time: 1, gas: 1n };
    },
  };
  const runner = new CrankRunner({ port, log, ...options });
  const step = async (actions: DueAction[], time: number) => {
    runner.offer(actions, time);
    await runner.idle();
  };
  const failing = (error: InfernetError) => () => {
    throw error;
  };
  return { runner, step, sent, answers, failing };
}

describe("CrankRunner", () => {
  it("does what is due, once, and again under another key when the chain has forgotten it", async () => {
    const { step, sent } = scene();
    await step([due("a")], 100);
    await step([due("a")], 101);
    expect(sent).to.deep.equal(["a"]);
    await step([due("a")], 161);
    expect(sent).to.deep.equal(["a", "a#1"]);
  });

  it("waits its patience", async () => {
    const { step, sent } = scene({ patience: () => 6 });
    await step([due("a")], 105);
    expect(sent).to.deep.equal([]);
    await step([due("a")], 106);
    expect(sent).to.deep.equal(["a"]);
  });

  it("never waits for a transaction, and keeps to its limit of them", async () => {
    const { runner, answers, sent } = scene({ parallel: 2 });
    const gate = Promise.withResolvers<void>();
    answers.submit.push(() => gate.promise, () => gate.promise);
    runner.offer([due("a"), due("b"), due("c")], 100);
    runner.offer([due("a"), due("b"), due("c")], 101);
    gate.resolve();
    await runner.idle();
    expect(sent).to.deep.equal(["a", "b"]);
    runner.offer([due("c")], 102);
    await runner.idle();
    expect(sent).to.deep.equal(["a", "b", "c"]);
  });

  it("sends nothing that would be refused, and looks again: soon when it was early, ever later when others were first", async () => {
    const { step, sent, answers, failing } = scene();
    answers.simulate.push(failing(reverted("RandomnessPending")), failing(reverted("JobsWrongPhase")), failing(reverted("JobsWrongPhase")));
    await step([due("a")], 100);
    await step([due("a")], 101); // early: asked again at once, refused as done
    await step([due("a")], 102); // 2 s pause
    expect(answers.simulate).to.have.length(1);
    await step([due("a")], 103);
    expect(answers.simulate).to.have.length(0);
    await step([due("a")], 106); // 4 s pause
    expect(sent).to.deep.equal([]);
    await step([due("a")], 107);
    expect(sent).to.deep.equal(["a"]);
  });

  it("takes a new key after a transaction that was reverted or that nobody took, and the same after one whose end is unknown", async () => {
    const { step, sent, answers, failing } = scene();
    const unknown: ErrorCode = "chain_unreachable";
    answers.submit.push(failing(new InfernetError(unknown, "not mined")), failing(reverted("JobsTooEarly")), failing(new InfernetError("transaction_refused", "oversized data")));
    for (const time of [100, 110, 120, 130]) await step([due("a")], time);
    expect(sent).to.deep.equal(["a", "a", "a#1", "a#2"]);
  });

  it("forgets what is no longer due", async () => {
    const { step, sent } = scene();
    await step([due("a")], 100);
    await step([], 101);
    await step([due("a")], 102);
    expect(sent).to.deep.equal(["a", "a"]);
  });

  it("begins nothing after the signal", async () => {
    const { step, sent } = scene({ signal: AbortSignal.abort() });
    await step([due("a")], 100);
    expect(sent).to.deep.equal([]);
  });
});
