import { expect } from "chai";
import { fromUtf8, utf8 } from "./bytes.ts";
import { INPUT_LIMITS, inputFormat, parseInput, type InputFormat } from "./input.ts";

const items = (text: string, format: InputFormat) => parseInput(utf8(text), format).items.map(fromUtf8);
const batch = (id: string, body: object, rest: object = {}) => JSON.stringify({ custom_id: id, method: "POST", url: "/v1/embeddings", body, ...rest });
const refusal = (text: string | Uint8Array, format: InputFormat, limits = INPUT_LIMITS) =>
  expect(() => parseInput(typeof text === "string" ? utf8(text) : text, format, limits)).to.throw();

describe("text input", () => {
  it("is one item a line, empty lines included, with or without a last newline", () => {
    expect(items("a\n\nb\n", "txt")).to.deep.equal(['{"text":"a"}', '{"text":""}', '{"text":"b"}']);
    expect(items("a\r\nb", "txt")).to.deep.equal(['{"text":"a"}', '{"text":"b"}']);
  });

  it("keeps what a line says", () => {
    expect(items('"q" \\ 你好 👋\u2028\tx', "txt")).to.deep.equal([JSON.stringify({ text: '"q" \\ 你好 👋\u2028\tx' })]);
    expect(items("\ufeffa\n", "txt")).to.deep.equal(['{"text":"a"}']);
  });

  it("names requests by their line", () => {
    const { requests } = parseInput(utf8("a\nb\n"), "txt");
    expect(requests.map(({ customId, line, first, count, encoding }) => [customId, line, first, count, encoding])).to.deep.equal([["line-1", 1, 0, 1, "float"], ["line-2", 2, 1, 1, "float"]]);
  });
});

describe("JSON Lines input", () => {
  it("reads batch requests, lists of texts, {text} lines and blank lines", () => {
    const text = [batch("a", { model: "m", input: "x" }), "", batch("b", { model: "n", input: ["y", "z"], encoding_format: "base64" }), '{"text":"t"}', '{"text":"u","custom_id":"c"}'].join("\n");
    const parsed = parseInput(utf8(text), "jsonl");
    expect(parsed.items.map(fromUtf8)).to.deep.equal(["x", "y", "z", "t", "u"].map((t) => JSON.stringify({ text: t })));
    expect(parsed.requests).to.deep.equal([
      { line: 1, customId: "a", model: "m", encoding: "float", first: 0, count: 1 },
      { line: 3, customId: "b", model: "n", encoding: "base64", first: 1, count: 2 },
      { line: 4, customId: "line-4", model: undefined, encoding: "float", first: 3, count: 1 },
      { line: 5, customId: "c", model: undefined, encoding: "float", first: 4, count: 1 },
    ]);
  });

  it("reads requests for completions: without its names, the request is the item", () => {
    const body = { messages: [{ role: "user", content: "hi" }], max_tokens: 5, temperature: 0 };
    const parsed = parseInput(utf8(batch("a", { model: "m", ...body }, { url: "/v1/chat/completions" })), "jsonl");
    expect(parsed.items.map(fromUtf8)).to.deep.equal([JSON.stringify({ method: "POST", url: "/v1/chat/completions", body })]);
    expect(parsed.requests).to.deep.equal([{ line: 1, customId: "a", model: "m", encoding: null, first: 0, count: 1 }]);
  });

  it("makes lone surrogates into escapes, so that items are valid UTF-8", () => {
    expect(items('{"text":"\\ud800"}', "jsonl")).to.deep.equal(['{"text":"\\ud800"}']);
  });

  const good = { model: "m", input: "x" };
  const chat = (body: object) => batch("i", { model: "m", messages: [{ role: "user", content: "hi" }], ...body }, { url: "/v1/chat/completions" });
  const bad: [string, string, RegExp][] = [
    ["text that is not JSON", '{"text":', /line 2 is not JSON/],
    ["a JSON value that is no request", "7", /line 2/],
    ["an unknown key", '{"text":"a","note":1}', /line 2: .*note/],
    ["a text that is no string", '{"text":1}', /line 2: text/],
    ["another method", batch("i", good, { method: "GET" }), /line 2: method/],
    ["another endpoint", batch("i", good, { url: "/v1/completions" }), /line 2: url/],
    ["no model", batch("i", { input: "x" }), /line 2: body\.model/],
    ["a completion that is to be guessed", chat({ temperature: 0.7 }), /line 2: body\.temperature: must be 0/],
    ["several completions", chat({ n: 2 }), /line 2: body\.n/],
    ["a stream", chat({ stream: true }), /line 2: body\.stream/],
    ["a picture", chat({ messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "http://10.0.0.1/" } }] }] }), /line 2: body\.messages\.0\.content/],
    ["a template", chat({ chat_template: "{{ 1 }}" }), /line 2: body: .*chat_template/],
    ["token ids", batch("i", { model: "m", input: [1, 2] }), /line 2: body\.input: must be a text/],
    ["an empty list", batch("i", { model: "m", input: [] }), /line 2: body\.input/],
    ["dimensions", batch("i", { ...good, dimensions: 3 }), /line 2: body: .*dimensions/],
    ["another encoding", batch("i", { ...good, encoding_format: "hex" }), /line 2: body\.encoding_format/],
    ["no custom_id", batch(undefined as never, good), /line 2: custom_id/],
    ["a custom_id that was used", batch("first", good), /line 2: custom_id "first" was used on line 1/],
  ];
  for (const [what, line, message] of bad)
    it(`refuses ${what} and names the line`, () => {
      refusal(`${batch("first", good)}\n${line}\n`, "jsonl").that.includes({ code: "invalid_input" }).with.property("message").that.matches(message);
    });

  it("refuses bytes that are not UTF-8 and names the line", () => {
    refusal(Uint8Array.of(0x61, 0x0a, 0xff, 0x0a), "txt").with.property("message", "line 2 is not UTF-8");
  });

  it("refuses an input without items", () => {
    for (const text of ["", "\n \n"]) refusal(text, "jsonl").with.property("code", "invalid_input");
  });

  it("holds every limit", () => {
    const limits = { maxBytes: 40, maxLineBytes: 20, maxItems: 3, maxItemBytes: 18 };
    refusal("x".repeat(41), "txt", limits).with.property("code", "input_too_large");
    refusal("x".repeat(21), "txt", limits).with.property("message").that.matches(/line 1 has 21 bytes/);
    refusal("a\nb\nc\nd\n", "txt", limits).with.property("message").that.matches(/line 4: more than 3 items/);
    refusal("0123456789", "txt", limits).with.property("message").that.matches(/line 1: an item has 21 bytes/);
  });
});

describe("raw input", () => {
  it("hands JSON values to the module, one a line", () => {
    expect(items('{ "pixels": [0, 16] }\n\n[1]\n', "raw")).to.deep.equal(['{"pixels":[0,16]}', "[1]"]);
    refusal("1\nx\n", "raw").with.property("message").that.matches(/line 2 is not JSON/);
  });
});

describe("input format", () => {
  it("follows the file name", () => {
    expect(["a.txt", "A.TXT", "a.jsonl", "a"].map(inputFormat)).to.deep.equal(["txt", "txt", "jsonl", "jsonl"]);
  });
});
