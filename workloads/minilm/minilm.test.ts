import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { workloads } from "../index.ts";
import { compileModule, readModelFile, runModule } from "../testing/run-module.ts";
import { ensureMiniLm } from "./model.ts";

interface Golden {
  readonly text: string;
  readonly tokens: number;
  /** base64 of 384 fp32 numbers, little endian */
  readonly embedding: string;
}

/** The sha256 of all golden results: a change of it is a change of the workload, for every node at once. */
const COMMITTED = "d9ddbaa19f03f39ad9e8e9d7ec383c6f70abdb621a0eda718ffdd39b18d4d2f6";
const TOLERANCE = 1e-5;
const BAD = '{"error":{"code":"bad_input"}}';
const goldens = readFileSync(new URL("golden/embeddings.jsonl", import.meta.url), "utf8")
  .trimEnd().split("\n").map((line) => JSON.parse(line) as Golden);
const texts = goldens.map(({ text }) => text);

const digest = (text: string) => createHash("sha256").update(text).digest("hex");
const toLine = (text: string) => `${JSON.stringify({ text })}\n`;
function floats(base64: string): Float32Array {
  const bytes = Buffer.from(base64, "base64");
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

describe("minilm workload", function () {
  this.timeout(300_000);
  let modelPath: string;
  let model: ReadonlyMap<string, ArrayBuffer>;

  before(async () => {
    modelPath = (await ensureMiniLm({ onProgress: (message) => console.log(`    ${message}`) })).path;
    model = new Map([["minilm.bin", readModelFile(modelPath)]]);
  });

  /** Result lines of input lines, from a fresh instance. */
  function run(input: string): string[] {
    const { code, stdout, stderr } = runModule(compileModule(workloads.minilm.wasmPath), model, input);
    expect({ code, stderr }).deep.equal({ code: 0, stderr: "" });
    expect(stdout.length === 0 || stdout.at(-1) === 10, "the last line is ended").equal(true);
    return stdout.toString("utf8").split("\n").slice(0, -1);
  }
  const embed = (items: readonly string[]) => run(items.map(toLine).join(""));

  it("agrees with PyTorch and transformers within 1e-5 on every golden text", () => {
    const lines = embed(texts);
    expect(lines).lengthOf(goldens.length);
    goldens.forEach((golden, i) => {
      const { embedding, tokens } = JSON.parse(lines[i]!) as Golden;
      const [ours, theirs] = [floats(embedding), floats(golden.embedding)];
      expect(tokens, JSON.stringify(golden.text)).equal(golden.tokens);
      expect(ours).lengthOf(384);
      ours.forEach((x, k) => expect(Math.abs(x - theirs[k]!), JSON.stringify(golden.text)).most(TOLERANCE));
    });
  });

  it("prints exactly the published form, within the line limit", () => {
    for (const line of embed(["hello", ""])) {
      expect(line).match(/^\{"embedding":"[A-Za-z0-9+/]{2048}","tokens":\d+\}$/);
      expect(line.length).most(workloads.minilm.limits.lineBytes);
    }
  });

  it("gives the committed bits", () => {
    expect(digest(embed(texts).join("\n"))).equal(COMMITTED);
  });

  it("gives the committed bits under every compiler of the engine", () => {
    const script = fileURLToPath(new URL("../testing/run-cli.ts", import.meta.url));
    const input = texts.map(toLine).join("");
    for (const flags of [["--liftoff", "--no-wasm-tier-up"], ["--no-liftoff"], ["--experimental-wasm-revectorize", "--no-liftoff"]]) {
      const stdout = execFileSync(process.execPath, [...flags, script, workloads.minilm.wasmPath, modelPath], { input, maxBuffer: 1 << 24 });
      expect(digest(stdout.toString("utf8").trimEnd()), flags.join(" ")).equal(COMMITTED);
    }
  });

  it("gives each text the same bits in two instances, in any order and beside any neighbours", () => {
    const together = embed(texts);
    expect(digest(embed(texts).join("\n"))).equal(digest(together.join("\n")));
    expect(embed([...texts].reverse()).reverse()).deep.equal(together);
    const few = [0, 3, 5, 10, 17];
    expect(few.map((i) => embed([texts[i]!])[0])).deep.equal(few.map((i) => together[i]));
    // Every length of the remaining tile, and a batch that is exactly full.
    for (const words of [1, 2, 3, 4, 5, 6, 7, 8, 126, 254])
      expect(embed(["word ".repeat(words), "hello world"])[1], `${words} words before`).equal(together[texts.indexOf("hello world")]);
  });

  it("answers every line in order, bad ones among good ones, through many batches", () => {
    const items = Array.from({ length: 700 }, (_, i) => (i % 3 === 1 ? "not json" : JSON.stringify({ text: `${i % 7}` })));
    const lines = run(items.map((item) => `${item}\n`).join(""));
    const alone = Array.from({ length: 7 }, (_, i) => embed([`${i}`])[0]);
    expect(lines).deep.equal(items.map((_, i) => (i % 3 === 1 ? BAD : alone[i % 7])));
    expect(run(`${"{}\n".repeat(600)}`)).deep.equal(Array<string>(600).fill(BAD));
  });

  it("keeps more distinct words than its row cache holds apart", () => {
    // 5,000 words pass the cache of 4,096 rows; the first texts must come back unchanged afterwards.
    const words = vocabularyOf(model.get("minilm.bin")!).filter((token) => /^[a-z]+$/.test(token)).slice(0, 5_000);
    expect(words).lengthOf(5_000);
    const chunks = Array.from({ length: 20 }, (_, i) => words.slice(250 * i, 250 * i + 250).join(" "));
    const lines = embed(["hello world", ...chunks, "hello world", chunks[0]!]);
    expect(lines.at(-2)).equal(lines[0]);
    expect(lines.at(-1)).equal(lines[1]);
  });

  it("survives lines at and beyond the limit, and a last line without its end", () => {
    const padded = (size: number) => `{"text":"hello world","pad":"${"x".repeat(size - 31)}"}`;
    const hello = embed(["hello world"])[0];
    expect(padded(1 << 20)).lengthOf(1 << 20);
    expect(run(`${padded(1 << 20)}\n${padded((1 << 20) + 1)}\n${toLine("hello world").trimEnd()}`)).deep.equal([hello, BAD, hello]);
    expect(run("")).deep.equal([]);
  });

  it("fits into the memory that its manifest asks for", () => {
    const { maximum, initial } = memoryOf(readFileSync(workloads.minilm.wasmPath));
    expect(maximum ?? initial).most(workloads.minilm.limits.memoryPages);
  });

  it("refuses a model file of another layout", () => {
    for (const [bytes, reason] of [[new ArrayBuffer(100), "shorter"], [new ArrayBuffer(1 << 20), "not a minilm.bin"]] as const) {
      const { code, stderr } = runModule(compileModule(workloads.minilm.wasmPath), new Map([["minilm.bin", bytes]]), "{}\n");
      expect(code).equal(70);
      expect(stderr).contain(reason);
    }
  });
});

/** The tokens that stand in the vocabulary section of the model file (model_file.h). */
function vocabularyOf(model: ArrayBuffer): string[] {
  const [count, offsetsAt] = [30522, 64 + 2 * 65536];
  const offsets = new Uint32Array(model, offsetsAt, count + 1);
  const bytes = Buffer.from(model, offsetsAt + 4 * (count + 1), offsets[count]);
  return Array.from({ length: count }, (_, i) => bytes.toString("utf8", offsets[i], offsets[i + 1]));
}

/** Initial and maximal pages from the memory section (id 5) of a module. */
function memoryOf(wasm: Uint8Array): { initial: number; maximum: number | undefined } {
  let at = 8;
  const leb = () => {
    let [value, shift] = [0, 0];
    for (;;) {
      const byte = wasm[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
      shift += 7;
    }
  };
  while (at < wasm.length) {
    const [id, size] = [wasm[at++], leb()];
    if (id === 5) {
      leb(); // one memory
      const flags = leb();
      const initial = leb();
      return { initial, maximum: flags & 1 ? leb() : undefined };
    }
    at += size;
  }
  throw new Error("no memory section");
}
