import { fromUtf8, InfernetError, serviceSchema, sha256, utf8, type OpenAiManifest } from "@infernet/sdk/core";
import type { ExecutionModule } from "../executor.ts";

/** Which model to ask, and how. */
export type Service = Pick<OpenAiManifest, "model" | "endpoint" | "sampling">;

/** What a manifest says of a served model, in the place of a module. */
export function serviceModule({ model, endpoint, sampling }: OpenAiManifest): ExecutionModule {
  const bytes = utf8(JSON.stringify(serviceSchema.parse({ model, endpoint, sampling })));
  return { digest: sha256(bytes), bytes };
}

/**
 * What {@link serviceModule} has written.
 * @throws {InfernetError} `invalid_argument`
 */
export function readService(bytes: Uint8Array): Service {
  try {
    return serviceSchema.parse(JSON.parse(fromUtf8(bytes)));
  } catch (cause) {
    throw new InfernetError("invalid_argument", "the task does not name a served model", { cause });
  }
}
