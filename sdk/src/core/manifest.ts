import { z } from "zod";
import { defineDocument } from "./document.ts";
import { hex32Schema, integer } from "./schemas.ts";

/** Path of a model file below /model: plain names joined by "/", no "." or ".." part. */
const PATH = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/;

const modelFileSchema = z
  .strictObject({
    path: z.string().max(200).regex(PATH, "must be a relative path of plain names").describe("Path below /model in the sandbox"),
    sha256: hex32Schema.describe("sha2-256 of the file's bytes; operators install the file ahead by it"),
    bytes: integer(1, 2 ** 40).describe("Size of the file"),
  })
  .describe("One model file, mounted read-only");

const modelSchema = z
  .strictObject({
    name: z.string().min(1).max(200).describe("Name for people, for instance all-MiniLM-L6-v2"),
    files: z.array(modelFileSchema).min(1).max(64).refine(distinctPaths, "two files have the same path"),
  })
  .describe("The model that the module reads");

const seconds = integer(1, 86400).describe("Most seconds that one shard may take on a provider");
const lineBytes = integer(64, 1 << 20).describe("Most bytes of one result line, without its newline");

const wasmLimitsSchema = z
  .strictObject({
    memoryPages: integer(1, 65536).describe("Most memory of the module, in pages of 64 KiB"),
    seconds,
    lineBytes,
  })
  .describe("What one shard may use; beyond the line limit the result is a failure result");

const containerLimitsSchema = z
  .strictObject({
    memoryPages: integer(256, 2 ** 24).describe("Most memory of all its processes, files in /tmp included, in pages of 64 KiB; there is no swap"),
    seconds,
    lineBytes,
    processes: integer(32, 4096).describe("Most processes and threads at once"),
    scratchBytes: integer(65536, 2 ** 36).describe("Size of /tmp, and of /dev/shm; nothing else can be written to"),
    gpus: integer(0, 16).describe("GPUs that the program gets"),
  })
  .describe("What one shard may use; beyond the line limit the result is a failure result, beyond memory there is no result");

const servedModelSchema = z
  .strictObject({ name: z.string().min(1).max(200).describe("Name under which servers offer it, as GET /v1/models lists it") })
  .describe("The model that answers; its files are the operator's affair");

const samplingSchema = z
  .strictObject({
    temperature: z.literal(0).describe("The likeliest token each time"),
    seed: integer(0, 2 ** 31 - 1).describe("For requests that name none"),
  })
  .describe("How completions are made; of no effect on embeddings");

const openaiLimitsSchema = z
  .strictObject({
    seconds,
    lineBytes,
    maxTokens: integer(1, 1 << 20).describe("Most tokens of one completion, also of requests that name no limit; of no effect on embeddings"),
  })
  .describe("What one shard may use; an item whose result is beyond the line limit gets a failure result");

/** What stands in every manifest, whatever runs the program. */
const common = {
  version: z.literal(1),
  inputs: hex32Schema.describe("Digest of the input index (a document)"),
  determinism: z
    .strictObject({ class: z.literal("exact").describe("Honest replicas give identical bytes") })
    .describe("What makes two results equal"),
};

const wasmManifestSchema = z.strictObject({
  ...common,
  kind: z.literal("wasm").describe("A WASI preview-1 command: items on stdin, results on stdout, one JSON a line"),
  module: hex32Schema.describe("Digest of the module (a file)"),
  model: modelSchema.nullable(),
  limits: wasmLimitsSchema,
});

const containerManifestSchema = z.strictObject({
  ...common,
  kind: z.literal("container").describe("A Linux program in a container without network: items on stdin, results on stdout, one JSON a line"),
  module: hex32Schema.describe("Digest of the image archive (a file): an OCI layout or a docker-archive, as a tar"),
  model: modelSchema.nullable(),
  limits: containerLimitsSchema,
});

const openaiManifestSchema = z.strictObject({
  ...common,
  kind: z.literal("openai").describe("A model behind an OpenAI-compatible server of the operator's: items are requests of the batch API. There is no module"),
  model: servedModelSchema,
  endpoint: z.enum(["/v1/embeddings", "/v1/chat/completions"]).describe("The one path that requests go to"),
  sampling: samplingSchema,
  limits: openaiLimitsSchema,
});

/** Schema of a job's manifest: what to run, on what. Unknown keys are refused. */
export const manifestSchema = z.discriminatedUnion("kind", [wasmManifestSchema, containerManifestSchema, openaiManifestSchema]).describe("Infernet job manifest");

/** The part of a manifest that says what to run: its kind, its module or endpoint, model and limits. */
export const programSchema = z.discriminatedUnion("kind", [
  wasmManifestSchema.pick({ kind: true, module: true, model: true, limits: true }),
  containerManifestSchema.pick({ kind: true, module: true, model: true, limits: true }),
  openaiManifestSchema.pick({ kind: true, model: true, endpoint: true, sampling: true, limits: true }),
]);

/** The part of a manifest of kind `openai` that says which model to ask, and how. */
export const serviceSchema = openaiManifestSchema.pick({ model: true, endpoint: true, sampling: true });

/** What to run, without what to run it on. */
export type Program = z.infer<typeof programSchema>;

/** What to run on what. Its digest stands in the terms of the job. */
export type Manifest = z.infer<typeof manifestSchema>;

/** A manifest whose program is a module of its own. */
export type ModuleManifest = Exclude<Manifest, { kind: "openai" }>;

/** A manifest whose program is a server that operators run. */
export type OpenAiManifest = Extract<Manifest, { kind: "openai" }>;

/** DAG-CBOR codec of the manifest. */
export const manifestDocument = defineDocument(manifestSchema, { name: "manifest", code: "invalid_manifest" });

/**
 * JSON Schema (2020-12) of the manifest, for editors and other languages. What it cannot say, that
 * the paths of a model's files differ, only {@link manifestDocument} checks.
 */
export function manifestJsonSchema(): Record<string, unknown> {
  return { title: "Infernet job manifest", ...z.toJSONSchema(manifestSchema, { io: "input" }) };
}

function distinctPaths(files: readonly { path: string }[]): boolean {
  return new Set(files.map((file) => file.path)).size === files.length;
}
