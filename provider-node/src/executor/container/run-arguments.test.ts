import { expect } from "chai";
import { runArguments, type ContainerSpec } from "./run-arguments.ts";

const spec: ContainerSpec = {
  name: "n", node: "id", image: "localhost/i:1", seccomp: "/s.json", limits: { memoryBytes: 100, cpus: 1.5, processes: 64, scratchBytes: 65536, seconds: 2.5 },
  files: [{ source: "/models/a", target: "/model/a" }], gpus: [], cgroupParent: "/infernet-id/slot-0",
};

describe("the arguments of a container", () => {
  for (const engine of ["podman", "docker"] as const)
    it(`of ${engine} hold every limit, and nothing after the image`, () => {
      const args = runArguments(engine, spec, ["--device=nvidia.com/gpu=0"]);
      expect(args).to.include.members([
        "--pull=never", "--network=none", "--ipc=private", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--security-opt=seccomp=/s.json", "--user=65534:65534",
        "--memory=100b", "--memory-swap=100b", "--cpus=1.5", "--pids-limit=64", "--shm-size=65536b", "--log-driver=none", "--sig-proxy=false", "--stop-signal=KILL",
        "--volume=/models/a:/model/a:ro", "--cgroup-parent=/infernet-id/slot-0", "--label=org.infernet.node=id", "--device=nvidia.com/gpu=0",
      ]);
      expect(args.at(-1)).to.equal(spec.image);
      expect(args.filter((arg) => !arg.startsWith("--"))).to.deep.equal(["run", spec.image]);
      expect(args.some((arg) => /privileged$|=host$|SYS_/.test(arg))).to.equal(false);
    });

  it("keep podman from adding mounts and signals of its own, and end the container even if its node dies", () => {
    expect(runArguments("podman", spec, [])).to.include.members(["--read-only-tmpfs=false", "--image-volume=ignore", "--systemd=false", "--sdnotify=ignore", "--http-proxy=false", "--timeout=33"]);
  });
});
