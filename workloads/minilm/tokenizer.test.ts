import { expect } from "chai";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileModule, readModelFile, runModule } from "../testing/run-module.ts";
import { ensureMiniLm } from "./model.ts";

interface Golden {
  readonly text: string;
  readonly ids: readonly number[];
}

const goldens = readFileSync(new URL("golden/tokenizer.jsonl", import.meta.url), "utf8")
  .trimEnd().split("\n").map((line) => JSON.parse(line) as Golden);

describe("minilm tokenizer", function () {
  this.timeout(300_000);
  let model: ReadonlyMap<string, ArrayBuffer>;

  before(async () => {
    const { path } = await ensureMiniLm({ onProgress: (message) => console.log(`    ${message}`) });
    model = new Map([["minilm.bin", readModelFile(path)]]);
  });

  /** Token ids of raw lines. */
  function idsOfLines(lines: readonly string[]): (readonly number[] | undefined)[] {
    const module = compileModule(fileURLToPath(new URL("testing/tokenize.wasm", import.meta.url)));
    const { code, stdout, stderr } = runModule(module, model, lines.map((line) => `${line}\n`).join(""));
    expect({ code, stderr }).deep.equal({ code: 0, stderr: "" });
    return stdout.toString("utf8").trimEnd().split("\n").map((line) => (JSON.parse(line) as { ids?: number[] }).ids);
  }
  const idsOf = (texts: readonly string[]) => idsOfLines(texts.map((text) => JSON.stringify({ text })));
  const idsOfOne = (text: string) => idsOf([text])[0];

  it("equals HuggingFace tokenizers on every golden text", () => {
    expect(goldens).length.greaterThan(300);
    const ids = idsOf(goldens.map(({ text }) => text));
    goldens.forEach((golden, i) => expect(ids[i], JSON.stringify(golden.text)).deep.equal(golden.ids));
  });

  it("reads escaped text as it reads the same text written out", () => {
    const escaped = goldens.map(({ text }) => `{"text":"${text.split("").map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"}`);
    expect(idsOfLines(escaped)).deep.equal(goldens.map(({ ids }) => ids));
  });

  it("drops lone surrogates, as U+FFFD is dropped", () => {
    for (const [text, same] of [["a\ud800b", "ab"], ["\udc00", ""], ["\ud83d", ""], ["x \udfff\ud800 y", "x y"], ["\ud83d\ud83d\ude00", "😀"]] as const)
      expect(idsOfOne(text), JSON.stringify(text)).deep.equal(idsOfOne(same));
  });

  it("truncates to 256 tokens and always ends with [SEP]", () => {
    for (const words of [253, 254, 255, 5000]) {
      const ids = idsOfOne("word ".repeat(words))!;
      expect(ids).lengthOf(Math.min(words + 2, 256));
      expect(ids.at(-1)).equal(102);
    }
  });

  it("does not understand lines that are no JSON object with a text", () => {
    const bad = ["", "{}", "[]", "null", '"text"', '{"text":1}', '{"text":null}', '{"text":["a"]}', '{"Text":"a"}', '{"text":"a"', '{"text":"a"}}',
      '{"text":"\\x"}', '{"text":"\\u12"}', '{"text":"a\tb"}', "{'text':'a'}", '{"text":"a",}', '{text:"a"}', '{"a":01,"text":"a"}', '{"a":1.,"text":"a"}',
      `{"a":${"[".repeat(100)}${"]".repeat(100)},"text":"a"}`, "\ufeff{\"text\":\"a\"}"];
    expect(idsOfLines(bad)).deep.equal(bad.map(() => undefined));
  });

  it("does not understand bytes that are not UTF-8", () => {
    const module = compileModule(fileURLToPath(new URL("testing/tokenize.wasm", import.meta.url)));
    const broken = [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80]];
    const line = (bytes: number[]) => Buffer.concat([Buffer.from('{"text":"'), Buffer.from(bytes), Buffer.from('"}\n')]);
    const { stdout } = runModule(module, model, Buffer.concat(broken.map(line)));
    expect(stdout.toString("utf8")).equal('{"error":{"code":"bad_input"}}\n'.repeat(broken.length));
  });
});
