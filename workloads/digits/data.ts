/** The committed digits data: 1,797 images of 8×8 pixels with values 0…16, and their labels. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** Pixels of an image, row by row, values 0…16. */
export interface Digit {
  readonly pixels: readonly number[];
  readonly label: number;
}

/** Images before this index train the model; the others are the samples it has never seen. */
export const TRAINING_ITEMS = 1500;

/** Reads all images in the order of the data set. */
export function readDigits(): Digit[] {
  const csv = gunzipSync(readFileSync(new URL("digits.csv.gz", import.meta.url))).toString("utf8");
  return csv.trimEnd().split("\n").map((line) => {
    const numbers = line.split(",").map(Number);
    return { pixels: numbers.slice(0, 64), label: numbers[64]! };
  });
}

/** One item as the workload reads it, "\n" included. */
export function digitLine(pixels: readonly number[]): string {
  return `${JSON.stringify({ pixels })}\n`;
}
