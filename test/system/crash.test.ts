import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { JobAnswer } from "../../cli/src/job/answer.ts";
import { audit } from "../../cli/src/demo/audit.ts";
import { infernet, RunningCommand, type Ended } from "./command.ts";
import { expectedDigits, resultsOf } from "./expected.ts";
import { TestNetwork } from "./network.ts";

const SAMPLES = join(import.meta.dirname, "../../workloads/digits/samples.jsonl");
const ITEMS = 24;

describe("kill -9 in the middle of a job", function () {
  this.timeout(240_000);
  let directory: string;
  let network: TestNetwork;
  let input: string;
  let jobs = 0;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "infernet-crash-"));
    network = new TestNetwork(directory, 5);
    await network.open();
    input = join(directory, "input.jsonl");
    writeFileSync(input, `${readFileSync(SAMPLES, "utf8").split("\n").slice(0, ITEMS).join("\n")}\n`);
  });

  after(async () => {
    await network.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const submit = () => new RunningCommand(network.jobArguments(input, join(directory, `output-${++jobs}.jsonl`)));

  const expectRight = ({ code, stderr }: Ended): JobAnswer => {
    expect(code, stderr).to.equal(0);
    const output = join(directory, `output-${jobs}.jsonl`);
    expect(resultsOf(output)).to.deep.equal(expectedDigits(ITEMS));
    return JSON.parse(readFileSync(`${output}.report`, "utf8")) as JobAnswer;
  };

  const expectNobodyLost = async (answer: JobAnswer) => {
    const { money, job } = await audit(network.devnet, answer.jobs, new AbortController().signal);
    expect(money.equations.filter(({ left, right }) => left !== right)).to.deep.equal([]);
    expect(job!.slashes).to.deep.equal([]);
  };

  it("of the aggregator: it comes back and the job finishes", async () => {
    const command = submit();
    try {
      await command.says(/is funded/);
      await network.restart("aggregator");
      await expectNobodyLost(expectRight(await command.ended));
    } finally {
      await command.cleanUp();
    }
  });

  it("of a provider that has been drawn: it comes back in time and loses nothing", async () => {
    const command = submit();
    try {
      const match = await command.says(/is computed {2}node (\d+)/);
      const victim = network.nodes.find(({ node }) => node === Number(match[1]))!;
      await network.restart(victim.child.name);
      await expectNobodyLost(expectRight(await command.ended));
    } finally {
      await command.cleanUp();
    }
  });

  it("of the client: the same command again takes the same job up", async () => {
    const command = submit();
    const opened = await command.says(/job (0x[0-9a-f]{64}) is funded/);
    command.signal("SIGKILL");
    await command.cleanUp();
    const again = await infernet(...network.jobArguments(input, join(directory, `output-${jobs}.jsonl`)));
    const answer = expectRight(again);
    expect(answer.jobs).to.deep.equal([opened[1]]);
    await expectNobodyLost(answer);
  });

  it("and Ctrl-C of the client: the job goes on, and the next run finds it finished", async () => {
    const command = submit();
    const opened = await command.says(/job (0x[0-9a-f]{64}) is funded/);
    command.signal("SIGINT");
    expect((await command.ended).code).to.equal(130);
    await command.cleanUp();
    const answer = expectRight(await infernet(...network.jobArguments(input, join(directory, `output-${jobs}.jsonl`))));
    expect(answer.jobs).to.deep.equal([opened[1]]);
  });

  it("a receipt verifies, and a changed one does not", async () => {
    const output = join(directory, `output-${jobs}.jsonl`);
    const receipt = join(directory, `output-${jobs}.receipt.json`);
    expect(existsSync(receipt)).to.equal(true);
    const chain = ["--devnet", join(directory, "chain")];
    expect((await infernet("receipt", "verify", receipt, "--output", output, ...chain)).code).to.equal(0);
    const forged = join(directory, "forged.receipt.json");
    writeFileSync(forged, readFileSync(receipt, "utf8").replace(/"deposit": ?"\d/, (text) => `${text}1`));
    const verdict = await infernet("receipt", "verify", forged, ...chain);
    expect(verdict.code, verdict.stdout).to.equal(4);
    copyFileSync(output, `${output}.changed`);
    writeFileSync(`${output}.changed`, readFileSync(output, "utf8").replace('"digit":', '"digit" :'));
    expect((await infernet("receipt", "verify", receipt, "--output", `${output}.changed`, ...chain)).code).to.equal(4);
  });
});
