import { expect } from "chai";
import { fromUtf8, utf8 } from "./bytes.ts";
import { decodeVector, encodeVector, parseEmbedding } from "./embedding.ts";
import { failureLine } from "./failure.ts";
import { parseInput } from "./input.ts";
import { mergeResults } from "./merge.ts";

const options = { job: `0x${"01".repeat(32)}`, model: "all-MiniLM-L6-v2" };
const result = (values: number[], tokens: number) => utf8(JSON.stringify({ embedding: encodeVector(Float32Array.from(values)), tokens }));
const output = (bytes: Uint8Array) => fromUtf8(bytes).trimEnd().split("\n").map((line) => JSON.parse(line));
const batch = (id: string, body: object) => JSON.stringify({ custom_id: id, method: "POST", url: "/v1/embeddings", body });

describe("merge", () => {
  it("answers each request on its own line, in input order, in OpenAI's form", () => {
    const input = parseInput(utf8([batch("b", { model: "m", input: "x" }), '{"text":"y"}'].join("\n")), "jsonl");
    const [first, second] = output(mergeResults(input, [result([1, -0.5], 3), result([0.25, 2], 4)], options));
    expect(first.id).to.match(/^batch_req_[0-9a-f]{32}$/);
    expect(first).to.deep.equal({
      id: first.id,
      custom_id: "b",
      response: {
        status_code: 200,
        request_id: first.id.replace("batch_req_", "req_"),
        body: { object: "list", data: [{ object: "embedding", index: 0, embedding: [1, -0.5] }], model: "m", usage: { prompt_tokens: 3, total_tokens: 3 } },
      },
      error: null,
    });
    expect(second.custom_id).to.equal("line-2");
    expect(second.response.body.model).to.equal("all-MiniLM-L6-v2");
    expect(second.id).to.not.equal(first.id);
  });

  it("puts a list of texts back into one line, with its tokens added up", () => {
    const input = parseInput(utf8(batch("l", { model: "m", input: ["a", "b"] })), "jsonl");
    const [{ response }] = output(mergeResults(input, [result([1], 3), result([2], 4)], options));
    expect(response.body.data).to.deep.equal([{ object: "embedding", index: 0, embedding: [1] }, { object: "embedding", index: 1, embedding: [2] }]);
    expect(response.body.usage).to.deep.equal({ prompt_tokens: 7, total_tokens: 7 });
  });

  it("prints float32 values that read back exactly, and base64 on request", () => {
    const values = [0.1, 1e-30, 3.4028234663852886e38, -1 / 3, 1e-45].map(Math.fround);
    const input = parseInput(utf8([batch("f", { model: "m", input: "x" }), batch("b", { model: "m", input: "x", encoding_format: "base64" })].join("\n")), "jsonl");
    const [float, base64] = output(mergeResults(input, [result(values, 1), result(values, 1)], options));
    expect(float.response.body.data[0].embedding).to.deep.equal(values);
    expect(Array.from(decodeVector(base64.response.body.data[0].embedding))).to.deep.equal(values);
  });

  it("gives the same bytes every time, and other ids for another job", () => {
    const input = parseInput(utf8("a\nb\n"), "txt");
    const results = [result([1], 1), result([2], 1)];
    expect(mergeResults(input, results, options)).to.deep.equal(mergeResults(input, results, options));
    const other = output(mergeResults(input, results, { ...options, job: "0x02" }));
    expect(other[0].id).to.not.equal(output(mergeResults(input, results, options))[0].id);
  });

  it("gives an error line for failures, refunds, bad items and results that are no embedding", () => {
    const input = parseInput(utf8("a\nb\nc\nd\ne\nf\ng\n"), "txt");
    const lines = [failureLine("trap"), null, utf8('{"error":{"code":"bad_input"}}'), utf8('{"digit":7}'), result([NaN], 1), utf8('{"embedding":"AAA=","tokens":1}'), result([], 1)];
    const errors = output(mergeResults(input, lines, options));
    expect(errors.map(({ response, error }) => [response, error.code])).to.deep.equal(
      ["trap", "shard_refunded", "bad_input", "invalid_result", "invalid_result", "invalid_result", "invalid_result"].map((code) => [null, code]),
    );
    expect(errors.every(({ error }) => error.message.length > 10)).to.equal(true);
  });

  it("passes on codes that a module made up", () => {
    const [line] = output(mergeResults(parseInput(utf8("a\n"), "txt"), [utf8('{"error":{"code":"constructor"}}')], options));
    expect(line.error).to.deep.equal({ code: "constructor", message: "the module reported an error" });
  });

  it("makes a list with one bad text an error that names it", () => {
    const input = parseInput(utf8(batch("l", { model: "m", input: ["a", "b"] })), "jsonl");
    const [line] = output(mergeResults(input, [result([1], 3), null], options));
    expect(line.response).to.equal(null);
    expect(line.error.message).to.match(/^input 1: /);
  });

  it("hands out results of raw input as they are", () => {
    const input = parseInput(utf8("[0]\n"), "raw");
    const [line] = output(mergeResults(input, [utf8('{"digit":7}')], options));
    expect(line.response.body).to.deep.equal({ digit: 7 });
  });

  it("refuses another number of results than items", () => {
    expect(() => mergeResults(parseInput(utf8("a\n"), "txt"), [], options)).to.throw(/0 results for 1 items/);
  });
});

describe("embedding", () => {
  it("is little endian float32 in base64", () => {
    expect(encodeVector(Float32Array.of(1, -2))).to.equal("AACAPwAAAMA=");
    expect(Array.from(decodeVector("AACAPwAAAMA="))).to.deep.equal([1, -2]);
    expect(parseEmbedding(utf8('{"embedding":"AACAPw==","tokens":2}'))).to.deep.equal({ vector: Float32Array.of(1), tokens: 2 });
    for (const bad of ['{"embedding":"AACAPw==","tokens":-1}', '{"embedding":"AACAPw==","tokens":1,"x":1}', '{"embedding":"AACA","tokens":1}', "[]"])
      expect(parseEmbedding(utf8(bad))).to.equal(undefined);
  });
});
