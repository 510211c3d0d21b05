import { expect } from "chai";
import { mountDefects, unenforced, type ProcessFacts } from "./confinement.ts";
import type { CgroupLimits } from "./cgroup.ts";

const LIMITS = { memoryBytes: 1 << 26, cpus: 0.5, processes: 64, scratchBytes: 1 << 20, seconds: 10 };
const MOUNTS = `
73 48 0:40 / / ro,relatime - overlay overlay rw,lowerdir=/a,upperdir=/b,workdir=/c
75 73 0:43 / /tmp rw,nosuid,nodev - tmpfs tmpfs rw,size=1024k
74 73 0:44 / /proc rw,nosuid,nodev,noexec - proc proc rw
76 73 0:45 / /dev rw,nosuid,noexec - tmpfs tmpfs rw,size=65536k,mode=755
80 76 0:39 / /dev/shm rw,nosuid - tmpfs shm rw,size=1024k
81 73 254:0 /x /etc/hostname ro,nosuid - ext4 /dev/vda rw
`;
const facts: ProcessFacts = {
  cgroup: "",
  status: ["Uid:\t65534\t65534\t65534\t65534", "CapInh:\t0000", "CapPrm:\t0000", "CapEff:\t0000", "CapBnd:\t0000", "CapAmb:\t0000", "NoNewPrivs:\t1", "Seccomp:\t2"].join("\n"),
  mountinfo: MOUNTS,
  limits: "Max open files            1024                 1024                 files",
  networkDevices: "Inter-| Receive\n face |bytes\n    lo:       0       0\n",
  namespaces: { net: "1", mnt: "2", pid: "3", ipc: "4", uts: "5" },
};
const own: ProcessFacts = { ...facts, namespaces: { net: "a", mnt: "b", pid: "c", ipc: "d", uts: "e" } };
const inEffect: CgroupLimits = { memoryBytes: 1 << 26, swapBytes: 0, processes: 64, cpus: 0.5 };
const defects = (change: Partial<ProcessFacts>, limits: Partial<CgroupLimits> = {}) => unenforced({ ...facts, ...change }, own, LIMITS, { limits: () => ({ ...inEffect, ...limits }) });

describe("what the kernel says of a container", () => {
  it("has nothing to object to where all is in effect", () => expect(defects({})).to.deep.equal([]));

  const LACKS: Readonly<Record<string, readonly [Partial<ProcessFacts>, Partial<CgroupLimits>, RegExp]>> = {
    "a memory limit": [{}, { memoryBytes: 2 ** 63 }, /^memory limit \(asked for 67108864, the kernel has/],
    "an answer about memory": [{}, { memoryBytes: undefined }, /the kernel does not say/],
    "an end of swap": [{}, { swapBytes: 1 << 26 }, /^no swap/],
    "a limit of processes": [{}, { processes: Infinity }, /^limit of processes .*has no limit/],
    "a CPU limit": [{}, { cpus: undefined }, /^CPU limit/],
    "a limit of open files": [{ limits: "Max open files            1024                 524288               files" }, {}, /^limit of open files/],
    "an end of capabilities": [{ status: facts.status.replace("CapBnd:\t0000", "CapBnd:\t00ff") }, {}, /^no capabilities \(CapBnd/],
    "no new privileges": [{ status: facts.status.replace("NoNewPrivs:\t1", "NoNewPrivs:\t0") }, {}, /^no new privileges/],
    "a seccomp filter": [{ status: facts.status.replace("Seccomp:\t2", "Seccomp:\t0") }, {}, /^a seccomp filter/],
    "a user of its own": [{ status: facts.status.replace("Uid:\t65534", "Uid:\t0") }, {}, /^a user other than root/],
    "a network namespace": [{ namespaces: { ...facts.namespaces, net: "a" } }, {}, /net shared with the host/],
    "an empty network": [{ networkDevices: `${facts.networkDevices}  eth0:  1 2\n` }, {}, /^no network \(it has eth0\)/],
    "a read-only root": [{ mountinfo: MOUNTS.replace("/ / ro", "/ / rw") }, {}, /^limited space at \/ \(a writable overlay\)/],
  };
  for (const [what, [change, limits, message]] of Object.entries(LACKS))
    it(`misses ${what}`, () => {
      const found = defects(change, limits);
      expect(found).to.have.length(1);
      expect(found[0]).to.match(message);
    });

  it("misses limited space wherever a program could write", () => {
    const line = (options: string) => `1 2 0:3 / /scratch rw - ${options}`;
    for (const open of ["tmpfs tmpfs rw", "tmpfs tmpfs rw,size=2m", "tmpfs tmpfs rw,size=1g,mode=1777", "ext4 /dev/vda rw", "xfs /dev/vda rw"]) expect(mountDefects(line(open), 1 << 20), open).to.have.length(1);
    for (const bounded of ["tmpfs tmpfs rw,size=1m", "tmpfs tmpfs rw,size=1048576", "tmpfs tmpfs rw,mode=755", "devpts devpts rw"]) expect(mountDefects(line(bounded), 1 << 20), bounded).to.deep.equal([]);
  });
});
