import { expect } from "chai";
import { InfernetError, isInfernetError, type ErrorCode } from "@infernet/sdk/core";
import { isRunning } from "../compliance.ts";
import { FencedChild, type RequestOptions } from "./child-process.ts";
import { frameHead } from "./child/frames.ts";

const RUN = { kind: "run", stdoutBytes: 10 } as const;
const READY = Buffer.from(frameHead({ kind: "ready", cpuMicros: 1 }, 0)).toString("base64");
const options: RequestOptions = {
  timeoutMs: 20_000,
  maxPayloadBytes: 10,
  signal: undefined,
  onTimeout: () => new InfernetError("execution_timeout", "time over"),
};
/** A child that runs JavaScript instead of the real thing. */
const child = (script: string): FencedChild => new FencedChild([process.execPath, "-e", script], []);

describe("FencedChild", function () {
  this.timeout(30_000);

  async function fails(subject: FencedChild, code: ErrorCode, message: RegExp, changed: Partial<RequestOptions> = {}): Promise<void> {
    const error = await subject.request(RUN, new Uint8Array(5), { ...options, ...changed }).catch((reason: unknown) => reason);
    if (!isInfernetError(error)) throw new Error(`expected an error, got ${String(error)}`);
    expect(error.code).to.equal(code);
    expect(error.message).to.match(message);
    expect(subject.alive).to.equal(false);
    expect(subject.pid === undefined || !isRunning(subject.pid)).to.equal(true);
  }

  it("answers one request after the other", async () => {
    const answering = child(`process.stdin.on("data", () => process.stdout.write(Buffer.from("${READY}", "base64")))`);
    for (let round = 0; round < 3; round++) expect((await answering.request(RUN, new Uint8Array(0), options)).reply.kind).to.equal("ready");
    await answering.kill();
    await fails(answering, "execution_failed", /not running/);
  });

  it("is given up when it crashes, and its last words are kept", async () => {
    const crashing = child(`process.stderr.write("last words", () => process.exit(7))`);
    const error = await crashing.request(RUN, new Uint8Array(0), options).catch((reason: unknown) => reason);
    expect(error).to.include({ code: "execution_failed", retryable: true });
    expect((error as InfernetError).message).to.match(/exit code 7/);
    expect((error as InfernetError).details.stderr).to.equal("last words");
  });

  it("is given up when it talks nonsense, or without being asked", async () => {
    await fails(child(`process.stdin.once("data", () => process.stdout.write("A".repeat(100)))`), "execution_failed", /something else than a reply/);
    const chatty = child(`process.stdout.write("hello")`);
    await chatty.exited;
    expect(chatty.alive).to.equal(false);
  });

  it("is given up when its time is over", () => fails(child("for (;;);"), "execution_timeout", /time over/, { timeoutMs: 50 }));

  it("is given up when the caller aborts", async () => {
    await fails(child("for (;;);"), "aborted", /aborted/, { signal: AbortSignal.timeout(50) });
    await fails(child("for (;;);"), "aborted", /aborted/, { signal: AbortSignal.abort() });
  });

  it("says so when it cannot be started", () => fails(new FencedChild(["/nonexistent/program"], []), "execution_failed", /could not be started/));
});
