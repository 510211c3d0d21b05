import { createHash } from "node:crypto";
import { pack, type Header } from "tar-stream";
import { hostArchitecture } from "../container/image-archive.ts";

/** A file of a tar: its header (or name), and its content. */
export type TarEntry = readonly [header: string | (Partial<Header> & Pick<Header, "name">), content?: string | Uint8Array];

/** What an image says of itself. */
export interface ImageSettings {
  readonly architecture?: string;
  readonly config?: object;
  /** Instead of those of the layers. */
  readonly diffIds?: readonly string[];
  /** Changes a layer on its way into the archive. */
  readonly compress?: (tar: Uint8Array) => Uint8Array;
}

/** A tar of some files. */
export async function tarOf(entries: readonly TarEntry[]): Promise<Uint8Array> {
  const tar = pack();
  for (const [header, content] of entries) tar.entry(typeof header === "string" ? { name: header, mode: 0o755 } : header, content ?? "");
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A sha256 as images write it. */
export const sha = (bytes: Uint8Array | string): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/** An image archive as `docker save` writes it. */
export async function dockerArchive(layers: readonly Uint8Array[], settings: ImageSettings = {}): Promise<Uint8Array> {
  const { stored, config } = parts(layers, settings);
  return tarOf([
    ...stored.map((layer, i) => [`layer${i}.tar`, layer] as const),
    ["config.json", config],
    ["manifest.json", JSON.stringify([{ Config: "config.json", RepoTags: ["docker.io/library/alpine:latest"], Layers: stored.map((_, i) => `layer${i}.tar`) }])],
  ]);
}

/** An image archive as OCI lays it out. @param nested - with an index around the one image, as buildx writes it */
export async function ociArchive(layers: readonly Uint8Array[], settings: ImageSettings = {}, nested = false): Promise<Uint8Array> {
  const { stored, config } = parts(layers, settings);
  const describe = (mediaType: string, bytes: Uint8Array | string) => ({ mediaType, digest: sha(bytes), size: bytes.length });
  const manifest = JSON.stringify({ schemaVersion: 2, config: describe("application/vnd.oci.image.config.v1+json", config), layers: stored.map((layer) => describe("application/vnd.oci.image.layer.v1.tar", layer)) });
  const index = (mediaType: string, of: string) => JSON.stringify({ schemaVersion: 2, manifests: [describe(mediaType, of)] });
  const inner = index("application/vnd.oci.image.manifest.v1+json", manifest);
  const blobs = [...stored, config, manifest, ...(nested ? [inner] : [])];
  return tarOf([
    ["oci-layout", '{"imageLayoutVersion":"1.0.0"}'],
    ["index.json", nested ? index("application/vnd.oci.image.index.v1+json", inner) : inner],
    ...blobs.map((blob) => [`blobs/${sha(blob).replace(":", "/")}`, blob] as const),
  ]);
}

/** An image of one program. */
export async function programImage(program: Uint8Array, settings: ImageSettings = {}): Promise<Uint8Array> {
  return dockerArchive([await tarOf([["program", program]])], { config: { Entrypoint: ["/program"] }, ...settings });
}

function parts(layers: readonly Uint8Array[], { architecture = hostArchitecture(), config = { Cmd: ["/program"] }, diffIds, compress = (tar) => tar }: ImageSettings) {
  const text = JSON.stringify({ architecture, os: "linux", config, rootfs: { type: "layers", diff_ids: diffIds ?? layers.map(sha) } });
  return { stored: layers.map(compress), config: text };
}
