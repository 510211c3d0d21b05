import { expect } from "chai";
import { sha256, utf8 } from "../core/index.ts";
import { intakeProtocol } from "./intake.ts";
import { decodeAnswer, decodeMessage, encodeAnswer, encodeFailure, encodeMessage } from "./protocol.ts";
import { wireTerms, wireTermsSchema, type WireTerms } from "./wire-terms.ts";

const hash = sha256(utf8("x"));
const terms: WireTerms = {
  client: "0x00000000000000000000000000000000000000aa", nonce: 2n ** 64n - 1n, parameters: 1, manifest: hash, pool: hash, token: "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", shardReward: 2n ** 96n - 1n, items: 2 ** 40,
  itemsPerShard: 128, unitsPerShard: 0n, replicas: 2, committeeWidth: 8, aggregator: 3, aggregatorFeeBps: 100, commitWindow: 60, revealWindow: 30, challengeWindow: 2, deadline: 2_000_000_000,
};

describe("terms on the wire", () => {
  it("come back as they were, through CBOR and JSON, of either chain", () => {
    const { request } = intakeProtocol;
    const message = { kind: "quote" as const, terms: wireTerms(terms), multiaddrs: ["/ip4/127.0.0.1/tcp/1"] };
    expect(decodeMessage(request, encodeMessage(request, message, 16 << 10))).to.deep.equal({ ...message, terms });
    expect(wireTermsSchema.parse(JSON.parse(JSON.stringify(wireTerms(terms))))).to.deep.equal(terms);
  });

  it("are refused when a number is none, too large, or of another kind", () => {
    const refused: [keyof WireTerms, unknown][] = [["shardReward", "-1"], ["shardReward", "01"], ["shardReward", "1e3"], ["shardReward", 5], ["nonce", String(2n ** 128n)], ["items", 0], ["items", 1.5], ["replicas", 9], ["client", "x'; --"], ["manifest", "0xAA"], ["deadline", -1]];
    for (const [field, value] of refused) expect(wireTermsSchema.safeParse({ ...wireTerms(terms), [field]: value }).success, `${field} ${String(value)}`).to.equal(false);
    expect(wireTermsSchema.safeParse({ ...wireTerms(terms), verifier: "x" }).success).to.equal(false);
  });
});

describe("an answer", () => {
  const { response } = intakeProtocol;
  const results = { kind: "results" as const, shards: [{ shard: 2047, file: hash, root: hash }], output: null, multiaddrs: [] };
  const code = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      return (error as { code?: string }).code;
    }
    return undefined;
  };

  it("comes back as it was", () => expect(decodeAnswer(response, encodeAnswer(response, results, 1 << 20))).to.deep.equal(results));

  it("holds the results of the largest job within its limit", () => {
    const shards = Array.from({ length: 2048 }, (_, shard) => ({ shard, file: hash, root: hash }));
    expect(encodeAnswer(response, { ...results, shards }, intakeProtocol.maxResponseBytes).length).to.be.lessThan(intakeProtocol.maxResponseBytes);
  });

  it("is refused when it is garbage, too large, or an error that nobody knows", () => {
    expect(code(() => decodeAnswer(response, new Uint8Array([0xff])))).to.equal("invalid_message");
    expect(code(() => decodeAnswer(response, new Uint8Array([0xa0])))).to.equal("invalid_message");
    expect(code(() => encodeAnswer(response, results, 10))).to.equal("invalid_message");
    const unknown = encodeFailure(Object.assign(new Error("x")));
    expect(code(() => decodeAnswer(response, unknown))).to.equal("internal");
    const text = Buffer.from(unknown).toString("latin1").replace("internal", "toString");
    expect(code(() => decodeAnswer(response, Buffer.from(text, "latin1")))).to.equal("invalid_message");
  });
});
