import { expect } from "chai";
import { isInfernetError, resultDigests, utf8, verifyResult } from "../core/index.ts";
import { openConflict } from "./conflict.ts";

const linesOf = (...texts: string[]) => texts.map(utf8);
const replicaOf = (replica: number, lines: Uint8Array[]) => ({ replica, lines, root: resultDigests(lines).root });

describe("openConflict", () => {
  for (const items of [1, 2, 3, 5, 8])
    for (let differing = 0; differing < items; differing++)
      it(`opens both replicas at item ${differing} of ${items} with proofs that hold`, () => {
        const truth = Array.from({ length: items }, (_, i) => `{"label":${i}}`);
        const lie = truth.map((line, i) => (i >= differing ? "{}" : line));
        const [a, b] = [replicaOf(0, linesOf(...truth)), replicaOf(3, linesOf(...lie))];
        const opening = openConflict(a, b)!;
        expect(opening.item).to.equal(differing);
        expect([opening.a.replica, opening.b.replica]).to.deep.equal([0, 3]);
        expect(opening.a.resultDigest).not.to.equal(opening.b.resultDigest);
        for (const [side, { root }] of [[opening.a, a], [opening.b, b]] as const)
          expect(verifyResult({ root, items, index: differing, digest: side.resultDigest, proof: side.proof })).to.equal(true);
      });

  it("finds nothing in equal results", () => {
    expect(openConflict(replicaOf(0, linesOf("1", "2")), replicaOf(1, linesOf("1", "2")))).to.equal(null);
  });

  it("refuses lines that are not what the replica showed", () => {
    const shown = replicaOf(1, linesOf("1", "2"));
    expect(() => openConflict(replicaOf(0, linesOf("1", "3")), { ...shown, lines: linesOf("1", "4") })).to.throw().that.satisfies((error: unknown) => isInfernetError(error, "invalid_proof"));
  });
});
