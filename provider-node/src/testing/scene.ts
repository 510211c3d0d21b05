import { mkdirSync, mkdtempSync, copyFileSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inputIndexDocument, manifestDocument, splitLines, splitShards, type Digest, type Hex32, type Manifest } from "@infernet/sdk/core";
import type { JobTerms } from "@infernet/sdk/chain";
import type { ContentStore } from "@infernet/sdk/storage";
import { createHeliaStore } from "@infernet/sdk/storage/helia";
import { History } from "../../../sdk/src/node/testing/history.ts";
import { digitsModelPath, hostileNames, hostilePath, workloads } from "../../../workloads/index.ts";
import { WasmExecutor } from "../executor/index.ts";
import { InstalledModels } from "../models.ts";
import type { Policy } from "../policy.ts";
import { seatSalts } from "../salt.ts";
import { seatsOf, type Seat } from "../seats.ts";
import type { WorkerOptions } from "../work.ts";

const SAMPLES = new URL("../../../workloads/digits/samples.jsonl", import.meta.url);

/** Item lines of the digits workload. */
export function digitsItems(count: number): Uint8Array[] {
  return splitLines(readFileSync(SAMPLES), { maxLines: 10_000, maxLineBytes: 10_000 }).slice(0, count);
}

/** A client's and a provider's store, a real executor and an installed model. For tests. */
export class Scene {
  readonly directory: string = mkdtempSync(join(tmpdir(), "infernet-provider-"));
  readonly executor = new WasmExecutor({ maxChildren: 2 });
  client!: ContentStore;
  store!: ContentStore;
  models!: InstalledModels;

  async open(): Promise<this> {
    mkdirSync(join(this.directory, "models"));
    copyFileSync(digitsModelPath, join(this.directory, "models", "some name.bin"));
    this.models = await InstalledModels.open(join(this.directory, "models"), join(this.directory, "models.json"));
    this.client = await createHeliaStore({ directory: join(this.directory, "client") });
    this.store = await createHeliaStore({ directory: join(this.directory, "provider") });
    return this;
  }

  async close(): Promise<void> {
    await Promise.all([this.executor.close(), this.client.stop(), this.store.stop()]);
    rmSync(this.directory, { recursive: true, force: true });
  }

  worker(policy: Partial<Policy> = {}): WorkerOptions {
    return {
      store: this.store,
      executors: [this.executor],
      models: this.models,
      policy: { vettedModules: new Set(), unvetted: true, maxMemoryPages: 1024, maxShardSeconds: 60, minUnitReward: 0n, ...policy },
      limits: { moduleBytes: 1 << 20, imageBytes: 1 << 20, shardBytes: 1 << 20 },
      fetchTimeoutMs: 5000,
      saltOf: seatSalts(`0x${"11".repeat(32)}`, { chainId: 31337, jobs: `0x${"22".repeat(20)}` }),
    };
  }

  /** Puts a job's content into the client's store. */
  async publish(items: readonly Uint8Array[], itemsPerShard: number, change: { wasm?: string; /** Instead of what the items give. */ files?: readonly Uint8Array[]; /** Of the manifest. */ [field: string]: unknown } = {}): Promise<{ terms: Partial<JobTerms>; module: Digest; manifest: Manifest }> {
    const { wasm = workloads.digits.wasmPath, files = splitShards(items, itemsPerShard), ...rest } = change;
    const module = await this.client.putFile(readFileSync(wasm));
    const shards: Hex32[] = [];
    for (const file of files) shards.push(await this.client.putFile(file));
    const inputs = await this.client.putDocument(inputIndexDocument.encode({ version: 1, items: items.length, itemsPerShard, shards }));
    const { model, limits } = workloads.digits;
    const modelFiles = model.files.map((file) => ({ ...file, sha256: `0x${file.sha256.replace(/^0x/, "")}` as const }));
    const digits = { kind: "wasm", module, model: { name: model.name, files: modelFiles }, limits: { ...limits } };
    const program = rest["kind"] === "openai" ? {} : digits;
    const manifest = manifestDocument.parse({ version: 1, ...program, inputs, determinism: { class: "exact" }, ...rest });
    const digest = await this.client.putDocument(manifestDocument.encode(manifest));
    return { terms: { manifest: digest, items: items.length, itemsPerShard }, module, manifest };
  }

  /** Path of a module that misbehaves. */
  hostile(name: (typeof hostileNames)[number]): string {
    return hostilePath(name);
  }
}

/** The seat of member 0 in the first batch of a job with these terms. */
export function firstSeat(terms: Partial<JobTerms>): Seat {
  return seatsOf(new History(terms).draw(110).view(), 1, (_pool, member) => member + 1)[0]!;
}
