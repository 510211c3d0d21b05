import { expect } from "chai";
import { InfernetError } from "../core/index.ts";
import { NodeMetrics } from "./metrics.ts";

describe("metrics", () => {
  const lines = async (metrics: NodeMetrics, name: string) => (await metrics.registry.getSingleMetricAsString(name)).split("\n").filter((line) => !line.startsWith("#"));

  it("measure stages, and count their failures by code", async () => {
    const metrics = new NodeMetrics("aggregator");
    expect(await metrics.time("merge", async () => 5)).to.equal(5);
    for (const error of [new InfernetError("content_timeout", "late"), new Error("?")]) expect(await metrics.time("merge", () => Promise.reject(error)).catch((thrown: unknown) => thrown)).to.equal(error);
    expect(await lines(metrics, "infernet_stage_seconds")).to.include('infernet_stage_seconds_count{role="aggregator",stage="merge"} 1');
    expect(await lines(metrics, "infernet_stage_failures_total")).to.deep.equal([
      'infernet_stage_failures_total{stage="merge",code="content_timeout",role="aggregator"} 1',
      'infernet_stage_failures_total{stage="merge",code="internal",role="aggregator"} 1',
    ]);
  });

  it("count what a port does", async () => {
    const metrics = new NodeMetrics("provider");
    metrics.observer.transaction("sent", "commit");
    metrics.observer.transaction("sent", "commit");
    metrics.observer.rpc("chain_rate_limited");
    expect(await lines(metrics, "infernet_transactions_total")).to.deep.equal(['infernet_transactions_total{event="sent",action="commit",role="provider"} 2']);
    expect(await lines(metrics, "infernet_rpc_requests_total")).to.deep.equal(['infernet_rpc_requests_total{outcome="chain_rate_limited",role="provider"} 1']);
  });

  it("show that a state has ended", async () => {
    const metrics = new NodeMetrics("provider");
    metrics.setStates("shards", { executing: 2, ready: 1 });
    metrics.setStates("shards", { ready: 3 });
    expect(await lines(metrics, "infernet_shards")).to.deep.equal(['infernet_shards{state="executing",role="provider"} 0', 'infernet_shards{state="ready",role="provider"} 3']);
  });
});
