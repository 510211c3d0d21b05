import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parseLcov } from "./lcov.ts";
import { MONEY, judge, table } from "./thresholds.ts";

const LCOV = `TN:
SF:contracts/Escrow.sol
DA:24,1
DA:9,0
DA:25,0,checksum
LH:1
LF:3
end_of_record
SF:contracts/Parameters.sol
${Array.from({ length: 20 }, (_, i) => `DA:${i + 1},${i === 4 ? 0 : 3}`).join("\n")}
end_of_record
`;

describe("the coverage report", () => {
  it("is read file by file, with the lines that nothing reached", () => {
    expect(parseLcov(LCOV)).to.deep.equal([
      { file: "contracts/Escrow.sol", lines: 3, missed: [9, 25] },
      { file: "contracts/Parameters.sol", lines: 20, missed: [5] },
    ]);
  });

  it("counts what is named twice once, as reached where either says so", () => {
    const part = (hits: number) => `SF:a.sol\nDA:1,${hits}\nDA:2,0\nend_of_record\n`;
    expect(parseLcov(part(0) + part(1) + part(0))).to.deep.equal([{ file: "a.sol", lines: 2, missed: [2] }]);
  });

  for (const [name, text] of [
    ["empty", ""],
    ["of lines without a file", "DA:1,1\n"],
    ["with a line after the file's end", "SF:a.sol\nend_of_record\nDA:1,1\n"],
    ["with a count that is none", "SF:a.sol\nDA:1,x\nend_of_record\n"],
  ] as const)
    it(`is refused when it is ${name}`, () => expect(() => parseLcov(text)).to.throw());
});

describe("the thresholds of coverage", () => {
  const files = parseLcov(LCOV);
  const covered = (lines: number, missed: number) => ({ file: "contracts/x/A.sol", lines, missed: Array.from({ length: missed }, (_, i) => i + 1) });
  const passes = (lines: number, missed: number, money: Record<string, string>) => judge([covered(lines, missed)], money)[0]!.passes;

  it("ask for every line where there is money, and for 95 % elsewhere", () => {
    for (const name of ["contracts/x/A.sol", "contracts/x/"]) {
      expect(passes(1_000, 0, { [name]: "" })).to.equal(true);
      expect(passes(1_000, 1, { [name]: "" })).to.equal(false);
    }
    expect(passes(1_000, 50, {})).to.equal(true);
    expect(passes(1_000, 51, {})).to.equal(false);
  });

  it("take a name for a whole file or a whole folder", () => {
    const beside = { file: "contracts/Escrow.sol.bak", lines: 9, missed: [] };
    const [first, second] = judge([beside, files[0]!], { "contracts/Escrow.sol": "" });
    expect([first!.file, first!.money, second!.money]).to.deep.equal(["contracts/Escrow.sol", true, false]);
  });

  it("refuse a list that names what was not counted", () => {
    expect(() => judge(files, { "contracts/Escrow.sol": "", "contracts/Gone.sol": "" })).to.throw("contracts/Gone.sol");
    expect(() => judge(files, { "contracts/gone/": "" })).to.throw("contracts/gone/");
  });

  it("name only contracts that there are, each with its reason", () => {
    for (const [name, reason] of Object.entries(MONEY)) {
      expect(existsSync(join(import.meta.dirname, "../..", name)), name).to.equal(true);
      expect(reason).to.match(/^\w.{10,}/);
    }
  });

  it("are shown with every missed line, and never round up to 100 %", () => {
    const text = table(judge([...files, { ...covered(100_000, 1), file: "contracts/Pools.sol" }], { "contracts/Pools.sol": "" }));
    expect(text).to.match(/^contracts\/Pools\.sol +99999\/100000 +99\.99 % +money +too low$/m);
    expect(text).to.match(/^contracts\/Parameters\.sol +19\/20 +95\.00 %$/m);
    expect(text).to.match(/^contracts\/Escrow\.sol +1\/3 +33\.33 % +too low$/m);
    expect(text.match(/^not reached: .*$/gm)).to.deep.equal(["not reached: contracts/Pools.sol:1", "not reached: contracts/Escrow.sol:9", "not reached: contracts/Escrow.sol:25", "not reached: contracts/Parameters.sol:5"]);
  });
});
