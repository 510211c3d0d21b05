import { expect } from "chai";
import { endpointsSchema } from "./endpoints.ts";

describe("endpoints in settings", () => {
  const [a, b] = ["http://a.example:8545", "https://b.example/key?x=1"];

  it("are one, several in a list, or several in a line", () => {
    expect(endpointsSchema.parse(a)).to.deep.equal([a]);
    expect(endpointsSchema.parse([a, b])).to.deep.equal([a, b]);
    expect(endpointsSchema.parse(`${a}, ${b}`)).to.deep.equal([a, b]);
  });

  it("are URLs of http or https, at least one and not too many", () => {
    for (const wrong of ["", "x", "ws://a.example", `${a},`, [], [a, 1], Array(9).fill(a), "x".repeat(5000)]) expect(endpointsSchema.safeParse(wrong).success, JSON.stringify(wrong).slice(0, 40)).to.equal(false);
  });
});
