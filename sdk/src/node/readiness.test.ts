import { expect } from "chai";
import { runChecks } from "./readiness.ts";

describe("checks", () => {
  it("run all at once; one that throws or does not answer has failed, and says why", async () => {
    const never = new Promise<never>(() => {});
    const good = { ok: true, detail: "fine" };
    const { ready, checks } = await runChecks({ good: () => good, slow: () => never, bad: () => { throw new Error("broken"); } }, 5);
    expect(ready).to.equal(false);
    expect(checks).to.deep.equal({ good, slow: { ok: false, detail: "no answer within 0.005 s" }, bad: { ok: false, detail: "broken" } });
    expect(await runChecks({ good: async () => good })).to.have.property("ready", true);
  });
});
