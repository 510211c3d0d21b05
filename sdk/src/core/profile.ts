import { z } from "zod";
import { defineDocument } from "./document.ts";
import { hex32Schema, integer } from "./schemas.ts";

const name = z.string().min(1).max(200);

const gpuSchema = z.strictObject({
  model: name,
  vramBytes: integer(0, Number.MAX_SAFE_INTEGER),
  cudaCores: integer(0, 2 ** 32 - 1),
  /** Memory bandwidth in bytes a second. */
  bandwidth: integer(0, Number.MAX_SAFE_INTEGER),
});

/** Schema of a node's profile: where it is and what it can do. Unknown keys are refused. */
export const profileSchema = z.strictObject({
  version: z.literal(1),
  role: z.enum(["provider", "aggregator", "both"]),
  peerId: z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{20,80}$/, "must be a base58 peer id"),
  multiaddrs: z.array(z.string().max(256).regex(/^\/[\x21-\x7e]+$/, "must be a multiaddr")).max(8),
  runtimes: z.array(name).max(16),
  /** sha256 of the model files that are installed. */
  models: z.array(hex32Schema).max(16),
  hardware: z.strictObject({
    cpu: name,
    cores: integer(1, 65536),
    memoryBytes: integer(0, Number.MAX_SAFE_INTEGER),
    gpu: gpuSchema.optional(),
  }),
});

/** What a node tells about itself; the bytes travel in its registration event. */
export type Profile = z.infer<typeof profileSchema>;

/** DAG-CBOR codec of the profile; small, since its bytes are paid for on chain. */
export const profileDocument = defineDocument(profileSchema, { name: "profile", code: "invalid_document", maxBytes: 4096 });
