import { expect } from "chai";
import { getAddress, hexlify, id, Interface, toUtf8Bytes, ZeroAddress, ZeroHash } from "ethers";
import { erc20PermitAbi, errorsAbi, jobsAbi, parametersAbi, poolsAbi, slashingAbi, stakingAbi } from "../../generated/index.ts";
import type { ChainAction } from "../actions.ts";
import type { JobTerms } from "../terms.ts";
import { actionFromJson, actionToJson } from "./action-json.ts";
import { JOB_TOPICS, LogDecoder } from "./decode.ts";
import { parseDeployment } from "./deployment.ts";
import { encodeAction } from "./encode.ts";
import { revealsIn } from "./reveals.ts";
import { decodeRevert } from "./revert.ts";
import { encodeTerms, jobIdOf } from "./terms.ts";

const account = (label: string) => getAddress(id(label).slice(0, 42));
const hash = (label: string) => id(label) as `0x${string}`;
const deployment = parseDeployment({
  chainId: 31337, block: 3, ...Object.fromEntries(["token", "parameters", "staking", "pools", "randomness", "jobs", "slashing"].map((name) => [name, account(name).toLowerCase()])), usdc: "kept",
});
const terms: JobTerms = {
  client: account("client"), nonce: 2n ** 63n, parameters: 1, manifest: hash("manifest"), pool: hash("pool"), token: account("usdc"), shardReward: 2n ** 90n, items: 2 ** 33, itemsPerShard: 2 ** 23,
  unitsPerShard: 5n, replicas: 2, committeeWidth: 8, aggregator: 7, aggregatorFeeBps: 100, commitWindow: 60, revealWindow: 30, challengeWindow: 10, deadline: 2 ** 39,
};
const decoder = new LogDecoder(deployment);
const jobs = new Interface(jobsAbi);
const log = (address: string, contract: Interface, name: string, args: readonly unknown[]) => ({ address, ...contract.encodeEventLog(name, args) }) as Parameters<LogDecoder["decode"]>[0];

describe("decoding logs", () => {
  const opened = (locators: string, over: object = {}) =>
    log(deployment.jobs, jobs, "JobOpened", [hash("job"), terms.client, terms.pool, 5n, { ...encodeTerms(terms), ...over }, locators]);

  it("gives back the terms as they were, and locators that are some", () => {
    const text = "/dns4/a/tcp/1\n\nnonsense\n/with space\n/ip4/1.2.3.4/tcp/5\n" + "\u00ff";
    expect(decoder.decode(opened(hexlify(toUtf8Bytes(text))))).to.deep.equal({
      type: "job-opened", job: hash("job"), deposit: 5n, terms, locators: ["/dns4/a/tcp/1", "/ip4/1.2.3.4/tcp/5"],
    });
    expect(decoder.decode(opened("0xff2f61ff"))).to.have.property("locators").deep.equal([]);
    const many = Array.from({ length: 100 }, (_, i) => `/a/${i}`).join("\n");
    expect(decoder.decode(opened(hexlify(toUtf8Bytes(many))))).to.have.property("locators").with.length(16);
  });

  it("reads lanes of committees and payees by position", () => {
    const drawn = log(deployment.jobs, jobs, "BatchDrawn", [hash("job"), 3, (8n << 32n) | (1n << 16n) | 5n, 9]);
    expect(decoder.decode(drawn)).to.deep.equal({ type: "batch-drawn", job: hash("job"), batch: 3, committee: [4, 0, 7], slots: 9 });
    const finalised = log(deployment.jobs, jobs, "BatchFinalised", [hash("job"), 3, (11n << 224n) | 12n, (2n << 56n) | 16n]);
    expect(decoder.decode(finalised)).to.have.property("payees").deep.equal([{ node: 12, shards: 16 }, { node: 11, shards: 2 }]);
  });

  it("takes a round for the whole job as such", () => {
    expect(decoder.decode(log(deployment.jobs, jobs, "RoundArmed", [hash("job"), 0xffff, 7n, 8n]))).to.have.property("batch", "all");
    expect(decoder.decode(log(deployment.jobs, jobs, "RoundArmed", [hash("job"), 0x8000, 7n, 8n]))).to.have.property("batch", 0x8000);
  });

  it("skips what is not the protocol's, or of a later version of it", () => {
    const good = opened("0x");
    expect(decoder.decode({ ...good, address: account("somebody") })).to.equal(null);
    expect(decoder.decode({ ...good, topics: [hash("Other(uint256)")] })).to.equal(null);
    expect(decoder.decode({ ...good, topics: [] })).to.equal(null);
    expect(decoder.decode({ ...good, data: good.data.slice(0, 200) })).to.equal(null);
    expect(decoder.decode(log(deployment.jobs, jobs, "ShardChanged", [hash("job"), 1, 0, false, ZeroHash]))).to.equal(null); // no shard changes to "none"
  });

  it("asks for events of the protocol only, and for a job's by its topic", () => {
    expect(decoder.filter.address).to.have.members([deployment.jobs, deployment.slashing, deployment.staking, deployment.pools]);
    expect(JOB_TOPICS.first).to.include(jobs.getEvent("ShardChanged")!.topicHash).and.not.include(jobs.getEvent("Earned")!.topicHash);
    expect(JOB_TOPICS.first).to.include(new Interface(slashingAbi).getEvent("VerdictReached")!.topicHash);
    expect(JOB_TOPICS.first).to.not.include(JOB_TOPICS.second[0]);
  });
});

describe("encoding actions", () => {
  it("keeps them through the journal's JSON", () => {
    const action: ChainAction = { type: "register", operator: account("a"), payout: account("b"), profile: new Uint8Array([0, 255]), encryptionKey: hash("key") };
    expect(actionFromJson(JSON.parse(JSON.stringify(actionToJson(action))) as never)).to.deep.equal(action);
    expect(actionFromJson(actionToJson({ ...action, profile: Buffer.from([0, 255]) }))).to.deep.equal(action);
    const open: ChainAction = { type: "open", terms, quote: null, locators: ["/a"], deposit: 2n ** 100n };
    expect(actionFromJson(actionToJson(open))).to.deep.equal(open);
  });

  it("opens with the deposit in one transaction, by permit where there is one", () => {
    const open: ChainAction = { type: "open", terms, quote: null, locators: ["/a", "/b"], deposit: 9n };
    const inner = (data: string) => [...(jobs.parseTransaction({ data })!.args[0] as string[])].map((part) => jobs.parseTransaction({ data: part })!);
    const [deposit, opening] = inner(encodeAction(open, deployment).data);
    expect([deposit!.name, ...deposit!.args]).to.deep.equal(["deposit", terms.token, terms.client, 9n]);
    expect(opening!.args.getValue("locators")).to.equal(hexlify(toUtf8Bytes("/a\n/b")));
    const permit = { deadline: 1n, v: 27, r: hash("r"), s: hash("s") };
    expect(inner(encodeAction(open, deployment, permit).data)[0]!.name).to.equal("depositWithPermit");
    expect(jobs.parseTransaction(encodeAction({ ...open, deposit: 0n }, deployment))!.name).to.equal("open");
  });

  it("refuses locators that do not fit", () => {
    const open: ChainAction = { type: "open", terms, quote: null, locators: ["/".padEnd(1025, "a")], deposit: 0n };
    expect(() => encodeAction(open, deployment)).to.throw().with.property("code", "invalid_argument");
  });

  it("finds reveals in plain calls and in multicalls, and nothing in noise", () => {
    const reveal: ChainAction = { type: "reveal", terms, batch: 2, position: 1, roots: [hash("root")], dataDigest: hash("data"), salt: hash("salt") };
    const { data } = encodeAction(reveal, deployment);
    const found = [{ job: jobIdOf(31337, deployment.jobs, terms), batch: 2, position: 1, roots: [hash("root")], dataDigest: hash("data"), salt: hash("salt") }];
    expect(revealsIn(deployment, data)).to.deep.equal(found);
    expect(revealsIn(deployment, jobs.encodeFunctionData("multicall", [[data, data]]))).to.deep.equal([...found, ...found]);
    for (const noise of ["0x", "0x12345678", data.slice(0, 300)]) expect(revealsIn(deployment, noise)).to.deep.equal([]);
  });
});

describe("reading a deployment", () => {
  it("gives checksummed addresses and keeps what it does not know", () => {
    expect(deployment.jobs).to.equal(account("jobs"));
    expect(deployment.usdc).to.equal("kept");
    expect(() => parseDeployment({ ...deployment, jobs: "0x12" })).to.throw().with.property("message").match(/jobs/);
  });
});

describe("decoding reverts", () => {
  it("knows every custom error of the contracts", () => {
    const known = new Set(errorsAbi.map(({ name }) => name as string));
    for (const abi of [jobsAbi, slashingAbi, poolsAbi, stakingAbi, parametersAbi, erc20PermitAbi])
      for (const fragment of abi as readonly { type: string; name?: string }[]) if (fragment.type === "error") expect(known.has(fragment.name!), fragment.name).to.equal(true);
  });

  it("names arguments, in a form that survives JSON", () => {
    const data = new Interface(errorsAbi).encodeErrorResult("JobsNotSeated", [hash("job"), 3, 4, account("caller")]);
    expect(decodeRevert(data)).to.deep.equal({ reason: "JobsNotSeated", args: { job: hash("job"), batch: "3", position: "4", caller: account("caller") } });
  });

  it("knows messages and panics, and takes anything else as it is", () => {
    const builtIn = new Interface(["error Error(string message)", "error Panic(uint256 code)"]);
    expect(decodeRevert(builtIn.encodeErrorResult("Error", ["no"]))).to.deep.equal({ reason: "Error", args: { message: "no" } });
    expect(decodeRevert(builtIn.encodeErrorResult("Panic", [17]))).to.deep.equal({ reason: "Panic", args: { code: "17" } });
    for (const data of ["0x", "0x1234", `0x08c379a0${"ff".repeat(40)}`, `${hash("x").slice(0, 10)}${ZeroAddress.slice(2)}`]) expect(decodeRevert(data).reason).to.equal("unknown");
  });
});
