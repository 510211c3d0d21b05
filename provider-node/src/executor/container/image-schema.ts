import { z } from "zod";

// Files of image archives, as far as they matter here; what else they say is dropped. Strangers write them.
const text = z.string().max(4096);
const words = z.array(z.string().max(32768)).max(256);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const MAX_LAYERS = 128;

/** Most bytes of one of these files. */
export const MAX_JSON_BYTES = 1 << 20;

/** manifest.json of a docker-archive. */
export const dockerManifestSchema = z.array(z.object({ Config: text, Layers: z.array(text).max(MAX_LAYERS) })).length(1, "must hold exactly one image");

const descriptorSchema = z.object({ mediaType: text, digest });

/** index.json of an OCI layout, or an index that it points to. */
export const ociIndexSchema = z.object({ manifests: z.array(descriptorSchema).length(1, "must hold exactly one image") });

/** An image manifest of OCI. */
export const ociManifestSchema = z.object({ config: descriptorSchema, layers: z.array(descriptorSchema).max(MAX_LAYERS) });

/** The configuration of an image: the same in both. */
export const imageConfigSchema = z.object({
  architecture: text,
  os: z.literal("linux"),
  config: z
    .object({
      Entrypoint: words.nullish(),
      Cmd: words.nullish(),
      Env: words.nullish(),
      WorkingDir: text.regex(/^(?:\/.*)?$/s, "must be an absolute path").nullish(),
    })
    .nullish(),
  rootfs: z.object({ diff_ids: z.array(digest).max(MAX_LAYERS) }),
});

/** What an image says about how it is run. */
export type ImageConfig = z.infer<typeof imageConfigSchema>;
