import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { isInfernetError } from "@infernet/sdk/core";
import { isRunning } from "../../provider-node/src/executor/compliance.ts";
import { ContainerExecutor } from "../../provider-node/src/executor/index.ts";
import { ociArchive, programImage, tarOf } from "../../provider-node/src/executor/testing/images.ts";
import { containerTask, digitsContainerTask, hostileImage } from "../../provider-node/src/executor/testing/programs.ts";
import { buildProgram, hostileSources } from "../../workloads/native/build.ts";
import { NodeFolders } from "./nodes.ts";

describe("the life of containers", function () {
  this.timeout(90_000);
  const folders = new NodeFolders();
  after(() => folders.remove());
  const failure = async (running: Promise<unknown>) => {
    const error: unknown = await running.then(() => undefined, (reason: unknown) => reason);
    return isInfernetError(error) ? error : expect.fail(`no error: ${String(error)}`);
  };

  /** What a program sees that runs in two layers, the second of which removes a file of the first. */
  async function show(executor: ContainerExecutor, config: object, gpus = 0): Promise<{ environment: string[] }> {
    const program = buildProgram(hostileSources("show", "native/hostile"));
    const layers = [await tarOf([["program", program], ["work/gone", "x"]]), await tarOf([["work/.wh.gone", ""], ["work/kept", "y"]])];
    const archive = await ociArchive(layers, { config: { Entrypoint: ["/program"], WorkingDir: "/work", ...config } }, true);
    const outcome = await executor.execute(containerTask(archive, 1, { gpus }));
    return JSON.parse(Buffer.from(outcome.output).toString()) as { environment: string[] };
  }

  it("removes at its start what a killed process has left, running containers included", async () => {
    const folder = folders.folder(0);
    const loop = spawn(process.execPath, [join(import.meta.dirname, "loop-forever.ts"), folder], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(loop.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    loop.kill("SIGKILL");
    await once(loop, "exit");
    expect(isRunning(pid)).to.equal(true);
    const executor = await folders.open();
    try {
      expect(isRunning(pid)).to.equal(false);
      // The image that was loaded to the end is good.
      expect(executor.images).to.have.length(1);
      expect((await executor.execute(containerTask(await hostileImage("honest"), 1))).status).to.equal("ok");
    } finally {
      await executor.close();
    }
  });

  it("need not be handed an image again that it holds", async () => {
    const executor = await folders.open();
    try {
      const task = containerTask(await hostileImage("exit"), 1);
      expect(executor.hold(task.module.digest)).to.equal(undefined);
      await executor.execute(task);
      using held = executor.hold(task.module.digest);
      expect(held).to.not.equal(undefined);
      expect((await executor.execute({ ...task, module: { ...task.module, bytes: new Uint8Array(0) } })).code).to.equal("exit");
    } finally {
      await executor.close();
    }
  });

  it("leaves no trace of containers when it closes", async () => {
    const executor = await folders.open();
    await executor.execute(containerTask(await hostileImage("honest"), 1));
    const [client, ...flags] = executor.engine.split(" ");
    await executor.close();
    const { stdout, status } = spawnSync(client!, [...flags, "ps", "--all", "--quiet"], { encoding: "utf8" });
    expect([status, stdout]).to.deep.equal([0, ""]);
  });

  it("keeps images up to its limit; those unused for longest go", async () => {
    const program = buildProgram(hostileSources("honest", "hostile"));
    const image = async (i: number) => programImage(program, { config: { Cmd: ["/program", String(i)] } });
    const [one, two, three] = [containerTask(await image(1), 1), containerTask(await image(2), 1), containerTask(await image(3), 1)];
    // Room for two: each unpacks to a tar of one small file.
    const bytes = (await tarOf([["program", program]])).length;
    const executor = await folders.open({ imageCacheBytes: 2 * bytes + 512 });
    try {
      for (const task of [one, two, one, three]) expect((await executor.execute(task)).status).to.equal("ok");
      expect(executor.images).to.have.members([one.module.digest, three.module.digest]);
      expect((await failure(executor.execute(containerTask(await programImage(new Uint8Array(4 * bytes)), 1)))).message).to.match(/unpacks to more/);
    } finally {
      await executor.close();
    }
  });

  it("runs what an OCI layout holds, with its environment and folder, as nobody", async () => {
    const executor = await folders.open();
    try {
      const { environment, ...rest } = await show(executor, { Env: ["GREETING=hello", "NVIDIA_VISIBLE_DEVICES=all"], User: "0", Volumes: { "/data": {} } });
      expect(rest).to.deep.equal({ folder: "/work", user: 65534, kept: 1, gone: 0 });
      expect(environment).to.include.members(["GREETING=hello", "HOME=/tmp", "NVIDIA_VISIBLE_DEVICES=void"]);
    } finally {
      await executor.close();
    }
  });

  it("has no result from a program that is not there, or a model file that the program could not read", async () => {
    const executor = await folders.open();
    try {
      const absent = await programImage(new Uint8Array(1), { config: { Cmd: ["/other"] } });
      expect((await failure(executor.execute(containerTask(absent, 1)))).code).to.equal("runtime_unavailable");
      const task = await digitsContainerTask();
      const secret = join(folders.directory, "secret.bin");
      copyFileSync(task.model[0]!.file, secret);
      chmodSync(secret, 0o600);
      const error = await failure(executor.execute({ ...task, model: [{ path: "digits.bin", file: secret }] }));
      expect([error.code, error.message]).to.satisfy(([code, message]: string[]) => code === "model_missing" && /chmod a\+r/.test(message!));
    } finally {
      await executor.close();
    }
  });

  it("declines what the operator does not give", async () => {
    const executor = await folders.open({ maxProcesses: 64, maxScratchBytes: 1 << 20, maxMemoryPages: 1024 });
    try {
      const image = await hostileImage("honest");
      for (const limits of [{ processes: 65 }, { scratchBytes: (1 << 20) + 1 }, { memoryPages: 1025 }, { gpus: 1 }])
        expect((await failure(executor.execute(containerTask(image, 1, limits)))).code, JSON.stringify(limits)).to.equal("runtime_unavailable");
    } finally {
      await executor.close();
    }
  });

  it("gives a program the GPUs that it asks for, by the names that the operator allows", async () => {
    // What the interface needs of a device is a description; this one puts a variable where a driver would put devices.
    const spec = "/etc/cdi/infernet-test.json";
    const device = (name: string) => ({ name, containerEdits: { env: [`DEVICE_${name.toUpperCase()}=here`] } });
    mkdirSync("/etc/cdi", { recursive: true });
    writeFileSync(spec, JSON.stringify({ cdiVersion: "0.3.0", kind: "infernet.test/gpu", devices: [device("one"), device("two"), device("three")] }));
    const executor = await folders.open({ gpus: ["infernet.test/gpu=one", "infernet.test/gpu=two"] });
    try {
      const devices = async (gpus: number) => (await show(executor, {}, gpus)).environment.filter((variable) => variable.startsWith("DEVICE_")).sort();
      expect(await devices(0)).to.deep.equal([]);
      expect(await devices(1)).to.have.length(1);
      expect(await devices(2)).to.deep.equal(["DEVICE_ONE=here", "DEVICE_TWO=here"]);
      const unknown = await failure(ContainerExecutor.open({ folder: folders.folder(7), gpus: ["infernet.test/gpu=four"] }));
      expect([unknown.code, unknown.message]).to.satisfy(([code, message]: string[]) => code === "runtime_unavailable" && /infernet\.test\/gpu=four/.test(message!));
    } finally {
      await executor.close();
      rmSync(spec);
    }
  });

  it("takes runc where podman's first choice does not start", async () => {
    const executor = await ContainerExecutor.open({ folder: folders.folder(6), runtime: join(import.meta.dirname, "fussy-podman.sh") });
    try {
      expect(executor.engine).to.contain("--runtime runc");
      expect((await executor.execute(containerTask(await hostileImage("honest"), 1))).status).to.equal("ok");
    } finally {
      await executor.close();
    }
  });

  it("does not start over an engine that is missing or does not enforce its limits, and says why", async () => {
    const missing = await failure(ContainerExecutor.open({ folder: folders.folder(8), runtime: "/nonexistent/podman" }));
    expect([missing.code, missing.message]).to.satisfy(([code, message]: string[]) => code === "runtime_unavailable" && /not installed/.test(message!));
    const careless = await failure(ContainerExecutor.open({ folder: folders.folder(9), runtime: join(import.meta.dirname, "careless-podman.sh") }));
    expect(careless.code).to.equal("runtime_unavailable");
    expect(careless.message).to.match(/memory limit \(asked for \d+, the kernel has \d+\)/).and.to.match(/limit of processes/).and.to.match(/no network \(it has/);
  });
});
