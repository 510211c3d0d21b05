import { expect } from "chai";
import { aggregatorConfigSchema } from "@infernet/aggregator-node";
import { providerConfigSchema } from "@infernet/provider-node";
import { AGGREGATOR_SETTINGS } from "./aggregator.ts";
import { PROVIDER_SETTINGS } from "./provider.ts";
import { flagOf, settingsOf } from "./settings.ts";

describe("settings as flags", () => {
  it("name every setting of a provider", () => expect(Object.keys(PROVIDER_SETTINGS).sort()).to.deep.equal(Object.keys(providerConfigSchema.shape).sort()));
  it("name every setting of an aggregator", () => expect(Object.keys(AGGREGATOR_SETTINGS).sort()).to.deep.equal(Object.keys(aggregatorConfigSchema.shape).sort()));
  it("are spelled like all flags", () => expect(flagOf("rpcUrl")).to.equal("--rpc-url"));
  it("leave out what was not given, and what is no setting", () =>
    expect(settingsOf({ pool: "0x1", config: "file", stake: undefined }, providerConfigSchema)).to.deep.equal({ pool: "0x1" }));
});
