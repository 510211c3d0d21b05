import { fromUtf8, InfernetError, joinLines, parseInput, splitLines, type ParsedInput } from "../core/index.ts";
import type { JobView } from "../chain/index.ts";
import type { FetchOptions } from "../storage/index.ts";
import { wireTerms, wireTermsSchema } from "../net/index.ts";
import type { ClientContext } from "./context.ts";
import { keepFile, programOf, readContent } from "./content.ts";
import { wholeRanges, type JobRecord } from "./record.ts";

const MAX_SHARD_BYTES = 256 << 20;

/**
 * Makes the record of a job of which only the chain knows: terms from its opening, items from the
 * store, or from whoever serves them. How the input was written is lost, custom ids included: each
 * item counts as a line of its own, and nothing is bought again.
 */
export async function recoverJob({ store, watch }: ClientContext, view: JobView, signal?: AbortSignal): Promise<{ record: JobRecord; parsed: ParsedInput }> {
  const { terms } = view;
  const from: FetchOptions = { from: [...view.locators, ...watch.directory.multiaddrs(view.aggregator)], ...(signal && { signal }) };
  const { manifest, inputs: index } = await readContent(store, terms.manifest, from);
  if (index.items !== terms.items || index.itemsPerShard !== terms.itemsPerShard) throw new InfernetError("invalid_manifest", "the input index does not fit the terms of the job");
  const items: Uint8Array[] = [];
  for (const shard of index.shards) items.push(...splitLines(await store.getFile(shard, { ...from, maxBytes: MAX_SHARD_BYTES }), { maxLines: index.itemsPerShard, maxLineBytes: MAX_SHARD_BYTES }));
  const file = joinLines(items);
  const format = items.every(isText) ? "jsonl" : "raw";
  const record: JobRecord = {
    version: 1,
    key: `recovered:${view.id}`,
    input: await keepFile(store, file),
    format,
    modelName: manifest.model?.name ?? "model",
    maxPrice: 0n,
    resubmit: false,
    workload: programOf(manifest),
    aggregator: null,
    cancelled: false,
    attempts: [
      {
        job: view.id,
        send: `open:${view.id}`,
        terms: wireTermsSchema.parse(wireTerms(terms)),
        quote: null,
        locators: [...view.locators],
        deposit: view.deposit,
        shards: wholeRanges(terms.items, terms.itemsPerShard),
      },
    ],
  };
  return { record, parsed: parseInput(file, format) };
}

/** Whether an item is a text to embed. */
function isText(item: Uint8Array): boolean {
  const value = JSON.parse(fromUtf8(item)) as { text?: unknown } | null;
  return typeof value === "object" && value !== null && typeof value.text === "string" && Object.keys(value).length === 1;
}
