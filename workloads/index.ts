/** The workloads that ship with Infernet: all that a job's manifest says about them. */
import { fileURLToPath } from "node:url";
import { MINILM_BIN } from "./minilm/pinned.ts";

/** A model file as an operator installs it: mounted read-only at /model/<path>. */
export interface ModelFile {
  readonly path: string;
  /** sha256 of the file's bytes, 64 hex digits. */
  readonly sha256: string;
  readonly bytes: number;
}

/** A module, its model and the limits it needs. */
export interface Workload {
  readonly name: string;
  /** Absolute path of the WebAssembly module (a WASI preview-1 command). */
  readonly wasmPath: string;
  readonly model: { readonly name: string; readonly files: readonly ModelFile[] };
  readonly limits: {
    /** WebAssembly pages of 64 KiB. */
    readonly memoryPages: number;
    /** Wall time for one shard. */
    readonly seconds: number;
    /** Longest result line without its "\n". */
    readonly lineBytes: number;
  };
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** 8×8 handwritten digits; its model file is committed at {@link digitsModelPath}. */
const digits: Workload = {
  name: "digits",
  wasmPath: path("digits/digits.wasm"),
  model: {
    name: "digits-mlp-64-32-10",
    files: [
      {
        path: "digits.bin",
        sha256: "0602b10c628c2fc00a48393e4a40b702530e034d07034e0effa0f290ad07639f",
        bytes: 9640,
      },
    ],
  },
  limits: { memoryPages: 64, seconds: 30, lineBytes: 256 },
};

/** all-MiniLM-L6-v2 sentence embeddings; `ensureMiniLm` (minilm/model.ts) installs its model file. */
const minilm: Workload = {
  name: "minilm",
  wasmPath: path("minilm/minilm.wasm"),
  model: { name: "all-MiniLM-L6-v2", files: [MINILM_BIN] },
  limits: { memoryPages: 1024, seconds: 300, lineBytes: 4096 },
};

/** Every workload by name. */
export const workloads = { digits, minilm } as const;

/** The committed model file of the digits workload. */
export const digitsModelPath = path("digits/digits.bin");

/** Names of the modules that misbehave on purpose, for tests of executors. */
export const hostileNames = [
  "exit", "few", "flood", "foreign", "garbage", "honest", "longline", "loop", "many", "memory", "peek", "recursion",
  "stderr", "trap", "unended",
] as const;

/** Absolute path of a hostile module. */
export function hostilePath(name: (typeof hostileNames)[number]): string {
  return path(`hostile/${name}.wasm`);
}
