import { getBytes, hexlify } from "ethers";
import type { ChainAction } from "../actions.ts";

/** What survives JSON; the journal's payloads. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** An action as JSON: bigints and bytes are marked, so that they come back as what they were. */
export function actionToJson(action: ChainAction): Json {
  return mark(action);
}

/** The action that `actionToJson` wrote. */
export function actionFromJson(json: Json): ChainAction {
  return unmark(json) as ChainAction;
}

function mark(value: unknown): Json {
  if (typeof value === "bigint") return { $int: value.toString() };
  if (value instanceof Uint8Array) return { $bytes: hexlify(value) };
  if (Array.isArray(value)) return value.map(mark);
  if (typeof value !== "object" || value === null) return value as Json;
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined).map(([name, part]) => [name, mark(part)]));
}

function unmark(json: Json): unknown {
  if (Array.isArray(json)) return json.map(unmark);
  if (typeof json !== "object" || json === null) return json;
  const { $int, $bytes } = json as { $int?: Json; $bytes?: Json };
  if (typeof $int === "string") return BigInt($int);
  if (typeof $bytes === "string") return getBytes($bytes);
  return Object.fromEntries(Object.entries(json).map(([name, part]) => [name, unmark(part as Json)]));
}
