import { expect } from "chai";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { buildModule, targets } from "./build.ts";

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("reproducible build of the modules", function () {
  this.timeout(120_000);

  for (const target of targets) {
    it(`${target.output} is what its sources give`, () => {
      const committed = readFileSync(new URL(target.output, import.meta.url));
      expect(digest(committed)).equal(digest(buildModule(target)), "run: node workloads/build.ts");
    });
  }
});
