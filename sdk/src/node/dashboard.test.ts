import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { createHeliaStore } from "../storage/helia/index.ts";
import { NodeMetrics } from "./metrics.ts";
import { useDirectory } from "./testing/directory.ts";

interface Dashboard {
  readonly panels: readonly { readonly id: number; readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

describe("the Grafana dashboard", () => {
  const at = useDirectory();
  const { panels } = JSON.parse(readFileSync(join(import.meta.dirname, "../../../docs/monitoring/grafana.json"), "utf8")) as Dashboard;
  const shown = new Set(panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => [...expr.matchAll(/\b([a-z][a-z0-9_]*)\{/g)].map(([, name]) => name!))));

  it("shows only metrics that a node has, and all of Infernet's own", async () => {
    const metrics = new NodeMetrics("provider");
    metrics.collectProcess();
    const store = await createHeliaStore({ directory: at("content"), metrics: metrics.registry });
    try {
      const types = new Map((await metrics.registry.getMetricsAsJSON()).map(({ name, type }) => [name, String(type)]));
      const known = (name: string) => types.has(name) || types.get(name.replace(/_(bucket|sum|count)$/, "")) === "histogram";
      expect(shown.size).to.be.greaterThan(15);
      for (const name of shown) expect(known(name), name).to.equal(true);
      const own = [...types.keys()].filter((name) => name.startsWith("infernet_"));
      for (const name of own) expect(shown.has(name) || shown.has(`${name}_bucket`), name).to.equal(true);
    } finally {
      await store.stop();
    }
  });

  it("has panels with distinct ids and titles, each with something in it", () => {
    for (const field of ["id", "title"] as const) expect(new Set(panels.map((panel) => panel[field])).size).to.equal(panels.length);
    for (const { targets, title } of panels) expect(targets.length, title).to.be.greaterThan(0);
  });
});
