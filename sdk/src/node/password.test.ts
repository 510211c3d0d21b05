import { statSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { createPasswordFile, LEAST_PASSWORD, readPassword, requireStrongPassword } from "./password.ts";
import { useDirectory } from "./testing/directory.ts";

describe("passwords", () => {
  const at = useDirectory();

  it("are made strong, for their owner only, and never overwritten", () => {
    const made = createPasswordFile(at("password"));
    expect(statSync(at("password")).mode & 0o777).to.equal(0o600);
    expect(readPassword(at("password"))).to.equal(made).and.have.length.greaterThan(30);
    expect(() => createPasswordFile(at("password"))).to.throw().with.property("code", "keystore_invalid");
  });

  it("are the first line of their file, spaces included", () => {
    writeFileSync(at("password"), " with spaces \r\nand a comment\n", { mode: 0o600 });
    expect(readPassword(at("password"))).to.equal(" with spaces ");
  });

  it("are refused when they are too short to protect anything", () => {
    expect(() => requireStrongPassword("x".repeat(LEAST_PASSWORD - 1))).to.throw(/at least 10/).with.property("code", "keystore_password");
    expect(requireStrongPassword("x".repeat(LEAST_PASSWORD))).to.have.length(LEAST_PASSWORD);
  });
});
