import { decodeVector, fromUtf8 } from "@infernet/sdk/core";

/** A text and its place in the space of meanings. */
export interface Embedded {
  readonly id: string;
  readonly vector: Float32Array;
}

/** What a query found, nearest first. */
export interface Neighbours {
  readonly query: string;
  readonly found: readonly { id: string; similarity: number }[];
}

/** Vectors of an OpenAI batch-result file, base64 or numbers; lines that hold an error are left out. */
export function readEmbeddings(output: Uint8Array): Embedded[] {
  return fromUtf8(output)
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => {
      const { custom_id, response } = JSON.parse(line) as { custom_id: string; response: { body?: { data?: { embedding?: string | number[] }[] } } | null };
      const embedding = response?.body?.data?.[0]?.embedding;
      if (embedding === undefined) return [];
      return [{ id: custom_id, vector: typeof embedding === "string" ? decodeVector(embedding) : Float32Array.from(embedding) }];
    });
}

/**
 * The texts nearest to each query by cosine similarity. Of several texts with one vector, as
 * versions of a package are, the first stands for all.
 * @param queries - ids of the lines that ask; they are no answers to each other
 */
export function nearest(embedded: readonly Embedded[], queries: readonly string[], count: number): Neighbours[] {
  const texts = embedded.filter(({ id }) => !queries.includes(id));
  return queries.flatMap((query) => {
    const vector = embedded.find(({ id }) => id === query)?.vector;
    if (vector === undefined) return [];
    const ordered = texts.map((text) => ({ id: text.id, similarity: cosine(vector, text.vector) })).sort((a, b) => b.similarity - a.similarity);
    return [{ query, found: ordered.filter(({ similarity }, i) => ordered[i - 1]?.similarity !== similarity).slice(0, count) }];
  });
}

/** Cosine of the angle between two vectors; 0 where one has no length. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? 0;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa === 0 || bb === 0 ? 0 : dot / Math.sqrt(aa * bb);
}
