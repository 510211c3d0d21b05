import { readFileSync } from "node:fs";
import * as dagCbor from "@ipld/dag-cbor";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "chai";
import { batchResultDocument } from "./batch-result.ts";
import { utf8 } from "./bytes.ts";
import { sha256 } from "./digest.ts";
import { MAX_DOCUMENT_BYTES } from "./document.ts";
import { inputIndexDocument, shardItems } from "./input-index.ts";
import { manifestDocument, manifestJsonSchema, type Manifest } from "./manifest.ts";
import { profileDocument } from "./profile.ts";

const hash = (text: string) => sha256(utf8(text));
const file = { path: "weights/model.bin", sha256: hash("m"), bytes: 90 };
const manifest: Manifest = {
  version: 1,
  kind: "wasm",
  module: hash("module"),
  model: { name: "all-MiniLM-L6-v2", files: [file] },
  inputs: hash("inputs"),
  determinism: { class: "exact" },
  limits: { memoryPages: 4096, seconds: 600, lineBytes: 4096 },
};

const container: Manifest = { ...manifest, kind: "container", limits: { ...manifest.limits, processes: 64, scratchBytes: 1 << 20, gpus: 0 } };

const { module: _, ...rest } = manifest;
const served: Manifest = {
  ...rest,
  kind: "openai",
  model: { name: "meta-llama/Llama-3.1-8B-Instruct" },
  endpoint: "/v1/chat/completions",
  sampling: { temperature: 0, seed: 7 },
  limits: { seconds: 600, lineBytes: 65536, maxTokens: 1024 },
};

const BAD_MANIFESTS: Record<string, unknown> = {
  "an unknown key": { ...manifest, extra: 1 },
  "an unknown inner key": { ...manifest, limits: { ...manifest.limits, fuel: 1 } },
  "another version": { ...manifest, version: 2 },
  "another kind": { ...manifest, kind: "shell" },
  "a container with the limits of a module": { ...manifest, kind: "container" },
  "a module with the limits of a container": { ...container, kind: "wasm" },
  "a container without a limit of processes": { ...container, limits: { ...container.limits, processes: 0 } },
  "a container with a disk": { ...container, limits: { ...container.limits, diskBytes: 1 } },
  "a container with more GPUs than machines have": { ...container, limits: { ...container.limits, gpus: 17 } },
  "a served model with a module": { ...served, module: hash("module") },
  "a served model with files": { ...served, model: manifest.model },
  "a served model without a name": { ...served, model: null },
  "a served model with a URL": { ...served, url: "http://127.0.0.1" },
  "a served model on another path": { ...served, endpoint: "/v1/files" },
  "a served model that is told to guess": { ...served, sampling: { temperature: 0.7, seed: 7 } },
  "a served model without a seed": { ...served, sampling: { temperature: 0 } },
  "a served model with the limits of a module": { ...served, limits: manifest.limits },
  "a served model that may talk for ever": { ...served, limits: { seconds: 600, lineBytes: 65536 } },
  "a short digest": { ...manifest, module: "0x12" },
  "an upper-case digest": { ...manifest, module: `0x${"AB".repeat(32)}` },
  "a missing field": { ...manifest, inputs: undefined },
  "zero memory": { ...manifest, limits: { ...manifest.limits, memoryPages: 0 } },
  "too much memory": { ...manifest, limits: { ...manifest.limits, memoryPages: 65537 } },
  "a fractional limit": { ...manifest, limits: { ...manifest.limits, seconds: 1.5 } },
  "no model files": { ...manifest, model: { name: "m", files: [] } },
  "a path that climbs": { ...manifest, model: { name: "m", files: [{ ...file, path: "a/../../etc" }] } },
  "an absolute path": { ...manifest, model: { name: "m", files: [{ ...file, path: "/etc/passwd" }] } },
  "a list": [],
  "null": null,
};

describe("manifest", () => {
  it("encodes and decodes", () => {
    expect(manifestDocument.decode(manifestDocument.encode(manifest))).to.deep.equal(manifest);
    const bare = { ...manifest, model: null };
    expect(manifestDocument.decode(manifestDocument.encode(bare))).to.deep.equal(bare);
    expect(manifestDocument.decode(manifestDocument.encode(container))).to.deep.equal(container);
    expect(manifestDocument.decode(manifestDocument.encode(served))).to.deep.equal(served);
  });

  it("has one encoding whatever the order of keys", () => {
    const reversed = Object.fromEntries(Object.entries(manifest).reverse()) as Manifest;
    expect(manifestDocument.encode(reversed)).to.deep.equal(manifestDocument.encode(manifest));
  });

  const validate = new Ajv2020().compile(manifestJsonSchema());
  it("passes its JSON Schema", () => {
    for (const one of [manifest, container, served]) expect(validate(one)).to.equal(true);
  });

  it("is what docs/EXECUTORS.md shows", () => {
    const text = readFileSync(new URL("../../../docs/EXECUTORS.md", import.meta.url), "utf8");
    const shown = [...text.matchAll(/^```json\n(.*?)^```/gms)].map(([, json]) => manifestDocument.parse(JSON.parse(json!)));
    expect(shown.map(({ kind }) => kind)).to.deep.equal(["openai"]);
  });

  for (const [what, bad] of Object.entries(BAD_MANIFESTS))
    it(`refuses ${what}, as its JSON Schema does`, () => {
      expect(() => manifestDocument.parse(bad)).to.throw().with.property("code", "invalid_manifest");
      expect(validate(JSON.parse(JSON.stringify(bad)))).to.equal(false);
    });

  it("refuses two model files under one path", () => {
    const twice = { ...manifest, model: { name: "m", files: [file, file] } };
    expect(() => manifestDocument.encode(twice)).to.throw(/model\.files: two files/);
  });

  it("names the field in the message and all issues in details", () => {
    expect(() => manifestDocument.parse({ ...manifest, limits: { ...manifest.limits, seconds: 0 } })).to.throw(/^manifest: limits\.seconds: /);
  });

  it("refuses bytes that are not canonical DAG-CBOR", () => {
    const bytes = manifestDocument.encode(manifest);
    const long = Uint8Array.of(0xb8, 0x07, ...bytes.subarray(1)); // the map's length in a longer form
    for (const bad of [bytes.subarray(0, -1), Uint8Array.of(...bytes, 0), long, new Uint8Array(0), Uint8Array.of(0xff), Uint8Array.of(0xfb)])
      expect(() => manifestDocument.decode(bad)).to.throw().with.property("code", "invalid_manifest");
  });

  it("refuses a block beyond the size limit before reading it", () => {
    expect(() => manifestDocument.decode(new Uint8Array(MAX_DOCUMENT_BYTES + 1))).to.throw().with.property("code", "document_too_large");
  });
});

describe("input index", () => {
  const index = { version: 1 as const, items: 5, itemsPerShard: 2, shards: [hash("0"), hash("1"), hash("2")] };

  it("encodes and decodes", () => expect(inputIndexDocument.decode(inputIndexDocument.encode(index))).to.deep.equal(index));

  it("knows how many items each shard holds", () => {
    expect([0, 1, 2].map((shard) => shardItems(index, shard))).to.deep.equal([2, 2, 1]);
    for (const bad of [-1, 3, 0.5]) expect(() => shardItems(index, bad)).to.throw(/no shard/);
  });

  it("refuses a list of another length than the items need", () => {
    expect(() => inputIndexDocument.parse({ ...index, items: 7 })).to.throw(/ceil/).with.property("code", "invalid_document");
    expect(() => inputIndexDocument.parse({ ...index, items: 0, shards: [] })).to.throw();
  });
});

describe("batch result", () => {
  const entry = (shard: number) => ({ shard, items: 2, file: hash(`f${shard}`), root: hash(`r${shard}`) });
  const result = { version: 1 as const, job: hash("job"), batch: 1, results: [entry(32), entry(35)] };

  it("encodes and decodes", () => expect(batchResultDocument.decode(batchResultDocument.encode(result))).to.deep.equal(result));

  it("holds a full batch", () => {
    const full = { ...result, results: Array.from({ length: 32 }, (_, i) => entry(2 ** 32 - 33 + i)) };
    expect(batchResultDocument.encode(full).length).to.be.below(batchResultDocument.maxBytes);
  });

  it("refuses shards out of order, repeated or too many", () => {
    for (const shards of [[35, 32], [32, 32], Array.from({ length: 33 }, (_, i) => i), []])
      expect(() => batchResultDocument.parse({ ...result, results: shards.map(entry) })).to.throw().with.property("code", "invalid_document");
  });
});

describe("profile", () => {
  const profile = {
    version: 1 as const,
    role: "provider" as const,
    peerId: "12D3KooWGzBj5yyFsSuyhDh2EYXTyJ5Mkj8xLq8gpnmCGGdaYyRQ",
    multiaddrs: ["/ip4/127.0.0.1/tcp/4001"],
    runtimes: ["wasm"],
    models: [hash("m")],
    hardware: { cpu: "x86_64", cores: 2, memoryBytes: 2 ** 33 },
  };
  const gpu = { model: "H100", vramBytes: 80 * 2 ** 30, cudaCores: 14592, bandwidth: 2_000_000_000_000 };

  it("encodes and decodes, with and without a GPU", () => {
    for (const value of [profile, { ...profile, hardware: { ...profile.hardware, gpu } }])
      expect(profileDocument.decode(profileDocument.encode(value))).to.deep.equal(value);
  });

  it("fits into an event", () => {
    expect(() => profileDocument.encode({ ...profile, runtimes: Array.from({ length: 16 }, (_, i) => `${i}`.repeat(100)), models: new Array(16).fill(hash("m")), multiaddrs: new Array(8).fill(`/dns4/${"a".repeat(240)}`) }))
      .to.throw(/at most 4096/).with.property("code", "document_too_large");
  });

  it("refuses floats, NaN and foreign values inside the block", () => {
    const bytes = dagCbor.encode({ ...profile, hardware: { ...profile.hardware, cores: 1.5 } });
    expect(() => profileDocument.decode(bytes)).to.throw(/hardware\.cores/);
  });
});
