import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, stat } from "node:fs/promises";
import { arch } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, pack } from "tar-stream";
import type { z } from "zod";
import { InfernetError } from "@infernet/sdk/core";
import { invalid, rewriteLayer, unpackBudget, type Layer } from "./image-layer.ts";
import { dockerManifestSchema, imageConfigSchema, MAX_JSON_BYTES, ociIndexSchema, ociManifestSchema, type ImageConfig } from "./image-schema.ts";

/** Node's name of a processor → the one that images use. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
const MAX_FILES = 4096;
/** An index within the index: what buildx writes around a single image. */
const OCI_INDEX = "application/vnd.oci.image.index.v1+json";

/** An image, unpacked and checked. */
export interface Image {
  readonly config: ImageConfig;
  readonly layers: readonly Layer[];
}

/** The name by which images call this host's processor. */
export function hostArchitecture(): string {
  return ARCHITECTURES[arch()] ?? arch();
}

/**
 * Reads an image archive (OCI layout or docker-archive, one image, one platform) and writes it anew as a
 * docker-archive that holds nothing but what was understood: the command, environment and folder, and plain layers.
 * @param folder - an empty folder for it
 * @param reference - name that the image gets
 * @param unpackedBytes - most bytes of its layers
 * @returns the new archive, and how many bytes its layers have
 * @throws {InfernetError} `invalid_manifest`, `content_mismatch`, `runtime_unavailable` (another processor, too large)
 */
export async function normaliseArchive(bytes: Uint8Array, folder: string, reference: string, unpackedBytes: number): Promise<{ file: string; bytes: number }> {
  await mkdir(folder, { recursive: true });
  const image = await readArchive(bytes, folder, unpackedBytes);
  const file = join(folder, "image.tar");
  await writeArchive(image, file, reference);
  return { file, bytes: image.layers.reduce((sum, layer) => sum + layer.bytes, 0) };
}

async function readArchive(bytes: Uint8Array, folder: string, unpackedBytes: number): Promise<Image> {
  const files = await spill(bytes, folder);
  const { config: configFile, layers: layerFiles } = files.has("manifest.json") ? await dockerImage(files) : await ociImage(files);
  const config = await json(configFile, "its configuration", imageConfigSchema);
  if (config.architecture !== hostArchitecture()) throw new InfernetError("runtime_unavailable", `the image is for ${config.architecture}, this host is ${hostArchitecture()}`);
  if (config.rootfs.diff_ids.length !== layerFiles.length) throw invalid(`its configuration names ${config.rootfs.diff_ids.length} layers, it has ${layerFiles.length}`);
  if ([...(config.config?.Entrypoint ?? []), ...(config.config?.Cmd ?? [])].length === 0) throw invalid("it has no command");
  const budget = unpackBudget(unpackedBytes);
  const layers: Layer[] = [];
  for (const [i, source] of layerFiles.entries()) {
    const layer = await rewriteLayer(source, join(folder, `layer-${i}.tar`), budget);
    if (layer.originalDiffId !== config.rootfs.diff_ids[i]) throw new InfernetError("content_mismatch", `image archive: layer ${i} is ${layer.originalDiffId}, its configuration names ${config.rootfs.diff_ids[i]}`);
    layers.push(layer);
  }
  return { config, layers };
}

/** Writes the files of an archive to disk, under names of our own. @returns their names in the archive → where they are */
async function spill(bytes: Uint8Array, folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const input = extract();
  Readable.from([bytes]).pipe(input);
  try {
    for await (const entry of input) {
      const name = entry.header.name.replace(/^(?:\.\/)+/, "");
      if (entry.header.type !== "file") {
        entry.resume();
        continue;
      }
      if (files.size >= MAX_FILES) throw invalid(`it holds more than ${MAX_FILES} files`);
      const file = join(folder, `file-${files.size}`);
      await pipeline(entry, createWriteStream(file));
      files.set(name, file);
    }
  } catch (cause) {
    throw cause instanceof InfernetError ? cause : invalid(`not a tar: ${(cause as Error).message}`);
  }
  return files;
}

interface ImageFiles {
  readonly config: string;
  readonly layers: readonly string[];
}

async function dockerImage(files: ReadonlyMap<string, string>): Promise<ImageFiles> {
  const [image] = await json(find(files, "manifest.json"), "manifest.json", dockerManifestSchema);
  return { config: find(files, image!.Config), layers: image!.Layers.map((name) => find(files, name)) };
}

async function ociImage(files: ReadonlyMap<string, string>): Promise<ImageFiles> {
  const blob = async (digest: string): Promise<string> => {
    const file = find(files, `blobs/sha256/${digest.slice("sha256:".length)}`);
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    if (`sha256:${hash.digest("hex")}` !== digest) throw new InfernetError("content_mismatch", `image archive: a file is not what its name ${digest} says`);
    return file;
  };
  let [image] = (await json(find(files, "index.json"), "index.json", ociIndexSchema)).manifests;
  if (image!.mediaType === OCI_INDEX) [image] = (await json(await blob(image!.digest), "its index", ociIndexSchema)).manifests;
  const manifest = await json(await blob(image!.digest), "its manifest", ociManifestSchema);
  const layers: string[] = [];
  for (const { digest } of manifest.layers) layers.push(await blob(digest));
  return { config: await blob(manifest.config.digest), layers };
}

function find(files: ReadonlyMap<string, string>, name: string): string {
  const file = files.get(name);
  if (file === undefined) throw invalid(`${name.slice(0, 200)} is not in it`);
  return file;
}

async function json<S extends z.ZodType>(file: string, what: string, schema: S): Promise<z.infer<S>> {
  if ((await stat(file)).size > MAX_JSON_BYTES) throw invalid(`${what} is larger than ${MAX_JSON_BYTES} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw invalid(`${what} is not JSON: ${(cause as Error).message}`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalid(`${what}: ${parsed.error.issues[0]!.path.join(".")}: ${parsed.error.issues[0]!.message}`);
  return parsed.data;
}

/** Writes a docker-archive, which both engines load. What else an image may say (user, volumes, ports, health) is left out. */
export async function writeArchive({ config, layers }: Image, file: string, reference: string): Promise<void> {
  const { Entrypoint, Cmd, Env, WorkingDir } = config.config ?? {};
  const configuration = JSON.stringify({
    architecture: config.architecture,
    os: "linux",
    created: new Date(0).toISOString(),
    config: { Entrypoint: Entrypoint ?? null, Cmd: Cmd ?? null, Env: (Env ?? []).filter(isHarmless), WorkingDir: WorkingDir || "/" },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created: new Date(0).toISOString() })),
  });
  const name = createHash("sha256").update(configuration).digest("hex");
  const output = pack();
  const writing = pipeline(Readable.from(output), createWriteStream(file));
  output.entry({ name: `${name}.json` }, configuration);
  for (const [i, layer] of layers.entries()) {
    const sink = output.entry({ name: `layer-${i}.tar`, size: layer.bytes });
    await pipeline(createReadStream(layer.file), sink);
  }
  output.entry({ name: "manifest.json" }, JSON.stringify([{ Config: `${name}.json`, RepoTags: [reference], Layers: layers.map((_, i) => `layer-${i}.tar`) }]));
  output.finalize();
  await writing;
}

/** Whether a variable of an image may be set: the nvidia runtime takes orders from those that begin so. */
function isHarmless(variable: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*=[^\0]*$/s.test(variable) && !variable.startsWith("NVIDIA_");
}
