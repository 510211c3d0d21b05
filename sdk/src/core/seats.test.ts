import { expect } from "chai";
import { BATCH_SHARDS, MAX_COMMITTEE, batchCount, batchLoad, batchRange, batchShape, positionsOfShard, shardsOfPosition } from "./seats.ts";
import { isInfernetError } from "./errors.ts";

/** Every shape that a batch can have. */
function* shapes() {
  for (let n = 1; n <= BATCH_SHARDS; n++)
    for (let k = 1; k <= MAX_COMMITTEE; k++)
      for (let width = k; width <= MAX_COMMITTEE; width++) yield batchShape(n, k, width);
}

describe("seats", () => {
  it("give every shard k distinct members inside the committee, for every shape", () => {
    for (const shape of shapes())
      for (let shard = 0; shard < shape.shards; shard++) {
        const positions = positionsOfShard(shape, shard);
        expect(new Set(positions).size).to.equal(shape.replicas);
        expect(positions.every((p) => p >= 0 && p < shape.width)).to.equal(true);
      }
  });

  it("give every member work, ascending and without repetition, for every shape", () => {
    for (const shape of shapes()) {
      const load = batchLoad(shape);
      expect(load.reduce((a, b) => a + b)).to.equal(shape.shards * shape.replicas);
      for (let p = 0; p < shape.width; p++) {
        const list = shardsOfPosition(shape, p);
        expect(list.length).to.equal(load[p]).and.to.be.at.least(1);
        expect(list.every((shard, i) => i === 0 || shard > list[i - 1]!)).to.equal(true);
      }
    }
  });

  it("spread a full batch evenly", () => {
    expect(batchLoad(batchShape(32, 2, 8))).to.deep.equal(new Array(8).fill(8));
    expect(batchLoad(batchShape(32, 1, 8))).to.deep.equal(new Array(8).fill(4));
  });

  it("let every pair of members meet when there are enough rounds", () => {
    const shape = batchShape(32, 2, 5);
    const met = new Set<string>();
    for (let i = 0; i < 32; i++) met.add(positionsOfShard(shape, i).sort().join());
    expect(met.size).to.equal(10);
  });

  it("cut a job into batches of 32 shards", () => {
    expect(batchCount(32)).to.equal(1);
    expect(batchCount(33)).to.equal(2);
    expect(batchRange(33, 0)).to.deep.equal({ first: 0, count: 32 });
    expect(batchRange(33, 1)).to.deep.equal({ first: 32, count: 1 });
  });

  it("refuse what no batch can be", () => {
    const bad = [
      () => batchShape(0, 1, 1), () => batchShape(33, 1, 1), () => batchShape(1, 0, 1), () => batchShape(1, 3, 2),
      () => batchShape(1, 1, 9), () => batchShape(1.5, 1, 1), () => batchRange(33, 2), () => batchCount(0),
      () => positionsOfShard(batchShape(2, 1, 2), 2), () => shardsOfPosition(batchShape(2, 1, 2), 2),
    ];
    for (const call of bad) expect(call).to.throw().that.satisfies((e: unknown) => isInfernetError(e, "invalid_argument"));
  });
});
