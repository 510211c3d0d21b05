import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import { isInfernetError, type InfernetError } from "../core/index.ts";
import { lockAccount, signingScope } from "./account-lock.ts";

const source = `import { lockAccount } from ${JSON.stringify(new URL("./account-lock.ts", import.meta.url).href)};
  await lockAccount("test", process.argv[1]); console.log("locked"); setInterval(() => {}, 1000);`;

async function refusal(promise: Promise<unknown>): Promise<InfernetError> {
  const error: unknown = await promise.then(() => undefined, (thrown: unknown) => thrown);
  if (!isInfernetError(error)) throw error ?? new Error("must be refused");
  return error;
}

describe("account lock", function () {
  this.timeout(20_000);
  const account = `0xAbC${process.pid}`;

  it("lets one process sign with an account on a chain, however the account is spelled", async () => {
    const first = await lockAccount("test", account);
    const error = await refusal(lockAccount("test", account.toLowerCase()));
    expect(error.code).to.equal("key_in_use");
    expect(error.message).to.contain(account.toLowerCase());
    using other = await lockAccount("another chain", account);
    expect(other).to.have.property("release");
    first.release();
    first.release();
    using second = await lockAccount("test", account);
    expect(second).to.have.property("release");
  });

  it("tells development chains apart by their endpoint, however it is spelled, and public ones not at all", async () => {
    const [one, other] = [signingScope(31337, "http://127.0.0.1:8545"), signingScope(31337, "http://127.0.0.1:8546")];
    expect(one).to.not.equal(other);
    for (const url of ["http://127.0.0.1:8545/", "http://localhost:8545", "http://[::1]:8545", "ws://LOCALHOST:8545/"]) expect(signingScope("31337", url), url).to.equal(one);
    expect(signingScope(1337, "http://127.0.0.1:8545")).to.not.equal(one);
    expect(signingScope(1, "https://a.example/key")).to.equal(signingScope(1, "https://b.example"));
    using first = await lockAccount(one, account);
    using second = await lockAccount(other, account);
    expect([first, second]).to.have.length(2);
    expect((await refusal(lockAccount(signingScope(31337, "http://localhost:8545"), account))).code).to.equal("key_in_use");
    using longest = await lockAccount(signingScope(31337, `http://127.0.0.1:8545/${"k".repeat(500)}`), `0x${"a".repeat(40)}`);
    expect(longest).to.have.property("release");
  });

  it("keeps other processes out whatever their directories are, and is free again when its holder is killed", async () => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", source, account], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, TMPDIR: "/", XDG_RUNTIME_DIR: "/" } });
    const exited = once(child, "exit");
    await once(child.stdout, "data");
    expect((await refusal(lockAccount("test", account))).message).to.match(new RegExp(`^process ${child.pid} `));
    child.kill("SIGKILL");
    await exited;
    using lock = await lockAccount("test", account);
    expect(lock).to.have.property("release");
  });
});
