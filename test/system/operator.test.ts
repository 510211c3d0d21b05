import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect } from "chai";
import { rpc } from "../../cli/src/devnet/anvil.ts";
import { freePort } from "../../sdk/src/node/index.ts";
import type { Finding } from "../../cli/src/operator/doctor/finding.ts";
import type { Initialised } from "../../cli/src/operator/init.ts";
import type { Child } from "../../cli/src/process/children.ts";
import { infernet, RunningCommand, type Ended } from "./command.ts";
import { expectedDigits, resultsOf } from "./expected.ts";
import { TestNetwork } from "./network.ts";

const SAMPLES = join(import.meta.dirname, "../../workloads/digits/samples.jsonl");
const ITEMS = 12;
const INFER = 10n ** 18n;
const UNBONDING_SECONDS = 7200;

type Role = "provider" | "aggregator";
interface Status {
  readonly draining: boolean;
  readonly drained: boolean;
  readonly daemon: { readonly running: boolean; readonly readiness: { readonly ready: boolean } | null };
  readonly node: { readonly node: number; readonly owner: string; readonly stake: Record<string, string> };
  readonly memberships: readonly { readonly busy: number; readonly now: { readonly paused: boolean } }[];
  readonly earnings: readonly { readonly claimable: string; readonly claimed: string }[];
  readonly tickets: readonly { readonly amount: string }[];
}

/** An operator goes the whole way with the real commands: each test goes on where the one before has ended. */
describe("an operator, from nothing to the end", function () {
  this.timeout(480_000);
  this.bail(true);
  let directory: string;
  let network: TestNetwork;
  let input: string;
  const made: Partial<Record<Role, Initialised>> = {};
  const running: Partial<Record<Role, Child>> = {};

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "infernet-operator-"));
    network = new TestNetwork(directory, 1);
    await network.openChain();
    input = join(directory, "input.jsonl");
    writeFileSync(input, `${readFileSync(SAMPLES, "utf8").split("\n").slice(0, ITEMS).join("\n")}\n`);
  });
  after(async () => {
    await network.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const chain = () => ["--devnet", join(directory, "chain")];
  const owner = (role: Role) => ["--owner-key-file", join(network.devnet.keys, `${role}-1.owner.key`)];
  const config = (role: Role) => ["--config", made[role]!.config];
  const run = (role: Role, ...args: string[]) => infernet("--json", role, ...args, ...config(role));
  const asOwner = (role: Role, ...args: string[]) => run(role, ...args, ...owner(role));
  const done = ({ code, stdout, stderr }: Ended) => {
    expect(code, stderr).to.equal(0);
    return JSON.parse(stdout) as never;
  };
  const refused = ({ code, stderr }: Ended) => {
    expect(code, stderr).to.be.greaterThan(0);
    return (JSON.parse(stderr.trimEnd().split("\n").at(-1)!) as { error: { code: string; message: string; hint: string } }).error;
  };
  const status = async (role: Role): Promise<Status> => done(await run(role, "status"));
  const doctor = async (role: Role) => {
    const { code, stdout } = await run(role, "doctor");
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    const failures = findings.filter(({ verdict }) => verdict === "failed");
    expect(code, stdout).to.equal(failures.length === 0 ? 0 : 4);
    return Object.fromEntries(failures.map(({ name, fix }) => [name, fix!]));
  };
  const start = async (role: Role) => (running[role] = (await network.startNode(role, role, made[role]!.config)).child);
  const stop = async (role: Role, signal: NodeJS.Signals) => {
    running[role]!.kill(signal);
    return running[role]!.ended;
  };
  const job = (output: string) => infernet("--json", ...network.jobArguments(input, join(directory, output), { commit: 30, reveal: 15 }), "--replicas", "1");
  const call = (method: string, ...params: unknown[]) => rpc(network.devnet.rpcUrl, method, params);

  for (const role of ["aggregator", "provider"] as const)
    it(`init makes a ${role}, and doctor names what is missing`, async () => {
      expect(refused(await infernet("--json", role, "doctor", "--config", join(directory, "none"))).code).to.equal("not_ready");
      const ports = ["--p2p-port", String(await freePort()), "--metrics-port", String(await freePort())];
      const workload = role === "provider" ? ["--workload", "digits"] : [];
      made[role] = done(await infernet("--json", role, "init", ...chain(), "--dir", join(directory, `my ${role}`), ...ports, ...workload));
      expect(refused(await infernet("--json", role, "init", ...chain(), "--dir", join(directory, `my ${role}`), ...ports, ...workload)).message).to.contain("exists already");
      const { operator } = made[role]!;
      const missing = await doctor(role);
      expect(missing).to.have.keys("gas", "registration");
      expect(missing["gas"]).to.contain(operator);
      expect(missing["registration"]).to.contain(`infernet ${role} register`);
      done(await infernet("--json", "devnet", "fund", operator, "--dir", join(directory, "chain"), "--coins", "5"));
      expect(await doctor(role)).to.have.keys("registration");
      expect(refused(await asOwner(role, "stake", "1")).hint).to.contain(`infernet ${role} register`);
      expect(refused(await run(role, "register")).hint).to.contain("--owner-keystore");
    });

  it("the owner registers, stakes and joins, or gets the transactions to sign elsewhere; then doctor is content", async () => {
    const { operator } = made.provider!;
    const elsewhere = done(await run("provider", "register", "--unsigned", "0x00000000000000000000000000000000000000F1")) as { unsigned: { chainId: string; to: string; data: string }[] };
    expect(elsewhere.unsigned).to.have.length(1);
    expect(elsewhere.unsigned[0]).to.include({ chainId: "31337" });
    expect(elsewhere.unsigned[0]!.data.toLowerCase()).to.contain(operator.slice(2).toLowerCase());
    for (const role of ["aggregator", "provider"] as const) {
      expect(done(await asOwner(role, "register"))).to.include({ operator: made[role]!.operator });
      expect(done(await asOwner(role, "register"))).to.have.property("transactions").that.deep.equals([]);
    }
    expect(await doctor("provider")).to.have.keys("stake", "membership");
    const short = refused(await asOwner("provider", "join", "--capacity", "40"));
    expect(short).to.include({ code: "insufficient_stake" });
    expect(short.hint).to.contain("infernet provider stake 4;");
    done(await asOwner("provider", "stake", "4.5"));
    done(await asOwner("provider", "join", "--capacity", "40"));
    done(await asOwner("aggregator", "stake", "1000"));
    for (const role of ["aggregator", "provider"] as const) expect(await doctor(role)).to.deep.equal({});
  });

  for (const moment of ["before it has sent", "after it has sent"])
    it(`a stake whose command is killed ${moment} is made once, by the next one`, async () => {
      const before = await status("provider");
      const nonce = async () => Number(await call("eth_getTransactionCount", before.node.owner, "pending"));
      const sent = await nonce();
      const command = new RunningCommand(["provider", "stake", "1", ...config("provider"), ...owner("provider")]);
      await command.says(/sending: stake/);
      while (moment === "after it has sent" && (await nonce()) === sent) await setTimeout(5);
      await command.cleanUp();
      done(await asOwner("provider", "stake", "1"));
      const after = await status("provider");
      expect(BigInt(after.node.stake["free"]!) - BigInt(before.node.stake["free"]!)).to.equal(INFER);
    });

  it("they serve a job and earn", async () => {
    for (const role of ["aggregator", "provider"] as const) {
      await start(role);
      expect(await doctor(role)).to.deep.equal({});
      expect((await status(role)).daemon).to.have.nested.property("readiness.ready", true);
    }
    const ended = await job("first.jsonl");
    expect(ended.code, ended.stderr).to.equal(0);
    expect(resultsOf(join(directory, "first.jsonl"))).to.deep.equal(expectedDigits(ITEMS));
    const earned = async () => (await status("provider")).earnings.reduce((sum, { claimable, claimed }) => sum + BigInt(claimable) + BigInt(claimed), 0n);
    while ((await earned()) === 0n) await setTimeout(500); // paid after the challenge window
  });

  it("drained, they take no new work, over a kill -9, and say when nothing is left", async () => {
    for (const role of ["aggregator", "provider"] as const) expect(done(await run(role, "drain"))).to.include({ draining: true, running: true });
    await stop("provider", "SIGKILL");
    await start("provider");
    for (const role of ["aggregator", "provider"] as const) expect(done(await run(role, "drain", "--wait"))).to.include({ drained: true });
    expect((await status("provider")).memberships.map(({ busy }) => busy)).to.deep.equal([0]);
    expect(refused(await job("second.jsonl")).code).to.be.oneOf(["quote_refused", "no_aggregator", "pool_too_small"]);
    for (const role of ["aggregator", "provider"] as const) expect(done(await run(role, "resume"))).to.include({ draining: false });
    const membership = async () => (await status("provider")).memberships[0]!;
    while ((await membership()).now.paused) await setTimeout(500);
    const ended = await job("third.jsonl");
    expect(ended.code, ended.stderr).to.equal(0);
    for (const role of ["aggregator", "provider"] as const) done(await run(role, "drain", "--wait"));
    for (const role of ["aggregator", "provider"] as const) expect(await stop(role, "SIGTERM")).to.equal(0);
  });

  it("the stake comes out after its unbonding, all of it, and not before", async () => {
    expect(refused(await asOwner("provider", "unbond", "100")).code).to.equal("insufficient_stake");
    const unbonding = done(await asOwner("provider", "unbond", "--all", "--wait")) as { amount: string };
    expect(BigInt(unbonding.amount)).to.equal((65n * INFER) / 10n); // 4.5, and two more
    done(await asOwner("aggregator", "unbond", "1000"));
    expect(done(await asOwner("provider", "withdraw"))).to.deep.include({ tickets: [] });
    await call("evm_increaseTime", UNBONDING_SECONDS);
    for (const role of ["aggregator", "provider"] as const) {
      while ((done(await asOwner(role, "withdraw")) as { waiting: unknown[] }).waiting.length > 0) await setTimeout(500);
      const { node, tickets } = await status(role);
      expect(tickets).to.deep.equal([]);
      for (const [part, amount] of Object.entries(node.stake)) expect(amount, `${role} ${part}`).to.equal("0");
    }
  });
});
