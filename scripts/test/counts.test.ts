import { expect } from "chai";
import { closingLine, countTests } from "./counts.ts";

describe("counting what test tools report", () => {
  it("reads mocha's summary", () => expect(countTests("  ✔ a\n\n  12 passing (3s)\n  1 failing\n", 1)).to.deep.equal({ passed: 12, failed: 1 }));
  it("adds up the summaries of several suites, coloured or not", () =>
    expect(countTests("\u001b[32m 3 passing\u001b[0m (1s)\n\n4 passing (2 fuzz tests)\n", 0)).to.deep.equal({ passed: 7, failed: 0 }));
  it("takes a tool without summary as one check", () => {
    expect(countTests("", 0)).to.deep.equal({ passed: 1, failed: 0 });
    expect(countTests("error TS2322", 2)).to.deep.equal({ passed: 0, failed: 1 });
  });
  it("notices a tool that dies after its tests passed", () => expect(countTests("5 passing (1s)", 137)).to.deep.equal({ passed: 5, failed: 1 }));
  it("lets no test be skipped", () => expect(countTests("5 passing (1s)\n2 pending", 0)).to.deep.equal({ passed: 5, failed: 2 }));
  it("closes with plain numbers", () => expect(closingLine({ passed: 7, failed: 0 })).to.equal("7 passed, 0 failed"));
});
