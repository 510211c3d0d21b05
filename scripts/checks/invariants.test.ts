import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

/** A test that docs/INVARIANTS.md names. */
interface Named {
  /** Heading that it stands under: its number, or undefined above the first. */
  readonly invariant: number | undefined;
  readonly file: string;
  readonly test: string;
}

/** Tests named in a document: `file`, a separator, then one test or several, each in backquotes. */
function namedIn(document: string): Named[] {
  return document.split(/^## /m).flatMap((section) => {
    const invariant = /^(\d+)\./.exec(section)?.[1];
    return [...section.matchAll(/`(contracts\/[^`]+\.ts|contracts\/[^`]+\.t\.sol)`:? (`[^`]+`(?:, `[^`]+`)*)/g)].flatMap(([, file, tests]) =>
      [...tests!.matchAll(/`([^`]+)`/g)].map(([, test]) => ({ invariant: invariant === undefined ? undefined : Number(invariant), file: file!, test: test! })));
  });
}

/** Whether a file's text has the test: a function in Solidity, a title in TypeScript. */
const has = ({ file, test }: Named, text: string): boolean =>
  file.endsWith(".sol") ? new RegExp(`\\bfunction ${test}\\(`).test(text) : text.includes(`it("${test}"`);

const named = namedIn(read("docs/INVARIANTS.md"));

describe("docs/INVARIANTS.md", () => {
  it("names tests that exist", () => {
    expect(named.filter((one) => !has(one, read(one.file))).map(({ file, test }) => `${file}: ${test}`)).to.deep.equal([]);
  });

  it("has a test for each invariant", () => {
    const numbers = new Set(named.map(({ invariant }) => invariant));
    expect(Array.from({ length: 12 }, (_, i) => i + 1).filter((number) => !numbers.has(number))).to.deep.equal([]);
  });

  it("names every numbered test under its number", () => {
    const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "--", "contracts/test/*.t.sol"], { cwd: root, encoding: "utf8" });
    const tests = files.split("\n").filter((file) => file !== "").flatMap((file) =>
      [...read(file).matchAll(/\bfunction ((?:invariant|test|testFuzz)_(\d+)_\w+)\(/g)].map(([, test, number]) => ({ file, test: test!, invariant: Number(number) })));
    expect(tests).to.not.be.empty;
    const missing = tests.filter((test) => !named.some((one) => one.file === test.file && one.test === test.test && one.invariant === test.invariant));
    expect(missing.map(({ file, test }) => `${file}: ${test}`)).to.deep.equal([]);
  });

  it("is read as it is meant to be", () => {
    const [sol, another, title] = namedIn("x\n## 3. Name\n- `contracts/a.t.sol`: `test_3_A`, `test_3_B`\n- `contracts/b.ts`: `says: so`\n");
    expect([sol, another, title]).to.deep.equal([
      { invariant: 3, file: "contracts/a.t.sol", test: "test_3_A" },
      { invariant: 3, file: "contracts/a.t.sol", test: "test_3_B" },
      { invariant: 3, file: "contracts/b.ts", test: "says: so" },
    ]);
    expect(has(sol!, "function test_3_A() public")).to.equal(true);
    expect(has(sol!, "function test_3_AB() public")).to.equal(false);
    expect(has(title!, 'it("says: so", () => {')).to.equal(true);
  });
});
