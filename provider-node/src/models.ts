import { createHash } from "node:crypto";
import { createReadStream, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { hex32Schema, InfernetError, type Digest, type ModuleManifest } from "@infernet/sdk/core";
import type { ModelFile } from "./executor/index.ts";

const cacheSchema = z.record(z.string(), z.strictObject({ size: z.number(), mtimeMs: z.number(), sha256: hex32Schema }));
type Verified = z.infer<typeof cacheSchema>;

/**
 * The model files that the operator has installed in a directory, under any names, found by the
 * sha256 of their bytes. A file is hashed once, and again when its size or time of change differs.
 */
export class InstalledModels {
  readonly #directory: string;
  readonly #cacheFile: string;
  #verified: Verified = {};

  private constructor(directory: string, cacheFile: string) {
    this.#directory = directory;
    this.#cacheFile = cacheFile;
  }

  /**
   * Looks through a directory and hashes what is new in it.
   * @param cacheFile - where hashes are kept between starts; a damaged one is as good as none
   * @throws {InfernetError} `config_invalid` when the directory cannot be read
   */
  static async open(directory: string, cacheFile: string): Promise<InstalledModels> {
    const models = new InstalledModels(directory, cacheFile);
    models.#verified = readCache(cacheFile);
    await models.refresh();
    return models;
  }

  /** Looks again: operators install models while the node runs. */
  async refresh(): Promise<void> {
    const now: Verified = {};
    for (const name of listFiles(this.#directory)) {
      const { size, mtimeMs } = statSync(join(this.#directory, name));
      const known = this.#verified[name];
      now[name] = known?.size === size && known.mtimeMs === mtimeMs ? known : { size, mtimeMs, sha256: await hashFile(join(this.#directory, name)) };
    }
    if (JSON.stringify(now) === JSON.stringify(this.#verified)) return;
    this.#verified = now;
    writeFileSync(`${this.#cacheFile}.new`, JSON.stringify(now));
    renameSync(`${this.#cacheFile}.new`, this.#cacheFile);
  }

  /** sha256 of every installed file. */
  digests(): Digest[] {
    return [...new Set(Object.values(this.#verified).map(({ sha256 }) => sha256))].sort();
  }

  /**
   * Where the files of a manifest's model lie on this host.
   * @throws {InfernetError} `model_missing`, naming the file that is not installed or has changed
   */
  locate(model: ModuleManifest["model"]): ModelFile[] {
    return (model?.files ?? []).map(({ path, sha256 }) => {
      const [name, file] = Object.entries(this.#verified).find(([, entry]) => entry.sha256 === sha256) ?? [];
      if (name === undefined || file === undefined) throw new InfernetError("model_missing", `the model file ${path} with sha256 ${sha256} is not installed in ${this.#directory}`);
      const at = join(this.#directory, name);
      const stat = statSync(at, { throwIfNoEntry: false });
      if (stat?.size !== file.size || stat.mtimeMs !== file.mtimeMs) throw new InfernetError("model_missing", `the model file ${at} has changed since it was verified`);
      return { path, file: at };
    });
  }
}

function listFiles(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(directory, "/").length))
      .sort();
  } catch (cause) {
    throw new InfernetError("config_invalid", `cannot read the models directory ${directory}: ${(cause as Error).message}`, { cause });
  }
}

async function hashFile(path: string): Promise<Digest> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return `0x${hash.digest("hex")}`;
}

function readCache(file: string): Verified {
  try {
    return cacheSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}
