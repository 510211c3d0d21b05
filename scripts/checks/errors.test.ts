import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { ERRORS } from "../../sdk/src/core/errors.ts";
import { isTest, sourceFiles } from "./imports.ts";

const root = join(import.meta.dirname, "../..");

describe("error codes", () => {
  it("are each used by somebody", () => {
    const text = sourceFiles(root)
      .filter((file) => !isTest(file) && file !== "sdk/src/core/errors.ts")
      .map((file) => readFileSync(join(root, file), "utf8"))
      .join("\n");
    expect(Object.keys(ERRORS).filter((code) => !text.includes(`"${code}"`))).to.deep.equal([]);
  });
});
