import { expect } from "chai";
import { ERRORS, ErrorCodes, InfernetError, isInfernetError, throwIfAborted, type ErrorCode } from "./errors.ts";

describe("errors", () => {
  it("have a code, a hint and say whether to try again", () => {
    for (const [code, { retryable, hint }] of Object.entries(ERRORS)) {
      expect(ErrorCodes[code as ErrorCode]).to.equal(code).that.matches(/^[a-z][a-z_]*$/);
      expect(retryable).to.be.a("boolean");
      expect(hint).to.match(/^[A-Z].*\.$/);
    }
  });

  it("carry cause, details and a hint of their own", () => {
    const cause = new Error("socket");
    const error = new InfernetError("content_timeout", "late", { cause, details: { ms: 5 }, hint: "Wait." });
    expect(error).to.be.instanceOf(Error);
    expect(error).to.include({ name: "InfernetError", code: "content_timeout", retryable: true, hint: "Wait.", message: "late", cause });
    expect(JSON.parse(JSON.stringify(error))).to.deep.equal({ code: "content_timeout", message: "late", retryable: true, hint: "Wait.", details: { ms: 5 } });
    expect(new InfernetError("internal", "x")).to.include({ retryable: false, hint: ERRORS.internal.hint });
  });

  it("are told apart", () => {
    const error = new InfernetError("aborted", "x");
    expect(isInfernetError(error)).to.equal(true);
    expect(isInfernetError(error, "aborted")).to.equal(true);
    expect(isInfernetError(error, "internal")).to.equal(false);
    expect(isInfernetError(new Error("aborted"))).to.equal(false);
  });

  it("turn an abort into a typed error", () => {
    throwIfAborted(undefined);
    throwIfAborted(new AbortController().signal);
    expect(() => throwIfAborted(AbortSignal.abort("why"))).to.throw(InfernetError).that.includes({ code: "aborted", cause: "why" });
  });
});
