import { expect } from "chai";
import { parseInput, utf8 } from "@infernet/sdk/core";
import { batchRequests, packageTexts, queryId } from "./texts.ts";

describe("texts of the demo", () => {
  it("are a thousand packages, each version once", () => {
    const texts = packageTexts();
    expect(texts.length).to.be.at.least(1000);
    expect(new Set(texts.map(({ id }) => id)).size).to.equal(texts.length);
    expect(texts.find(({ id }) => id.startsWith("ethers@"))!.text).to.match(/^ethers: .*ethereum/i);
  });

  it("become batch requests that the client understands", () => {
    const { requests, items } = parseInput(utf8(batchRequests([{ id: "a@1", text: "a: b" }], ["find \"it\""], "model")), "jsonl");
    expect(requests.map(({ customId, encoding, model }) => [customId, encoding, model])).to.deep.equal([["a@1", "base64", "model"], [queryId('find "it"'), "base64", "model"]]);
    expect(Buffer.from(items[1]!).toString("utf8")).to.equal('{"text":"find \\"it\\""}');
  });
});
