import { expect } from "chai";
import { InfernetError } from "../core/index.ts";
import { poll, retry, sleep } from "./timer.ts";

const late = () => new InfernetError("content_timeout", "late");
const reason = (promise: Promise<unknown>) => promise.then(() => undefined, (error: unknown) => error);

describe("timer", () => {
  it("sleeps until it is aborted", async () => {
    await sleep(0);
    const controller = new AbortController();
    const slept = reason(sleep(60_000, controller.signal));
    controller.abort();
    expect(await slept).to.have.property("code", "aborted");
    expect(await reason(sleep(0, controller.signal))).to.have.property("code", "aborted");
  });

  it("retries what may be retried, with growing pauses", async () => {
    const pauses: number[] = [];
    const run = async (attempt: number) => {
      if (attempt < 5) throw late();
      return attempt;
    };
    const onRetry = (_: unknown, attempt: number, pauseMs: number) => pauses.push(attempt, pauseMs);
    expect(await retry(run, { firstPauseMs: 1, longestPauseMs: 3, onRetry })).to.equal(5);
    expect(pauses).to.deep.equal([1, 1, 2, 2, 3, 3, 4, 3]);
  });

  it("gives up at the last attempt, at an error that is not retryable, and when it is aborted", async () => {
    let tries = 0;
    const fail = (error: unknown) => async () => {
      tries++;
      throw error;
    };
    expect(await reason(retry(fail(late()), { attempts: 3, firstPauseMs: 1 }))).to.have.property("code", "content_timeout");
    expect(tries).to.equal(3);
    for (const error of [new InfernetError("internal", "x"), new Error("x")]) {
      tries = 0;
      expect(await reason(retry(fail(error), { firstPauseMs: 1 }))).to.equal(error);
      expect(tries).to.equal(1);
    }
    const controller = new AbortController();
    const onRetry = () => controller.abort();
    expect(await reason(retry(fail(late()), { signal: controller.signal, onRetry }))).to.have.property("code", "aborted");
  });

  it("polls until there is an answer", async () => {
    let asked = 0;
    expect(await poll(async () => (++asked === 3 ? "yes" : undefined), 1)).to.equal("yes");
    const controller = new AbortController();
    controller.abort();
    expect(await reason(poll(async () => undefined, 1, controller.signal))).to.have.property("code", "aborted");
  });
});
