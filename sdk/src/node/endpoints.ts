import { z } from "zod";

const endpoint = z.url({ protocol: /^https?$/, error: "must be http(s) URLs" });

/** JSON-RPC endpoints of a chain: a list, or text with commas between them. Where there are several, they stand in for and are compared with each other. */
export const endpointsSchema = z
  .union([z.string().max(4096).transform((text) => text.split(",").map((url) => url.trim())), z.array(z.string().max(2048))])
  .pipe(z.array(endpoint).min(1).max(8));
