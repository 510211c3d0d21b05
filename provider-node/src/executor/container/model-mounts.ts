import { stat } from "node:fs/promises";
import { InfernetError } from "@infernet/sdk/core";
import type { ModelFile } from "../executor.ts";
import type { ContainerSpec } from "./run-arguments.ts";

const OTHERS_READ = 0o004;

/**
 * How model files get into a container: one by one, read-only, below /model.
 * @throws {InfernetError} `model_missing` where the program could not read one: that must never look like its own failure
 */
export async function modelMounts(model: readonly ModelFile[]): Promise<ContainerSpec["files"]> {
  return Promise.all(
    model.map(async ({ path, file }) => {
      const found = await stat(file).catch((cause: unknown) => Promise.reject(missing(path, file, "cannot be read", cause)));
      if (!found.isFile()) throw missing(path, file, "is no regular file");
      if ((found.mode & OTHERS_READ) === 0) throw missing(path, file, "is not readable for everybody, as containers need it (chmod a+r)");
      if (/[:\0]/.test(file)) throw missing(path, file, "cannot be mounted: its path holds a colon");
      return { source: file, target: `/model/${path}` };
    }),
  );
}

function missing(path: string, file: string, why: string, cause?: unknown): InfernetError {
  return new InfernetError("model_missing", `model file ${path} at ${file} ${why}`, { cause, hint: "Install the model file where the node's configuration says it is, readable for everybody." });
}
