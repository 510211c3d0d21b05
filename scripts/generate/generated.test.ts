import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { generatedFiles } from "./outputs.ts";

const root = join(import.meta.dirname, "../..");

describe("generated files", () => {
  for (const [path, text] of generatedFiles()) {
    it(`${path} is what scripts/generate/run.ts writes`, () => {
      expect(readFileSync(join(root, path), "utf8")).to.equal(text);
    });
  }
});
