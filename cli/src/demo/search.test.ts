import { expect } from "chai";
import { encodeVector, utf8 } from "@infernet/sdk/core";
import { cosine, nearest, readEmbeddings } from "./search.ts";

const line = (id: string, embedding: unknown) => JSON.stringify({ custom_id: id, response: { body: { data: [{ embedding }] } } });

describe("search over embeddings", () => {
  it("reads vectors in both encodings and leaves errors out", () => {
    const output = [line("a", [1, 0.5]), line("b", encodeVector(Float32Array.of(0.25, 1))), JSON.stringify({ custom_id: "c", response: null, error: {} })].join("\n");
    expect(readEmbeddings(utf8(`${output}\n`))).to.deep.equal([{ id: "a", vector: Float32Array.of(1, 0.5) }, { id: "b", vector: Float32Array.of(0.25, 1) }]);
  });

  it("orders texts by angle, keeps queries out of the answers and says the same thing once", () => {
    const of = (id: string, ...values: number[]) => ({ id, vector: Float32Array.of(...values) });
    const all = [of("far", -1, 0), of("near", 5, 1), of("exact", 2, 0), of("exact again", 2, 0), of("x", 1, 0), of("y", 0, 1)];
    expect(nearest(all, ["x", "missing"], 2).map(({ query, found }) => [query, found.map(({ id }) => id)])).to.deep.equal([["x", ["exact", "near"]]]);
  });

  it("has an answer for a vector without length", () => expect(cosine(Float32Array.of(0, 0), Float32Array.of(1, 0))).to.equal(0));
});
