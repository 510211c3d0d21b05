import { expect } from "chai";
import { fromUtf8, utf8 } from "./bytes.ts";
import { errorOfLine, FAILURE_CODES, failureLine, failureResult } from "./failure.ts";
import { parseShardResult, resultDigests, shardResult, stdoutLimit } from "./shard-result.ts";
import { resultDigest, resultRoot } from "./result-tree.ts";

const LINE = 64;
const run = (stdout: string, outcome: "ok" | "exit" | "trap" = "ok") => shardResult({ outcome, stdout: utf8(stdout) }, 2, LINE);

describe("shard result", () => {
  it("is the module's output when that is n lines of JSON", () => {
    const { file, failure } = run('{"a":1}\n[2]\n');
    expect(failure).to.equal(null);
    expect(fromUtf8(file)).to.equal('{"a":1}\n[2]\n');
  });

  const cases: [string, string, "ok" | "exit" | "trap", string][] = [
    ["too few lines", "1\n", "ok", "line_count"],
    ["no output", "", "ok", "line_count"],
    ["too many lines", "1\n2\n3\n", "ok", "line_count"],
    ["a last line without newline", "1\n2", "ok", "line_count"],
    ["garbage after the last line", "1\n2\nx", "ok", "line_count"],
    ["a line that is not JSON", "1\noops\n", "ok", "invalid_line"],
    ["an empty line", "1\n\n", "ok", "invalid_line"],
    ["a line that is too long", `1\n"${"x".repeat(LINE)}"\n`, "ok", "line_too_long"],
    ["an exit code", "1\n2\n", "exit", "exit"],
    ["a trap, whatever was printed", "1\noops\n", "trap", "trap"],
    ["the first violation in byte order", `oops\n"${"x".repeat(LINE)}"\n`, "ok", "invalid_line"],
  ];
  for (const [what, stdout, outcome, code] of cases)
    it(`is the failure ${code} for ${what}`, () => {
      const { file, failure } = run(stdout, outcome);
      expect(failure).to.equal(code);
      expect(fromUtf8(file)).to.equal(`{"error":{"code":"${code}"}}\n`.repeat(2));
    });

  it("refuses UTF-8 errors inside a line", () => {
    const stdout = Uint8Array.of(0x22, 0xc3, 0x22, 0x0a, 0x31, 0x0a);
    expect(shardResult({ outcome: "ok", stdout }, 2, LINE).failure).to.equal("invalid_line");
  });

  it("does not depend on where a host cuts runaway output, nor on how the module was then ended", () => {
    const floods = ["1\n".repeat(400), "x".repeat(400), `1\n${"y".repeat(400)}`, `1\n2\n${"z".repeat(400)}`];
    for (const flood of floods) {
      const results = [stdoutLimit(2, LINE) + 1, 200, 400].flatMap((cut) =>
        (["ok", "trap", "exit"] as const).map((outcome) => shardResult({ outcome, stdout: utf8(flood.slice(0, cut)) }, 2, LINE).failure),
      );
      expect(new Set(results).size, flood.slice(0, 10)).to.equal(1);
    }
  });

  it("is read strictly when it comes from another node", () => {
    expect(parseShardResult(utf8("1\n2\n"), 2, LINE).map(fromUtf8)).to.deep.equal(["1", "2"]);
    for (const bad of ["1\n", "1\n2\n3\n", "1\n2", "1\nx\n", `1\n${"2".repeat(LINE + 1)}\n`])
      expect(() => parseShardResult(utf8(bad), 2, LINE)).to.throw().with.property("code", "invalid_result");
  });

  it("hashes lines without their newline", () => {
    const { digests, root } = resultDigests([utf8("1"), utf8("2")]);
    expect(digests).to.deep.equal([resultDigest(utf8("1")), resultDigest(utf8("2"))]);
    expect(root).to.equal(resultRoot(digests));
  });
});

describe("failure", () => {
  it("fits into the shortest line limit that a manifest may name", () => {
    for (const code of FAILURE_CODES) {
      expect(failureLine(code).length).to.be.at.most(LINE);
      expect(parseShardResult(failureResult(code, 3), 3, LINE).map(errorOfLine)).to.deep.equal([code, code, code]);
    }
  });

  it("is told from other results", () => {
    for (const line of ["null", "1", '{"error":1}', '{"error":{"code":1}}', "{", '{"embedding":""}']) expect(errorOfLine(utf8(line))).to.equal(undefined);
    expect(errorOfLine(utf8('{"error":{"code":"bad_input"}}'))).to.equal("bad_input");
  });
});
