import { expect } from "chai";
import { isInfernetError } from "@infernet/sdk/core";
import { requireDevelopmentChain, silentConduct } from "./faulty.ts";
import type { SeatFacts } from "./machine.ts";

const facts = (committed: boolean) => ({ committed }) as SeatFacts;

describe("misbehaviour on purpose", () => {
  it("is refused on every chain where something is at stake", () => {
    for (const chain of ["1", "137", "80002", "1337", "031337", ""])
      expect(() => requireDevelopmentChain(chain)).to.throw().that.satisfies((error: unknown) => isInfernetError(error, "config_invalid"));
    requireDevelopmentChain("31337");
  });

  it("of the silent: commits also where it could reveal at once, and never reveals", () => {
    expect(silentConduct({ do: "reveal", direct: true }, facts(false))).to.deep.equal({ do: "commit" });
    expect(silentConduct({ do: "reveal", direct: false }, facts(true))).to.deep.equal({ do: "wait" });
    for (const decision of [{ do: "work" }, { do: "commit" }, { do: "decline", reason: 2 }, { do: "give-up" }] as const) expect(silentConduct(decision, facts(false))).to.equal(decision);
  });
});
