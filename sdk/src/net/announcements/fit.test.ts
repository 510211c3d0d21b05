import { expect } from "chai";
import { announcementDocument, announcementSchema, type Announcement } from "../../core/index.ts";
import { fitted } from "./fit.ts";
import { describe as selfOf, Registry } from "./testing/registry.ts";

const digest = (n: number) => `0x${String(n).padStart(64, "0")}` as const;
const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

describe("what is announced", () => {
  const small: Announcement = { version: 1, ...new Registry().realm, ...selfOf(1), sequence: 1, issuedAt: 1, expiresAt: 2, peerId: "12D3KooWQYV9dGMFoRzNStwpXztXaBUjtPqi6aU76ZgUriHhKust", multiaddrs: ["/ip4/127.0.0.1/tcp/4001"] };

  it("is everything where it fits", () => expect(fitted(small)).to.deep.equal(small));

  it("is as much as fits of a node that has more of everything than anybody may say", () => {
    const whole: Announcement = {
      ...small,
      multiaddrs: many(20, (n) => `/dns4/${"x".repeat(200)}${n}/tcp/4001`),
      executors: many(20, (n) => `executor ${n}`),
      pools: many(40, digest),
      models: many(40, digest),
      benchmarks: many(9, (n) => ({ workload: "w".repeat(120), module: digest(n), itemsPerSecond: 1.5, cpuSecondsPerItem: 0.1, concurrency: 1, measuredAt: 1 })),
      hardware: { ...small.hardware, gpus: many(30, (n) => ({ model: `GPU ${n}`.padEnd(120, "x"), count: 1, vramMiB: 1, driver: "d".repeat(120) })) },
    };
    const announcement = fitted(whole);
    expect(announcementSchema.parse(announcement)).to.deep.equal(announcement);
    expect(announcementDocument.encode({ announcement, signature: "0".repeat(256) }).length).to.be.within(3_000, 4_096);
    for (const list of ["multiaddrs", "executors", "pools", "models", "benchmarks"] as const) expect(announcement[list], list).to.not.deep.equal([]);
  });
});
