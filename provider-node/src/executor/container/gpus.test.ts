import { expect } from "chai";
import { gpuArguments, isGpuName } from "./gpus.ts";

describe("GPUs of a container", () => {
  it("are named by CDI or as the nvidia runtime numbers them, and never look like another argument", () => {
    for (const name of ["nvidia.com/gpu=0", "nvidia.com/gpu=GPU-8d3c7a52", "amd.com/gpu=1", "nvidia:0", "nvidia:GPU-8d3c7a52"]) expect(isGpuName(name), name).to.equal(true);
    for (const name of ["", "0", "all", "/dev/sda", "/dev/sda:/dev/sda=rwm", "nvidia.com/gpu=", "nvidia.com/gpu=0 --privileged", "nvidia:0,1", "a/b=c\n", `x/y=${"0".repeat(200)}`]) expect(isGpuName(name), name).to.equal(false);
  });

  it("are given one by one, and withheld from an image that asks the nvidia runtime for them", () => {
    expect(gpuArguments("podman", ["nvidia.com/gpu=0", "nvidia.com/gpu=1"])).to.include.members(["--device=nvidia.com/gpu=0", "--device=nvidia.com/gpu=1"]);
    expect(gpuArguments("podman", [])).to.deep.equal(["--env=NVIDIA_VISIBLE_DEVICES=void"]);
    expect(gpuArguments("docker", ["nvidia:0", "nvidia:2"])).to.include.members(["--runtime=nvidia", "--env=NVIDIA_VISIBLE_DEVICES=0,2"]);
  });

  it("are refused where the engine cannot give them", () => {
    expect(() => gpuArguments("podman", ["nvidia:0"])).to.throw().with.property("code", "config_invalid");
    expect(() => gpuArguments("docker", ["nvidia:0", "nvidia.com/gpu=1"])).to.throw().with.property("code", "config_invalid");
  });
});
