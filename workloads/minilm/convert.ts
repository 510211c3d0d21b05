/** Packs the published weights and vocabulary into minilm.bin; the layout is model_file.h. */
import { readTensors, type Tensor } from "./safetensors.ts";

const [WIDTH, LAYERS, MAX_TOKENS, PANEL] = [384, 6, 256, 8];
const [VOCAB_SIZE, VOCAB_SLOTS, VOCAB_BYTES] = [30522, 1 << 16, 200986];
const [MAGIC, MAGIC_BYTES, ALIGNMENT] = ["infernet minilm 1\n", 64, 64];

/** FNV-1a, 32 bits. */
function fnv1a(bytes: Uint8Array): number {
  let hash = 2166136261;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 16777619);
  return hash >>> 0;
}

/** The vocabulary section: magic, hash slots, offsets, bytes. */
function packVocab(vocabulary: string): Buffer {
  const tokens = vocabulary.split(/\r?\n/).slice(0, VOCAB_SIZE).map((token) => Buffer.from(token, "utf8"));
  const bytes = Buffer.concat(tokens);
  if (tokens.length !== VOCAB_SIZE || bytes.length !== VOCAB_BYTES) throw new Error("vocab.txt is not the vocabulary of all-MiniLM-L6-v2");
  const slots = new Uint16Array(VOCAB_SLOTS).fill(0xffff);
  const offsets = new Uint32Array(VOCAB_SIZE + 1);
  tokens.forEach((token, id) => {
    offsets[id + 1] = offsets[id]! + token.length;
    let slot = fnv1a(token) >>> 16;
    while (slots[slot] !== 0xffff) slot = (slot + 1) % VOCAB_SLOTS;
    slots[slot] = id;
  });
  const magic = Buffer.alloc(MAGIC_BYTES);
  magic.write(MAGIC, "latin1");
  const section = Buffer.concat([magic, Buffer.from(slots.buffer), Buffer.from(offsets.buffer), bytes]);
  return Buffer.concat([section, Buffer.alloc(-section.length & (ALIGNMENT - 1))]);
}

/** Reorders a matrix [outputs][inputs]: for each block of 384 inputs, each panel of 8 outputs, each input: 8 weights. */
function panels({ shape, data }: Tensor): Float32Array {
  const [outputs, inputs] = shape as [number, number];
  const packed = new Float32Array(outputs * inputs);
  for (let n = 0; n < outputs; n++)
    for (let k = 0; k < inputs; k++) {
      const [block, inside] = [Math.floor(k / WIDTH), k % WIDTH];
      packed[block * outputs * WIDTH + (n - (n % PANEL)) * WIDTH + inside * PANEL + (n % PANEL)] = data[n * inputs + k]!;
    }
  return packed;
}

/**
 * Builds the bytes of minilm.bin.
 *
 * @param safetensors the published model.safetensors of all-MiniLM-L6-v2 (fp32)
 * @param vocabulary the published vocab.txt
 * @throws Error when a tensor is missing or has another shape or type
 */
export function convertMiniLm(safetensors: Uint8Array, vocabulary: string): Buffer {
  const tensors = readTensors(safetensors);
  const get = (name: string, ...shape: number[]): Tensor => {
    const tensor = tensors(name);
    if (tensor.shape.join() !== shape.join()) throw new Error(`${name} has shape [${tensor.shape.join()}], not [${shape.join()}]`);
    return tensor;
  };
  const parts: Float32Array[] = [];
  const vector = (name: string, size: number) => parts.push(get(name, size).data);
  const norm = (name: string) => {
    vector(`${name}.weight`, WIDTH);
    vector(`${name}.bias`, WIDTH);
  };
  const dense = (outputs: number, inputs: number, ...names: string[]) => {
    for (const name of names) parts.push(panels(get(`${name}.weight`, outputs, inputs)));
    for (const name of names) vector(`${name}.bias`, outputs);
  };

  const type = get("embeddings.token_type_embeddings.weight", 2, WIDTH).data;
  const position = get("embeddings.position_embeddings.weight", 512, WIDTH).data.subarray(0, MAX_TOKENS * WIDTH);
  parts.push(position.map((value, i) => value + type[i % WIDTH]!));
  norm("embeddings.LayerNorm");
  for (let layer = 0; layer < LAYERS; layer++) {
    const at = `encoder.layer.${layer}`;
    const self = `${at}.attention.self`;
    dense(WIDTH, WIDTH, `${self}.query`, `${self}.key`, `${self}.value`);
    dense(WIDTH, WIDTH, `${at}.attention.output.dense`);
    norm(`${at}.attention.output.LayerNorm`);
    dense(4 * WIDTH, WIDTH, `${at}.intermediate.dense`);
    dense(WIDTH, 4 * WIDTH, `${at}.output.dense`);
    norm(`${at}.output.LayerNorm`);
  }
  parts.push(get("embeddings.word_embeddings.weight", VOCAB_SIZE, WIDTH).data);
  const view = (part: Float32Array) => Buffer.from(part.buffer, part.byteOffset, part.byteLength);
  return Buffer.concat([packVocab(vocabulary), ...parts.map(view)]);
}
