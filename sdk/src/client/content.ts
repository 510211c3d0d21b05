import { InfernetError, inputIndexDocument, joinLines, manifestDocument, programSchema, splitShards, type Digest, type InputIndex, type Manifest, type Program } from "../core/index.ts";
import type { ContentStore, FetchOptions } from "../storage/index.ts";
import type { JobRequest } from "./request.ts";

/** What a job's manifest names, put where peers can fetch it. */
export interface JobContent {
  readonly manifest: Digest;
  readonly index: Digest;
  readonly shards: readonly Digest[];
  readonly items: number;
  readonly itemsPerShard: number;
}

/**
 * Splits items into shards, writes the input index and the manifest, and puts all of it into the store, pinned:
 * the same items always give the same content, so a repeated call changes nothing.
 * @param items - item lines without newline
 */
export async function publishContent(store: ContentStore, items: readonly Uint8Array[], itemsPerShard: number, workload: JobRequest["workload"]): Promise<JobContent> {
  const program = await keepProgram(store, workload);
  const shards: Digest[] = [];
  for (const file of splitShards(items, itemsPerShard)) shards.push(await keepFile(store, file));
  return publishManifest(store, { items: items.length, itemsPerShard, shards, program });
}

/** Puts the module of a workload, if it has one, into the store. @returns what a manifest says of it */
export async function keepProgram(store: ContentStore, workload: JobRequest["workload"]): Promise<Program> {
  if (workload.kind === "openai") return programOf(workload);
  const { kind = "wasm", module, model, limits } = workload;
  return programOf({ kind, module: await keepFile(store, module), model, limits });
}

/** The parts of a manifest whose files are in the store already. */
export interface ManifestParts {
  readonly program: Program;
  readonly items: number;
  readonly itemsPerShard: number;
  readonly shards: readonly Digest[];
}

/** Writes the input index and the manifest over files that are in the store. */
export async function publishManifest(store: ContentStore, parts: ManifestParts): Promise<JobContent> {
  const { items, itemsPerShard, shards, program } = parts;
  const index = await keepDocument(store, inputIndexDocument.encode({ version: 1, items, itemsPerShard, shards: [...shards] }));
  const manifest = await keepDocument(store, manifestDocument.encode({ version: 1, ...program, inputs: index, determinism: { class: "exact" } }));
  return { manifest, index, shards, items, itemsPerShard };
}

/** The part of a manifest, or of a workload, that says what to run. @throws {InfernetError} `invalid_manifest` */
export function programOf(given: { readonly kind: string; readonly model: unknown; readonly limits: unknown; readonly module?: unknown; readonly endpoint?: unknown; readonly sampling?: unknown }): Program {
  const { kind, module, model, endpoint, sampling, limits } = given;
  const parsed = programSchema.safeParse(kind === "openai" ? { kind, model, endpoint, sampling, limits } : { kind, module, model, limits });
  if (!parsed.success) throw new InfernetError("invalid_manifest", `the workload: ${parsed.error.issues[0]!.path.join(".")}: ${parsed.error.issues[0]!.message}`);
  return parsed.data;
}

/** What a manifest says, and the input index that it names; from here, or from whom the options name. */
export async function readContent(store: ContentStore, digest: Digest, from: FetchOptions): Promise<{ manifest: Manifest; inputs: InputIndex }> {
  const manifest = manifestDocument.decode(await store.getDocument(digest, { ...from, maxBytes: manifestDocument.maxBytes }));
  const inputs = inputIndexDocument.decode(await store.getDocument(manifest.inputs, { ...from, maxBytes: inputIndexDocument.maxBytes }));
  return { manifest, inputs };
}

/** Stores and pins a file. */
export async function keepFile(store: ContentStore, bytes: Uint8Array): Promise<Digest> {
  const digest = await store.putFile(bytes);
  await store.pin(digest, "file");
  return digest;
}

/** Lines of a shard file again, as one file. */
export function shardFile(items: readonly Uint8Array[]): Uint8Array {
  return joinLines(items);
}

async function keepDocument(store: ContentStore, bytes: Uint8Array): Promise<Digest> {
  const digest = await store.putDocument(bytes);
  await store.pin(digest, "document");
  return digest;
}
