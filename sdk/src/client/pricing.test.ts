import { expect } from "chai";
import { sha256, utf8 } from "../core/index.ts";
import { draftTerms, floorReward, honestSeconds, priceOf, type Market } from "./pricing.ts";
import type { JobRequest } from "./request.ts";
import { FakeChain, PARAMETERS, POOL, TOKEN } from "./testing/fake-chain.ts";

const chain = new FakeChain();
const market: Market = { parameters: PARAMETERS, pool: { ...chain.pool, members: 10 }, token: chain.token, eligible: 10, time: 5000 };
const request: JobRequest = { input: [], format: "txt", workload: { module: new Uint8Array(), model: null, limits: { memoryPages: 1, seconds: 1, lineBytes: 64 } }, pool: POOL, token: TOKEN, maxPrice: 0n };
const fixed = { client: "c", nonce: 1n, manifest: sha256(utf8("m")), items: 1000 };

describe("terms of a request", () => {
  it("keep to what the contracts demand", () => {
    const terms = draftTerms(request, market, fixed);
    // 8 shards of 128 items, 8 members, k = 2: two shards each, 30 ms an item, twice that; then twice over.
    expect(terms).to.include({ itemsPerShard: 128, replicas: 2, committeeWidth: 8, unitsPerShard: 128n, commitWindow: 5 + 2 * 16, revealWindow: 10, challengeWindow: 2, deadline: 5600 });
    expect(draftTerms({ ...request, workload: { ...request.workload, unitsPerItem: 2.5 }, shardSize: 3 }, market, fixed).unitsPerShard).to.equal(8n);
  });

  it("take the longer challenge window for jobs of high value, and what the caller chose", () => {
    expect(draftTerms({ ...request, shardReward: 10n ** 9n }, market, fixed).challengeWindow).to.equal(20);
    const chosen = { commitWindow: 99, revealWindow: 98, challengeWindow: 97, deadline: 9600, replicas: 3, committeeWidth: 2, shardReward: 7n };
    expect(draftTerms({ ...request, ...chosen }, market, fixed)).to.include({ ...chosen, committeeWidth: 3 });
    expect(draftTerms(request, { ...market, eligible: 4 }, fixed).committeeWidth).to.equal(4);
  });

  it("pay the floor of the pool and a quarter more, rounded up", () => {
    expect(floorReward({ priceFloor: 4n }, { stakeRate: 10n ** 18n }, 10n)).to.equal(50n);
    expect(floorReward({ priceFloor: 1n }, { stakeRate: 10n ** 18n }, 1n)).to.equal(2n);
    expect(floorReward({ priceFloor: 0n }, { stakeRate: 10n ** 18n }, 1n)).to.equal(1n);
    expect(() => floorReward({ priceFloor: 1n }, { stakeRate: 0n }, 1n)).to.throw("no rate");
  });

  it("reckon with the busiest member as `Seats.load` does", () => {
    const seconds = (shards: number, replicas: number, committeeWidth: number) => honestSeconds({ items: shards, itemsPerShard: 1, replicas, committeeWidth }, 1n, { secondsPerUnit: 500_000 });
    // 2 · load · 1 · 0.5 s = load
    expect([seconds(1, 2, 8), seconds(8, 2, 8), seconds(9, 2, 8), seconds(32, 2, 8), seconds(100, 2, 8), seconds(3, 3, 3), seconds(32, 1, 1)]).to.deep.equal([1, 2, 3, 8, 8, 3, 32]);
  });

  it("are priced as the contracts add them up", () => {
    const terms = { ...draftTerms({ ...request, shardReward: 1001n }, market, fixed), aggregatorFeeBps: 150 };
    const price = priceOf(terms, { ...PARAMETERS, protocolFeeBps: 300, drawFeeBps: 500 });
    expect(price).to.deep.equal({ work: 16016n, aggregatorFee: 240n, protocolFee: 800n, expected: 17056n, reserve: 8n * (1001n + 3n * 7n), worstCase: 17056n + 8n * 1022n });
  });
});
