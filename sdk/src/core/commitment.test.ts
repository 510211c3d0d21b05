import { expect } from "chai";
import { utf8 } from "./bytes.ts";
import { commitment } from "./commitment.ts";
import { sha256 } from "./digest.ts";

const hash = (text: string) => sha256(utf8(text));
const input = { chainId: 31337n, jobs: `0x${"aB".repeat(20)}` as const, jobId: hash("job"), batch: 1, position: 2, roots: [hash("a"), hash("b")], dataDigest: hash("data"), salt: hash("salt") };

describe("commitment", () => {
  it("binds every field", () => {
    const others = [
      { chainId: 1n }, { jobs: `0x${"ac".repeat(20)}` as const }, { jobId: hash("x") }, { batch: 2 }, { position: 1 },
      { roots: [hash("b"), hash("a")] }, { roots: [hash("a")] }, { dataDigest: hash("x") }, { salt: hash("x") },
    ].map((change) => commitment({ ...input, ...change }));
    expect(new Set([commitment(input), ...others]).size).to.equal(others.length + 1);
  });

  it("does not depend on the spelling of the address", () => {
    expect(commitment({ ...input, jobs: input.jobs.toLowerCase() as `0x${string}` })).to.equal(commitment(input));
  });

  it("refuses fields of the wrong form", () => {
    for (const bad of [{ jobs: "0x12" }, { jobId: "0x12" }, { salt: hash("x").toUpperCase() }, { roots: ["0x12"] }, { batch: -1 }, { dataDigest: undefined }])
      expect(() => commitment({ ...input, ...bad } as never)).to.throw().with.property("code", "invalid_argument");
  });
});
