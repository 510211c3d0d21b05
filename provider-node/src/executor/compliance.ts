import { expect } from "chai";
import { failureResult, isInfernetError, type ErrorCode, type FailureCode } from "@infernet/sdk/core";
import type { ExecutionTask, Executor } from "./executor.ts";

/** Programs that every executor must be able to run. Each does on every input what its name says. */
export type Behaviour =
  | "honest" // one valid line per item
  | "peek" // one line per item that shows clock, random bytes and how many foreign paths could be opened
  | "stderr" // honest, and a flood on stderr
  | "exit" // honest, then a non-zero exit
  | "trap" // half of the lines, then a crash of the program
  | "few"
  | "many"
  | "unended" // the last line lacks its newline
  | "garbage" // lines that are not JSON
  | "longline" // a line beyond the limit
  | "flood" // lines without end
  | "foreign" // asks for a host function that is not offered
  | "memory" // takes memory until refused, then crashes
  | "recursion" // exhausts the stack of the host
  | "loop"; // never ends

/** What the suite needs to know of an executor. */
export interface ExecutorHarness {
  create(): Executor | Promise<Executor>;
  /** A task of `items` items for a program; `seconds` replaces its usual time limit. */
  task(behaviour: Behaviour, items: number, seconds?: number): ExecutionTask | Promise<ExecutionTask>;
  /** A real task with a model file, and its expected output. */
  real(): Promise<{ task: ExecutionTask; output: Uint8Array }> | { task: ExecutionTask; output: Uint8Array };
  /** Result line of an honest program. Default: {"ok":true} */
  readonly honest?: string;
  /** Ids of the operating-system processes that the executor holds; absent where programs run elsewhere. */
  processes?(executor: Executor): readonly number[];
  /** Resolves when an execution is under way. Default: when there is a process. */
  begun?(): Promise<void>;
  /** The task, with a model that is not there. Default: with a model file that is not there. */
  withoutModel?(task: ExecutionTask): ExecutionTask;
  /** What a behaviour gives: a failure that every host sees alike, or an error of this one. Those that are not named cannot happen. */
  readonly gives: Readonly<Partial<Record<Behaviour, { readonly failure: FailureCode } | { readonly error: ErrorCode }>>>;
  /** Whether programs can see neither the clock nor random bytes. */
  readonly sealed: boolean;
}

/** What programs that write lines of their own give, whatever runs them. */
export const PROGRAM_FAILURES = {
  exit: { failure: "exit" },
  trap: { failure: "trap" },
  few: { failure: "line_count" },
  many: { failure: "line_count" },
  unended: { failure: "line_count" },
  garbage: { failure: "invalid_line" },
  longline: { failure: "line_too_long" },
  flood: { failure: "line_count" },
  foreign: { failure: "trap" },
} as const satisfies ExecutorHarness["gives"];

/**
 * Behaviour that is the same for every executor: same job, same limits, same hostile programs.
 * Call it inside a mocha test file.
 */
export function executorCompliance(name: string, harness: ExecutorHarness): void {
  describe(`${name} executor`, function () {
    this.timeout(60_000);
    let executor: Executor;
    beforeEach(async () => void (executor = await harness.create()));
    afterEach(() => executor.close());
    const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    const honest = `${harness.honest ?? '{"ok":true}'}\n`;
    const processes = (one: Executor): readonly number[] => harness.processes?.(one) ?? [];

    it("runs an honest program", async () => {
      const outcome = await executor.execute(await harness.task("honest", 3));
      expect(outcome.status).to.equal("ok");
      expect(outcome.code).to.equal(undefined);
      expect(text(outcome.output)).to.equal(honest.repeat(3));
      expect(outcome.cpuSeconds).to.be.greaterThan(0);
    });

    it("gives the expected bytes of a real model, again and in another process", async () => {
      const { task, output } = await harness.real();
      const other = await harness.create();
      try {
        for (const one of [executor, executor, other]) expect(Buffer.compare((await one.execute(task)).output, output)).to.equal(0);
        expect(processes(other).filter((pid) => processes(executor).includes(pid))).to.deep.equal([]);
      } finally {
        await other.close();
      }
    });

    for (const [behaviour, expected] of Object.entries(harness.gives) as [Behaviour, NonNullable<ExecutorHarness["gives"][Behaviour]>][])
      if ("failure" in expected)
        it(`makes a result of a deterministic failure: ${behaviour} gives ${expected.failure}`, async () => {
          const outcome = await executor.execute(await harness.task(behaviour, 5));
          expect([outcome.status, outcome.code]).to.deep.equal(["failed", expected.failure]);
          expect(text(outcome.output)).to.equal(text(failureResult(expected.failure, 5)));
          await usable();
        });
      else
        it(`makes no result of what another host may not see: ${behaviour} gives ${expected.error}`, async () => {
          await failsWith(executor.execute(await harness.task(behaviour, 2)), expected.error);
          await usable();
        });

    if (harness.processes !== undefined) it("ignores what a program says on stderr", async () => {
      const outcome = await executor.execute(await harness.task("stderr", 2));
      expect([outcome.status, text(outcome.output)]).to.deep.equal(["ok", honest.repeat(2)]);
    });

    if (harness.sealed) it("shows the same clock and random bytes every time, and no file of the host", async () => {
      const task = await harness.task("peek", 4);
      const other = await harness.create();
      try {
        const outputs = [];
        for (const one of [executor, executor, other]) outputs.push(text((await one.execute(task)).output));
        expect(new Set(outputs).size).to.equal(1);
        const lines = outputs[0]!.trimEnd().split("\n").map((line) => JSON.parse(line) as { clock: unknown; opened: number });
        expect(lines.map(({ opened }) => opened)).to.deep.equal([0, 0, 0, 0]);
        expect(new Set(lines.map(({ clock }) => JSON.stringify(clock))).size).to.equal(1);
      } finally {
        await other.close();
      }
    });

    const usable = async (): Promise<void> => {
      expect((await executor.execute(await harness.task("honest", 1))).status).to.equal("ok");
    };

    describe("does not take a limit of the host for a result", () => {
      it("time", async () => {
        await failsWith(executor.execute(await harness.task("loop", 1, 0.3)), "execution_timeout");
        expect(processes(executor).filter(isRunning)).to.have.length(0);
        await usable();
      });

      if (harness.processes !== undefined) it("a process that is killed", async () => {
        const running = executor.execute(await harness.task("loop", 1));
        process.kill(await firstProcess(), "SIGKILL");
        const error = await failsWith(running, "execution_failed");
        expect(error.retryable).to.equal(true);
        await usable();
      });

      it("a model that is missing", async () => {
        const task = await harness.task("honest", 1);
        const lacking = harness.withoutModel?.(task) ?? { ...task, model: [{ path: "weights", file: "/nonexistent/weights" }] };
        await failsWith(executor.execute(lacking), "model_missing");
        await usable();
      });
    });

    it("refuses a task of another shape", async () => {
      const task = await harness.task("honest", 1);
      for (const wrong of [{ items: 0 }, { items: 1.5 }, { input: "text" }, { limits: { ...task.limits, memoryPages: 2 ** 24 + 1 } }, { module: { ...task.module, digest: "0x" } }])
        await failsWith(executor.execute({ ...task, ...wrong } as ExecutionTask), "invalid_argument");
    });

    it("stops when the signal fires: before, while waiting, and while running", async () => {
      await failsWith(executor.execute(await harness.task("honest", 1), { signal: AbortSignal.abort() }), "aborted");
      const controller = new AbortController();
      const loop = await harness.task("loop", 1);
      const runs = Array.from({ length: 20 }, () => executor.execute(loop, { signal: controller.signal }));
      await begun();
      controller.abort();
      await Promise.all(runs.map((run) => failsWith(run, "aborted")));
      expect(processes(executor).filter(isRunning)).to.have.length(0);
    });

    it("keeps overlapping executions apart", async () => {
      const counts = [1, 7, 3, 200, 2, 50];
      const outcomes = await Promise.all(counts.map(async (items) => executor.execute(await harness.task("honest", items))));
      expect(outcomes.map(({ output }) => text(output).split("\n").length - 1)).to.deep.equal(counts);
    });

    it("leaves nothing running after close, and refuses further work", async () => {
      await executor.execute(await harness.task("honest", 1));
      const running = executor.execute(await harness.task("loop", 1));
      const waiting = failsWith(running, "aborted");
      await begun();
      const held = [...processes(executor)];
      await executor.close();
      expect(held.filter(isRunning)).to.have.length(0);
      await waiting;
      await failsWith(executor.execute(await harness.task("honest", 1)), "aborted");
      await executor.close();
    });

    const begun = async (): Promise<unknown> => (harness.begun === undefined ? firstProcess() : harness.begun());

    /** Id of a process of the executor, as soon as there is one. */
    async function firstProcess(): Promise<number> {
      for (;;) {
        const [pid] = processes(executor);
        if (pid !== undefined) return pid;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  });
}

/** Whether a process with this id exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

async function failsWith(promise: Promise<unknown>, code: ErrorCode) {
  const error: unknown = await promise.then((value) => expect.fail(`expected ${code}, got ${JSON.stringify(value)}`), (reason: unknown) => reason);
  if (!isInfernetError(error)) throw error;
  expect(error.code, error.message).to.equal(code);
  expect(error.hint).to.not.equal("");
  return error;
}
