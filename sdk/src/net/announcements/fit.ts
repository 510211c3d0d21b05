import * as dagCbor from "@ipld/dag-cbor";
import { announcementDocument, type Announcement } from "../../core/index.ts";

/** Most of each list, as the schema has it. */
const MOST = { multiaddrs: 8, executors: 8, pools: 8, models: 16, benchmarks: 4 } as const;
/** Bytes of an envelope beside the announcement: the longest signature, and names. */
const ENVELOPE = 320;

/**
 * An announcement that fits its limits: what there is too much of is cut at its end, the longest list first.
 * A node with many models is better half known than not at all.
 */
export function fitted(whole: Announcement): Announcement {
  const lists = { ...whole };
  for (const [key, most] of Object.entries(MOST) as [keyof typeof MOST, number][]) Object.assign(lists, { [key]: whole[key].slice(0, most) });
  let announcement: Announcement = { ...lists, hardware: { ...whole.hardware, gpus: whole.hardware.gpus.slice(0, 8) } };
  const sizeOf = (value: unknown) => dagCbor.encode(value).length;
  while (sizeOf(announcement) + ENVELOPE > announcementDocument.maxBytes) {
    const { hardware } = announcement;
    const candidates = [...(Object.keys(MOST) as (keyof typeof MOST)[]).map((key) => ({ size: sizeOf(announcement[key]), cut: () => ({ ...announcement, [key]: announcement[key].slice(0, -1) }) })),
      { size: sizeOf(hardware.gpus), cut: () => ({ ...announcement, hardware: { ...hardware, gpus: hardware.gpus.slice(0, -1) } }) }];
    announcement = candidates.sort((a, b) => b.size - a.size)[0]!.cut();
  }
  return announcement;
}
