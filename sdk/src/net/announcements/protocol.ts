import { z } from "zod";
import { integer } from "../../core/index.ts";
import { defineProtocol } from "../protocol.ts";

/** Announcements of one answer. */
export const PAGE = 64;

/** What newcomers ask their first peers: gossip repeats nothing, and an announcement may be minutes away. */
export const listProtocol = defineProtocol({
  name: "/infernet/announcements/1",
  /** Nodes after this one, in the order of their ids. */
  request: z.strictObject({ after: integer(0, 2 ** 32 - 1) }),
  /** Signed announcements as they travel; whoever asked checks each. */
  response: z.strictObject({ announcements: z.array(z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= 4096, "must be at most 4096 bytes")).max(PAGE) }),
  maxRequestBytes: 64,
  maxResponseBytes: 320 << 10,
  timeoutMs: 15_000,
});
