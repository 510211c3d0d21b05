import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { CHUNK_BYTES, sha256, type Digest } from "../../core/index.ts";
import { sampleBytes } from "../testing/samples.ts";
import { createHeliaStore } from "./index.ts";
import type { PeerCommand } from "./testing/peer-process.ts";

interface Answer {
  readonly addresses?: string[];
  readonly digest?: Digest;
  readonly sha256?: Digest;
}

describe("Helia stores in separate processes", function () {
  this.timeout(60_000);
  let directory: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "infernet-peers-"));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await rm(directory, { recursive: true, force: true });
  });

  const peer = async (name: string) => {
    const child = fork(join(import.meta.dirname, "testing/peer-process.ts"), [join(directory, name)]);
    children.push(child);
    const answer = async () => (await once(child, "message"))[0] as Answer;
    const { addresses = [] } = await answer();
    const ask = async (command: PeerCommand) => {
      const answered = answer();
      child.send(command);
      return answered;
    };
    return { child, addresses, ask };
  };

  it("pass a file from one to the next, survive kill -9 with what they hold, and end by themselves", async () => {
    const bytes = 2 * CHUNK_BYTES;
    const expected = sha256(sampleBytes("between processes", bytes));
    const [first, second, third] = await Promise.all([peer("1"), peer("2"), peer("3")]);
    const { digest } = await first.ask({ do: "put", label: "between processes", bytes });
    expect(await second.ask({ do: "get", digest: digest!, from: first.addresses })).to.deep.equal({ sha256: expected });

    const killed = once(first.child, "exit");
    first.child.kill("SIGKILL");
    await killed;
    expect(await third.ask({ do: "get", digest: digest!, from: second.addresses })).to.deep.equal({ sha256: expected });

    for (const { child, ask } of [second, third]) {
      const exited = once(child, "exit");
      void ask({ do: "stop" });
      expect(await exited).to.deep.equal([0, null]);
    }
    const reopened = await createHeliaStore({ directory: join(directory, "1") });
    try {
      expect(sha256(await reopened.getFile(digest!))).to.equal(expected);
    } finally {
      await reopened.stop();
    }
  });
});
