/**
 * Trains the digits model with plain stochastic gradient descent: fixed seed, fixed order, and only
 * +, −, ×, ÷ and an exponential of our own, so every run on every machine gives the committed digits.bin.
 * `node workloads/digits/train.ts` writes digits.bin and the samples.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { digitLine, readDigits, TRAINING_ITEMS, type Digit } from "./data.ts";

const [PIXELS, HIDDEN, DIGITS] = [64, 32, 10];
const EPOCHS = 30;
const SEED = 20240607;

/** Uniform numbers in [0, 1) from a 32-bit xorshift. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** e^x for x ≤ 0 by (e^(x/1024))^1024 with a short Taylor series: the same bits everywhere, unlike Math.exp. */
function exp(x: number): number {
  const t = x / 1024;
  let power = 1 + t * (1 + (t / 2) * (1 + (t / 3) * (1 + t / 4)));
  for (let i = 0; i < 10; i++) power *= power;
  return power;
}

interface Net {
  readonly hiddenWeight: Float64Array;
  readonly hiddenBias: Float64Array;
  readonly outputWeight: Float64Array;
  readonly outputBias: Float64Array;
}

function initial(random: () => number): Net {
  const uniform = (n: number, scale: number) => Float64Array.from({ length: n }, () => (2 * random() - 1) * scale);
  return {
    hiddenWeight: uniform(PIXELS * HIDDEN, 0.2),
    hiddenBias: new Float64Array(HIDDEN),
    outputWeight: uniform(HIDDEN * DIGITS, 0.3),
    outputBias: new Float64Array(DIGITS),
  };
}

/** One step of cross-entropy descent on one image. */
function step(net: Net, { pixels, label }: Digit, rate: number): void {
  const input = pixels.map((p) => p / 16);
  const hidden = new Float64Array(HIDDEN);
  for (let h = 0; h < HIDDEN; h++) {
    let sum = net.hiddenBias[h]!;
    for (let i = 0; i < PIXELS; i++) sum += input[i]! * net.hiddenWeight[i * HIDDEN + h]!;
    hidden[h] = sum > 0 ? sum : 0;
  }
  const scores = Array.from({ length: DIGITS }, (_, d) => {
    let sum = net.outputBias[d]!;
    for (let h = 0; h < HIDDEN; h++) sum += hidden[h]! * net.outputWeight[h * DIGITS + d]!;
    return sum;
  });
  const highest = scores.reduce((a, b) => (a > b ? a : b));
  const powers = scores.map((s) => exp(s - highest));
  const total = powers.reduce((a, b) => a + b);
  const slope = powers.map((p, d) => rate * (p / total - (d === label ? 1 : 0)));
  for (let h = 0; h < HIDDEN; h++) {
    let back = 0;
    for (let d = 0; d < DIGITS; d++) {
      back += slope[d]! * net.outputWeight[h * DIGITS + d]!;
      net.outputWeight[h * DIGITS + d]! -= slope[d]! * hidden[h]!;
    }
    if (hidden[h] === 0) continue;
    for (let i = 0; i < PIXELS; i++) net.hiddenWeight[i * HIDDEN + h]! -= back * input[i]!;
    net.hiddenBias[h]! -= back;
  }
  for (let d = 0; d < DIGITS; d++) net.outputBias[d]! -= slope[d]!;
}

/** Trains the model and returns the bytes of digits.bin (fp32 little endian, matrices [in][out]). */
export function trainDigits(): Buffer {
  const random = generator(SEED);
  const net = initial(random);
  const items = readDigits().slice(0, TRAINING_ITEMS);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (let i = items.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
    for (const item of items) step(net, item, 0.05 * (1 - epoch / EPOCHS));
  }
  const parts = [net.hiddenWeight, net.hiddenBias, net.outputWeight, net.outputBias];
  return Buffer.concat(parts.map((part) => Buffer.from(Float32Array.from(part).buffer)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const write = (name: string, data: string | Buffer) => writeFileSync(new URL(name, import.meta.url), data);
  const samples = readDigits().slice(TRAINING_ITEMS);
  write("digits.bin", trainDigits());
  write("samples.jsonl", samples.map(({ pixels }) => digitLine(pixels)).join(""));
  write("samples.labels.json", `${JSON.stringify(samples.map(({ label }) => label))}\n`);
}
