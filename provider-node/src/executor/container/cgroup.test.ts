import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { CgroupMeter, cgroupMounts, Cgroups, type CgroupMount } from "./cgroup.ts";

describe("cgroups", function () {
  this.timeout(30_000);
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "infernet-cgroup-"))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const put = (path: string, files: Record<string, string | number>) => {
    mkdirSync(join(root, path), { recursive: true });
    for (const [name, value] of Object.entries(files)) writeFileSync(join(root, path, name), `${value}\n`);
  };
  const one = (controller: string): CgroupMount => ({ version: 1, controllers: ["rw", controller], root: "/", folder: join(root, controller) });
  const v2 = (): CgroupMount => ({ version: 2, controllers: [], root: "/", folder: join(root, "unified") });

  it("are found where they are mounted, also beside each other", () => {
    const mounts = cgroupMounts("29 25 0:26 / /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory\n30 25 0:27 /docker/x /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n31 25 0:28 / /proc rw - proc proc rw\n");
    expect(mounts).to.deep.equal([
      { version: 1, controllers: ["rw", "memory"], root: "/", folder: "/sys/fs/cgroup/memory" },
      { version: 2, controllers: [], root: "/docker/x", folder: "/sys/fs/cgroup/unified" },
    ]);
    expect(new Cgroups(mounts).version).to.equal(1);
    expect(new Cgroups([mounts[1]!]).folder("/docker/x/y", "memory")).to.equal("/sys/fs/cgroup/unified/y");
    expect(new Cgroups([mounts[1]!]).folder("/docker", "memory")).to.equal(undefined);
  });

  it("tell limits in version 1", () => {
    const cgroups = new Cgroups(["memory", "pids", "cpu"].map(one));
    put("memory/a", { "memory.limit_in_bytes": 100, "memory.memsw.limit_in_bytes": 150 });
    put("pids/a", { "pids.max": "max" });
    put("cpu/b", { "cpu.cfs_quota_us": 50000, "cpu.cfs_period_us": 100000 });
    expect(cgroups.limits("4:memory:/a\n3:pids:/a\n2:cpu,cpuacct:/b\n0::/\n")).to.deep.equal({ memoryBytes: 100, swapBytes: 50, processes: Infinity, cpus: 0.5 });
    expect(cgroups.limits("0::/a\n")).to.deep.equal({ memoryBytes: undefined, swapBytes: undefined, processes: undefined, cpus: undefined });
  });

  it("tell limits in version 2", () => {
    put("unified/a", { "memory.max": 100, "memory.swap.max": 0, "pids.max": 64, "cpu.max": "150000 100000" });
    put("unified/b", { "memory.max": "max", "cpu.max": "max 100000" });
    const cgroups = new Cgroups([v2()]);
    expect(cgroups.limits("0::/a\n")).to.deep.equal({ memoryBytes: 100, swapBytes: 0, processes: 64, cpus: 1.5 });
    expect(cgroups.limits("0::/b\n")).to.deep.equal({ memoryBytes: Infinity, swapBytes: undefined, processes: undefined, cpus: Infinity });
  });

  it("tell in version 2 what containers have used, and whether one of their processes was killed for memory", () => {
    put("unified/slot", { "cpu.stat": "usage_usec 2500\nuser_usec 1", "memory.events": "oom 0\noom_kill 3" });
    put("unified/slot/container", { "cgroup.procs": "7\n8" });
    put("unified/slot/conmon", { "cgroup.procs": "9" });
    const meter = new CgroupMeter(new Cgroups([v2()]), "/slot");
    expect(meter.cpuMicros()).to.equal(2500);
    expect(meter.pids()).to.have.members([7, 8]);
    const killed = meter.watchMemory(100);
    expect(killed()).to.equal(false);
    put("unified/slot", { "memory.events": "oom 1\noom_kill 4" });
    expect(killed()).to.equal(true);
  });

  it("tell in version 1 what containers have used", () => {
    put("cpuacct/slot", { "cpuacct.usage": 2_500_000 });
    put("memory/slot", { "memory.max_usage_in_bytes": 99 });
    const meter = new CgroupMeter(new Cgroups(["memory", "cpuacct"].map(one)), "/slot");
    expect(meter.cpuMicros()).to.equal(2500);
    expect(meter.watchMemory(1 << 30)()).to.equal(false);
    expect(new CgroupMeter(new Cgroups([]), "/slot").cpuMicros()).to.equal(undefined);
  });
});
