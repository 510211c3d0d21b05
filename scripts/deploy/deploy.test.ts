import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Contract, HDNodeWallet, JsonRpcProvider, Mnemonic, Wallet } from "ethers";
import { startAnvil, type Anvil } from "../../cli/src/devnet/anvil.ts";
import { BuildArtifacts } from "./artifacts.ts";
import { deployInfernet, writeDeployment, type Deployment } from "./deploy.ts";
import { keepPlan, predict } from "./plan.ts";
import { PRESETS, development, production } from "./presets.ts";
import { verifyDeployment } from "./verify.ts";

const MNEMONIC = Mnemonic.fromPhrase("test test test test test test test test test test test junk");
const artifacts = new BuildArtifacts("artifacts");

describe("deploying", function () {
  this.timeout(60_000);
  let folder: string;
  let anvil: Anvil;
  let provider: JsonRpcProvider;
  let deployment: Deployment;
  const wallet = new Wallet(HDNodeWallet.fromMnemonic(MNEMONIC).privateKey);
  const [holder, guardian] = [Wallet.createRandom().address, Wallet.createRandom().address];
  const expected = { preset: development, deployer: wallet.address, guardian, holder };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "infernet-deploy-"));
    const { signal } = new AbortController();
    anvil = await startAnvil({ port: 0, blockTime: 0.1, accounts: 1, stateFile: join(folder, "state.json"), logFile: join(folder, "log"), signal });
    provider = new JsonRpcProvider(anvil.rpcUrl, undefined, { batchMaxCount: 1, staticNetwork: true, cacheTimeout: -1, polling: true });
    deployment = await deployInfernet({ provider, wallet, preset: development, holder, guardian, journal: join(folder, "journal") });
  });

  after(async () => {
    provider.destroy();
    await anvil.stop();
    rmSync(folder, { recursive: true });
  });

  it("puts code at every predicted address", async () => {
    const { chainId, block, ...addresses } = deployment;
    expect(chainId).to.equal(31337);
    for (const [name, address] of Object.entries(addresses)) {
      expect((await provider.getCode(address)).length, name).to.be.greaterThan(2);
      expect(await provider.getCode(address, block), `${name} is older than ${block}`).to.equal("0x");
    }
  });

  it("names everything that differs from what was asked for", async () => {
    const other = { ...expected, guardian: holder, preset: { ...development, epochSeconds: 11, set: { ...development.set, bountyBps: 1 } } };
    let message = "";
    await verifyDeployment(provider, artifacts, deployment, other).catch((error: Error) => (message = error.message));
    expect(message).to.contain("parameters.guardian()").and.contain("pools.EPOCH()").and.contain("at(1).bountyBps is 5000, not 1");
    expect(message.split("\n")).to.have.length(4);
  });

  it("leaves the deployer nothing", async () => {
    const token = new Contract(deployment.token, artifacts.read("InfernetToken").abi, provider);
    expect(await token.getFunction("balanceOf")(wallet.address)).to.equal(0n);
    await verifyDeployment(provider, artifacts, deployment, expected);
  });

  it("goes on from its journal instead of deploying twice", async () => {
    const nonce = await provider.getTransactionCount(wallet.address);
    const again = await deployInfernet({ provider, wallet, preset: development, holder, guardian, journal: join(folder, "journal") });
    expect(again).to.deep.equal(deployment);
    expect(await provider.getTransactionCount(wallet.address)).to.equal(nonce);
  });

  it("sends nothing where a public chain's draws would depend on block hashes unasked", async () => {
    const nonce = await provider.getTransactionCount(wallet.address);
    let message = "";
    await deployInfernet({ provider, wallet, preset: production }).catch((error: Error) => (message = error.message));
    expect(message).to.contain("block hashes");
    expect(await provider.getTransactionCount(wallet.address)).to.equal(nonce);
  });

  it("refuses somebody else's plan", () => {
    const file = join(folder, "plan.json");
    const plan = { deployer: wallet.address, chainId: 1, nonce: 3, block: 4 };
    expect(keepPlan(file, plan)).to.deep.equal(plan);
    expect(keepPlan(file, { ...plan, nonce: 9, block: 9 })).to.deep.equal(plan);
    expect(() => keepPlan(file, { ...plan, chainId: 2 })).to.throw("belongs to");
    expect(predict(plan).InfernetTimelock).to.equal(predict({ ...plan, chainId: 2 }).InfernetTimelock);
  });

  it("writes the addresses as a file", () => {
    const file = join(folder, "deployments", "31337.json");
    writeDeployment(file, deployment);
    expect(JSON.parse(readFileSync(file, "utf8"))).to.deep.equal(deployment);
  });
});

describe("presets", () => {
  it("decide an appeal within its window", () => {
    for (const [name, p] of Object.entries(PRESETS)) {
      expect(p.votingDelay + p.votingPeriod + p.timelockDelay, name).to.be.lessThan(p.set.decisionWindow);
    }
  });

  it("hold a public chain to longer windows", () => {
    expect(production.set.minLargeChallengeWindow).to.equal(86_400);
    expect(production.set.unbonding).to.equal(14 * 86_400);
  });
});
