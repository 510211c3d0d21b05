import { receiptJsonSchema } from "@infernet/sdk/client";
import { announcementJsonSchema, manifestJsonSchema } from "@infernet/sdk/core";
import { abiFiles } from "./abi.ts";
import { errorsDocument } from "./errors.ts";
import { vectors } from "./vectors.ts";

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Every generated file that is committed: path from the repository root → its text. */
export function generatedFiles(): Map<string, string> {
  return new Map([
    ["docs/ERRORS.md", errorsDocument()],
    ["docs/schemas/announcement.schema.json", json(announcementJsonSchema())],
    ["docs/schemas/manifest.schema.json", json(manifestJsonSchema())],
    ["docs/schemas/receipt.schema.json", json(receiptJsonSchema())],
    ...abiFiles(),
    ...Object.entries(vectors).map(([name, make]) => [`test/vectors/${name}`, json(make())] as const),
  ]);
}
