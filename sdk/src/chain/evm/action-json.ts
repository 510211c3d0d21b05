import { getBytes, hexlify } from "ethers";
import type { ChainAction } from "../actions.ts";

/** What survives JSON; the journal's payloads. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** An action as JSON: bigints and bytes are marked, so that they come back as what they were. */
export function actionToJson(action: ChainAction): Json {
  return JSON.parse(
    JSON.stringify(action, (_, value: unknown) => {
      if (typeof value === "bigint") return { $int: value.toString() };
      return value instanceof Uint8Array ? { $bytes: hexlify(value) } : value;
    }),
  ) as Json;
}

/** The action that `actionToJson` wrote. */
export function actionFromJson(json: Json): ChainAction {
  return JSON.parse(JSON.stringify(json), (_, value: { $int?: string; $bytes?: string } | null) => {
    if (typeof value?.$int === "string") return BigInt(value.$int);
    return typeof value?.$bytes === "string" ? getBytes(value.$bytes) : value;
  }) as ChainAction;
}
