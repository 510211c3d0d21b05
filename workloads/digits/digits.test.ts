import { expect } from "chai";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { digitsModelPath, workloads } from "../index.ts";
import { compileModule, readModelFile, runModule } from "../testing/run-module.ts";
import { digitLine, readDigits, TRAINING_ITEMS } from "./data.ts";
import { trainDigits } from "./train.ts";

const BAD = '{"error":{"code":"bad_input"}}';
const samples = readFileSync(new URL("samples.jsonl", import.meta.url), "utf8");
const labels = JSON.parse(readFileSync(new URL("samples.labels.json", import.meta.url), "utf8")) as number[];

function classify(input: string | Uint8Array): string[] {
  const { code, stdout, stderr } = runModule(
    compileModule(workloads.digits.wasmPath),
    new Map([["digits.bin", readModelFile(digitsModelPath)]]),
    input,
  );
  expect(stderr).equal("");
  expect(code).equal(0);
  return stdout.toString("utf8").split("\n").slice(0, -1);
}

/** The same network in JavaScript with every step rounded to fp32. */
function reference(pixels: readonly number[]): Float32Array {
  const model = new Float32Array(readModelFile(digitsModelPath));
  const layer = (input: Float32Array, weight: number, outputs: number) =>
    Float32Array.from({ length: outputs }, (_, o) => {
      let sum = model[weight + input.length * outputs + o]!;
      for (let i = 0; i < input.length; i++) sum = Math.fround(sum + Math.fround(input[i]! * model[weight + i * outputs + o]!));
      return sum;
    });
  const hidden = layer(Float32Array.from(pixels, (p) => p / 16), 0, 32).map((x) => Math.max(x, 0));
  return layer(hidden, 64 * 32 + 32, 10);
}

describe("digits workload", () => {
  it("has the model file that the registry names", () => {
    const bytes = readFileSync(digitsModelPath);
    expect(bytes.length).equal(workloads.digits.model.files[0]!.bytes);
    expect(createHash("sha256").update(bytes).digest("hex")).equal(workloads.digits.model.files[0]!.sha256);
  });

  it("is trained reproducibly from the committed data", () => {
    expect(createHash("sha256").update(trainDigits()).digest("hex")).equal(workloads.digits.model.files[0]!.sha256);
    expect(samples).equal(readDigits().slice(TRAINING_ITEMS).map(({ pixels }) => digitLine(pixels)).join(""));
  });

  it("recognises most digits of writers it has not seen", () => {
    const answers = classify(samples).map((line) => JSON.parse(line) as { digit: number });
    expect(answers).lengthOf(labels.length);
    expect(answers.filter(({ digit }, i) => digit === labels[i]).length / labels.length).above(0.9);
  });

  it("gives exactly the bits of the same network computed in JavaScript", () => {
    const items = readDigits().slice(TRAINING_ITEMS);
    const expected = items.map(({ pixels }) => {
      const scores = reference(pixels);
      return JSON.stringify({ digit: scores.indexOf(Math.max(...scores)), scores: Buffer.from(scores.buffer).toString("base64") });
    });
    expect(classify(samples)).deep.equal(expected);
  });

  it("answers each line that it cannot understand with bad_input", () => {
    const zeros = Array<number>(64).fill(0);
    const bad = [
      "", " ", "{}", "[]", "null", '"pixels"', "{", '{"pixels":[]}', '{"pixels":null}', '{"pixels":"0"}',
      JSON.stringify({ pixels: zeros.slice(1) }), JSON.stringify({ pixels: [...zeros, 0] }),
      JSON.stringify({ pixels: [17, ...zeros.slice(1)] }), JSON.stringify({ pixels: [-1, ...zeros.slice(1)] }),
      JSON.stringify({ pixels: [0.5, ...zeros.slice(1)] }), JSON.stringify({ pixels: [[0], ...zeros.slice(1)] }),
      JSON.stringify({ pixels: ["0", ...zeros.slice(1)] }), JSON.stringify({ pixels: [100, ...zeros.slice(1)] }),
      `${JSON.stringify({ pixels: zeros })}x`, `{"pixels":[${"0,".repeat(64)}]}`, `{"pixels":[00,${zeros.slice(1).join()}]}`,
    ];
    expect(classify(bad.map((line) => `${line}\n`).join(""))).deep.equal(bad.map(() => BAD));
  });

  it("takes spaces, CRLF, other members, escaped names and the last of two members", () => {
    const zeros = Array<number>(64).fill(0);
    const plain = classify(digitLine(zeros));
    const pixels = JSON.stringify(zeros);
    const same = [
      ` { "pixels" : [ ${zeros.join(" , ")} ] } `, `{"pixels":${pixels}}\r`, `{"id":{"a":[1,2.5e-3,true]},"pixels":${pixels}}`,
      `{"p\\u0069xels":${pixels}}`, `{"pixels":1,"pixels":${pixels}}`,
    ];
    expect(classify(`${same.join("\n")}\n`)).deep.equal(same.map(() => plain[0]));
  });

  it("counts a last line without its end, and an overlong line as one item", () => {
    const line = digitLine(Array<number>(64).fill(1));
    const overlong = `{"pad":"${"x".repeat(3 << 20)}"}\n`;
    const answers = classify(`${line}${overlong}${line.trimEnd()}`);
    expect(answers).lengthOf(3);
    expect(answers[1]).equal(BAD);
    expect(answers[2]).equal(answers[0]);
    expect(classify("")).deep.equal([]);
  });

  it("fails with a reason on stderr when the host did not mount the model", () => {
    const { code, stderr, stdout } = runModule(compileModule(workloads.digits.wasmPath), new Map(), samples);
    expect(code).equal(70);
    expect(stderr).contain("not in /model");
    expect(stdout.length).equal(0);
  });
});
