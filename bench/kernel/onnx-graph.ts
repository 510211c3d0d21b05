/**
 * Assembles all-MiniLM-L6-v2 as an ONNX model straight from the published weights, in the fused operators that
 * ONNX Runtime itself would turn an exported BERT into (Attention, SkipLayerNormalization, BiasGelu): the peer
 * is to run as fast as ONNX Runtime can. Field numbers are those of onnx.proto3.
 */
import { readTensors, type Tensor } from "../../workloads/minilm/safetensors.ts";
import { bytes, float, int, message, type Field } from "./protobuf.ts";

const [WIDTH, LAYERS, HEADS, EPSILON] = [384, 6, 12, 1e-12];
const CONTRIB = "com.microsoft";
const [FLOAT, INT64] = [1, 7];
const ATTRIBUTE_TYPE = { float: 1, int: 2, ints: 7 };

function tensor(name: string, shape: readonly number[], data: Float32Array): Field {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return message(...shape.map((size) => int(1, size)), int(2, FLOAT), bytes(8, name), bytes(9, raw));
}

/** A graph input or output; names stand for sizes that vary. */
function valueInfo(name: string, type: number, shape: readonly (number | string)[]): Field {
  const dims = shape.map((size) => bytes(1, typeof size === "number" ? int(1, size) : bytes(2, size)));
  return message(bytes(1, name), bytes(2, bytes(1, message(int(1, type), bytes(2, message(...dims))))));
}

const attribute = {
  int: (name: string, value: number) => message(bytes(1, name), int(3, value), int(20, ATTRIBUTE_TYPE.int)),
  ints: (name: string, values: readonly number[]) => message(bytes(1, name), ...values.map((v) => int(8, v)), int(20, ATTRIBUTE_TYPE.ints)),
  float: (name: string, value: number) => message(bytes(1, name), float(2, value), int(20, ATTRIBUTE_TYPE.float)),
};

function transpose({ shape, data }: Tensor): Float32Array {
  const [rows, columns] = shape as [number, number];
  return Float32Array.from({ length: data.length }, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** Puts matrices [384][384] side by side: [384][384·n]. */
function sideBySide(matrices: readonly Float32Array[]): Float32Array {
  const width = matrices.length * WIDTH;
  return Float32Array.from({ length: WIDTH * width }, (_, i) => matrices[Math.floor((i % width) / WIDTH)]![Math.floor(i / width) * WIDTH + (i % WIDTH)]!);
}

/**
 * The bytes of the ONNX model: inputs `ids` and `positions` (int64 [1, tokens]), output `embedding` (float [1, 384],
 * mean-pooled and normalised).
 */
export function buildOnnx(safetensors: Uint8Array): Uint8Array {
  const read = readTensors(safetensors);
  const nodes: Field[] = [];
  const weights: Field[] = [];
  let counter = 0;

  const constant = (shape: readonly number[], data: Float32Array): string => {
    const name = `w${weights.length}`;
    weights.push(tensor(name, shape, data));
    return name;
  };
  const vector = (name: string) => constant(read(name).shape, read(name).data);
  const matrix = (name: string) => constant([...read(name).shape].reverse(), transpose(read(name)));
  const node = (type: string, inputs: readonly string[], attributes: readonly Field[] = [], domain = "", output = `t${counter++}`): string => {
    nodes.push(message(
      ...inputs.map((input) => bytes(1, input)), bytes(2, output), bytes(4, type), ...attributes.map((a) => bytes(5, a)), bytes(7, domain),
    ));
    return output;
  };
  const epsilon = attribute.float("epsilon", EPSILON);
  const skipNorm = (input: string, skip: string, norm: string, bias: string) =>
    node("SkipLayerNormalization", [input, skip, vector(`${norm}.weight`), vector(`${norm}.bias`), vector(bias)], [epsilon], CONTRIB);

  const type = constant([WIDTH], read("embeddings.token_type_embeddings.weight").data.slice(0, WIDTH));
  const word = node("Gather", [vector("embeddings.word_embeddings.weight"), "ids"]);
  const position = node("Gather", [vector("embeddings.position_embeddings.weight"), "positions"]);
  const sum = node("Add", [node("Add", [word, type]), position]);
  let x = node("LayerNormalization", [sum, vector("embeddings.LayerNorm.weight"), vector("embeddings.LayerNorm.bias")], [epsilon]);

  for (let layer = 0; layer < LAYERS; layer++) {
    const at = `encoder.layer.${layer}`;
    const parts = ["query", "key", "value"].map((part) => `${at}.attention.self.${part}`);
    const qkv = constant([WIDTH, 3 * WIDTH], sideBySide(parts.map((part) => transpose(read(`${part}.weight`)))));
    const qkvBias = constant([3 * WIDTH], Float32Array.from(parts.flatMap((part) => [...read(`${part}.bias`).data])));
    const context = node("Attention", [x, qkv, qkvBias], [attribute.int("num_heads", HEADS)], CONTRIB);
    const merged = node("MatMul", [context, matrix(`${at}.attention.output.dense.weight`)]);
    x = skipNorm(merged, x, `${at}.attention.output.LayerNorm`, `${at}.attention.output.dense.bias`);
    const up = node("MatMul", [x, matrix(`${at}.intermediate.dense.weight`)]);
    const inner = node("BiasGelu", [up, vector(`${at}.intermediate.dense.bias`)], [], CONTRIB);
    const down = node("MatMul", [inner, matrix(`${at}.output.dense.weight`)]);
    x = skipNorm(down, x, `${at}.output.LayerNorm`, `${at}.output.dense.bias`);
  }
  const mean = node("ReduceMean", [x], [attribute.ints("axes", [1]), attribute.int("keepdims", 0)]);
  node("LpNormalization", [mean], [attribute.int("axis", 1), attribute.int("p", 2)], "", "embedding");

  const graph = message(
    ...nodes.map((n) => bytes(1, n)), bytes(2, "minilm"), ...weights.map((w) => bytes(5, w)),
    bytes(11, valueInfo("ids", INT64, [1, "tokens"])), bytes(11, valueInfo("positions", INT64, [1, "tokens"])),
    bytes(12, valueInfo("embedding", FLOAT, [1, WIDTH])),
  );
  const opset = (domain: string, version: number) => bytes(8, message(bytes(1, domain), int(2, version)));
  return message(int(1, 8), bytes(2, "infernet"), bytes(7, graph), opset("", 17), opset(CONTRIB, 1));
}
