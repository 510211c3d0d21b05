import { encodeVector, fromUtf8, inputIndexDocument, manifestDocument, parseEmbedding, resultDigest, resultProof, resultRoot, sha256, splitLines, verifyResult, type Hex32, type InputIndex, type Manifest } from "../../../core/index.ts";
import { shardItems } from "../../../chain/index.ts";
import { leavesDigest } from "../build.ts";
import { fail, require, type Facts } from "../facts.ts";

const MAX_LINE = 1 << 20;

/**
 * The manifest and the inputs in the receipt are those that the terms on chain name; the first job was about
 * the whole input, and later ones about shards of the very same content.
 */
export function content({ receipt, job }: Facts): string {
  const [first] = receipt.jobs;
  for (const { job: id, manifest, inputs, ranges: held } of receipt.jobs) {
    const { terms } = job(id as Hex32).view;
    const digest = sha256(manifestDocument.encode(manifest as Manifest));
    require(digest === terms.manifest, `job ${id}: the manifest in the receipt has the digest ${digest}, the terms name ${terms.manifest}`);
    const index = sha256(inputIndexDocument.encode(inputs as InputIndex));
    require(index === manifest.inputs, `job ${id}: the inputs in the receipt have the digest ${index}, the manifest names ${manifest.inputs}`);
    require(inputs.items === terms.items && inputs.itemsPerShard === terms.itemsPerShard && held.length === inputs.shards.length, `job ${id}: the inputs do not fit the terms`);
    held.forEach((range, shard) => {
      const origin = first!.ranges.findIndex((other) => other.first === range.first && other.count === range.count);
      require(origin >= 0 && inputs.shards[shard] === first!.inputs.shards[origin], `job ${id}: shard ${shard} is not the input of the items ${range.first} … ${range.first + range.count - 1}`);
    });
  }
  const whole = first!.ranges.every((range, shard) => range.first === shard * first!.inputs.itemsPerShard && range.count === shardItems(first!.inputs, shard));
  require(whole && receipt.items === first!.inputs.items, `the first job is not about the ${receipt.items} items of the receipt, in order`);
  const { manifest } = first!;
  const program = manifest.kind === "openai" ? `endpoint ${manifest.endpoint}` : `module ${manifest.module}`;
  return `${program}, ${manifest.model === null ? "no model" : `model ${manifest.model.name}`}, ${receipt.items} items`;
}

/** The ranges of the results fit the jobs and the input: none overlaps another. */
export function ranges({ receipt, job }: Facts): string {
  let next = 0;
  for (const { first, count, job: id, shard } of receipt.results) {
    const copy = receipt.jobs.find((one) => one.job === id) ?? fail(`a result names the job ${id}, which is not in the receipt`);
    const range = copy.ranges[shard] ?? fail(`job ${id} has no shard ${shard}`);
    const { terms } = job(id as Hex32).view;
    require(range.first === first && range.count === count && count === shardItems(terms, shard), `shard ${shard} of job ${id} does not hold the items ${first} … ${first + count - 1}`);
    require(first >= next, `item ${first} has two results`);
    next = first + count;
  }
  require(next <= receipt.items, `the results go beyond the ${receipt.items} items`);
  const covered = receipt.results.reduce((sum, { count }) => sum + count, 0);
  return covered === receipt.items ? `all ${covered} items have a result` : `${covered} of ${receipt.items} items have a result, the others were refunded`;
}

/** Digests of the results, from the data if it is there, else from the receipt, lead to the roots on chain, item by item. */
export function proofs(facts: Facts): string {
  const { receipt } = facts;
  let items = 0;
  let skipped = 0;
  const lines = facts.data === undefined ? undefined : linesOf(facts.data);
  for (const [i, result] of receipt.results.entries()) {
    const name = `shard ${result.shard} of job ${result.job}`;
    const digests = lines === undefined ? (result.digests as Hex32[] | undefined) : slice(lines, receipt.results, i).map(resultDigest);
    if (digests === undefined) {
      skipped += result.count;
      continue;
    }
    for (const list of [digests, result.digests ?? digests]) require(list.length === result.count, `${name} has ${list.length} result digests for ${result.count} items`);
    result.digests?.forEach((digest, item) => require(digest === digests[item], `${name}, item ${item}: the receipt has another result digest than the data`));
    require(leavesDigest(digests) === result.leaves, `${name}: the result digests are not those of the receipt`);
    const root = resultRoot(digests);
    require(root === result.root, `${name}: its results lead to the root ${root}, agreed was ${result.root}`);
    for (const index of proved(digests.length))
      require(verifyResult({ root: result.root as Hex32, items: digests.length, index, digest: digests[index]!, proof: resultProof(digests, index) }), `${name}: the proof of item ${index} does not hold`);
    items += digests.length;
  }
  return `${items} items lead to the roots on chain${skipped === 0 ? "" : `, ${skipped} could not be checked without the data`}`;
}

/** The results file is the one that the receipt names, and every result in it is one that the chain agreed on. */
export function data({ receipt, data: bytes }: Facts): string {
  const file = bytes!;
  require(file.length === receipt.data.bytes && sha256(file) === receipt.data.sha256, "the file is not the one that the receipt names");
  const lines = linesOf(file);
  const expected = receipt.results.reduce((sum, { count }) => sum + count, 0);
  require(lines.length === expected, `the file has ${lines.length} lines, the receipt speaks of ${expected} results`);
  receipt.results.forEach((result, i) => {
    const root = resultRoot(slice(lines, receipt.results, i).map(resultDigest));
    require(root === result.root, `shard ${result.shard} of job ${result.job}: the data leads to the root ${root}, agreed was ${result.root}`);
  });
  return `${lines.length} results lead to the roots on chain`;
}

/** The output is the one that the receipt names, and its embeddings are those of the data, in order. */
export function output({ receipt, output: bytes, data: results }: Facts): string {
  const file = bytes!;
  require(file.length === receipt.output.bytes && sha256(file) === receipt.output.sha256, "the file is not the one that the receipt names");
  if (results === undefined) return "the file that the receipt names";
  const computed = new Map<string, number>();
  for (const line of linesOf(results)) {
    const embedding = parseEmbedding(line);
    if (embedding !== undefined) count(computed, encodeVector(embedding.vector), 1);
  }
  let shown = 0;
  linesOf(file, 64 << 20).forEach((line, i) => {
    for (const vector of vectorsOf(line)) {
      shown++;
      if (count(computed, vector, -1) < 0) fail(`line ${i + 1} shows an embedding that nobody computed for this job`);
    }
  });
  return shown === 0 ? "the file that the receipt names" : `the file that the receipt names; its ${shown} embeddings are in the data`;
}

/** Every item where there are few, else a spread of them: the root is recomputed from all of them anyway. */
function proved(items: number): number[] {
  const wanted = Math.min(items, 64);
  return Array.from({ length: wanted }, (_, i) => Math.floor((i * items) / wanted));
}

function linesOf(bytes: Uint8Array, maxLineBytes = MAX_LINE): Uint8Array[] {
  try {
    return splitLines(bytes, { maxLines: 2 ** 32, maxLineBytes });
  } catch (error) {
    return fail((error as Error).message);
  }
}

function slice(lines: readonly Uint8Array[], results: Facts["receipt"]["results"], i: number): Uint8Array[] {
  const start = results.slice(0, i).reduce((sum, { count }) => sum + count, 0);
  return lines.slice(start, start + results[i]!.count);
}

function count(map: Map<string, number>, key: string, change: number): number {
  const value = (map.get(key) ?? 0) + change;
  map.set(key, value);
  return value;
}

/** Vectors of an output line, in base64; none where the line holds something else. */
function vectorsOf(line: Uint8Array): string[] {
  const value = JSON.parse(fromUtf8(line)) as { response?: { body?: { object?: unknown; data?: { embedding?: unknown }[] } } | null };
  const body = value.response?.body;
  if (body?.object !== "list" || !Array.isArray(body.data)) return [];
  return body.data.map(({ embedding }) => (typeof embedding === "string" ? embedding : encodeVector(Float32Array.from(embedding as number[]))));
}
