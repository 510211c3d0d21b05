import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { expect } from "chai";
import { Journal } from "./journal.ts";
import { useDirectory } from "./testing/directory.ts";

describe("journal", () => {
  const at = useDirectory();
  const open = () => new Journal(at("journal.sqlite"));

  it("writes an intent down once; its first payload stands", () => {
    using journal = open();
    const first = journal.intend("commit:1", "commit", { salt: "0x01", roots: ["a"] });
    expect(first).to.deep.equal({ key: "commit:1", kind: "commit", payload: { salt: "0x01", roots: ["a"] }, state: "pending", result: null });
    expect(journal.intend("commit:1", "commit", { salt: "0x02" })).to.deep.equal(first);
    expect(journal.get("commit:1")).to.deep.equal(first);
    expect(journal.get("commit:2")).to.equal(undefined);
  });

  it("completes an intent once; its first result stands", () => {
    using journal = open();
    journal.intend("a", "commit", null);
    expect(journal.complete("a", { tx: "0x1" })).to.include({ state: "complete" }).with.deep.property("result", { tx: "0x1" });
    expect(journal.complete("a", { tx: "0x2" }).result).to.deep.equal({ tx: "0x1" });
    journal.intend("b", "commit", null);
    expect(journal.complete("b")).to.include({ state: "complete", result: null });
  });

  it("refuses another kind under a key, and completing what was never intended", () => {
    using journal = open();
    journal.intend("a", "commit", null);
    expect(() => journal.intend("a", "reveal", null)).to.throw().with.property("code", "journal_conflict");
    expect(() => journal.complete("b")).to.throw().with.property("code", "journal_conflict");
  });

  it("lists what is pending, oldest first, all or by kind", () => {
    using journal = open();
    for (const [key, kind] of [["z", "commit"], ["y", "reveal"], ["x", "commit"], ["w", "commit"]] as const) journal.intend(key, kind, null);
    journal.complete("x");
    const keys = (list: { key: string }[]) => list.map((intent) => intent.key);
    expect(keys(journal.pending())).to.deep.equal(["z", "y", "w"]);
    expect(keys(journal.pending("commit"))).to.deep.equal(["z", "w"]);
    expect(keys(journal.pending("claim"))).to.deep.equal([]);
    expect(keys(journal.list("commit"))).to.deep.equal(["z", "x", "w"]);
  });

  it("keeps named values", () => {
    using journal = open();
    expect(journal.value("cursor")).to.equal(undefined);
    journal.setValue("cursor", { block: 7 });
    journal.setValue("cursor", { block: 8 });
    expect(journal.value("cursor")).to.deep.equal({ block: 8 });
  });

  it("does several writes together or none of them", () => {
    using journal = open();
    journal.setValue("cursor", 1);
    expect(() =>
      journal.atomically(() => {
        journal.intend("a", "commit", null);
        journal.setValue("cursor", 2);
        throw new Error("crash");
      }),
    ).to.throw("crash");
    expect([journal.get("a"), journal.value("cursor")]).to.deep.equal([undefined, 1]);
    expect(journal.atomically(() => journal.intend("a", "commit", 5)).payload).to.equal(5);
  });

  it("is there again after a restart", () => {
    const before = open();
    before.intend("a", "commit", { n: 1 });
    before.intend("b", "commit", { n: 2 });
    before.complete("a", "done");
    before.setValue("cursor", 3);
    before.close();
    before.close();
    using journal = open();
    expect(journal.pending()).to.have.length(1).with.deep.nested.property("0.payload", { n: 2 });
    expect(journal.get("a")!.result).to.equal("done");
    expect(journal.value("cursor")).to.equal(3);
  });

  it("refuses a file that is no journal, or one of another version", () => {
    writeFileSync(at("text"), "this is not a database".repeat(100));
    expect(() => new Journal(at("text"))).to.throw().with.property("code", "journal_corrupt");
    expect(() => new Journal(at("missing/journal"))).to.throw().with.property("code", "journal_corrupt");
    open().close();
    const raw = new DatabaseSync(at("journal.sqlite"));
    raw.exec("PRAGMA user_version = 99");
    raw.close();
    expect(open).to.throw(/version 99/).with.property("code", "journal_corrupt");
  });

  it("says when the disk is full, and has lost nothing of what it acknowledged", async function () {
    this.timeout(60_000);
    // No file of the process may grow beyond 1 MiB: the kernel refuses the write, as it does on a full disk.
    const writer = ["-c", 'ulimit -f 1024; exec "$0" "$@"', process.execPath, join(import.meta.dirname, "testing/journal-writer.ts"), at("journal.sqlite"), "full"];
    const child = spawn("bash", writer, { stdio: ["ignore", "pipe", "pipe"] });
    const [said, complaint] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
    expect(Buffer.concat(complaint).toString()).to.contain("store_failed");
    const acknowledged = Buffer.concat(said).toString().trim().split("\n").map((line) => line.split(" ")[0]!);
    expect(acknowledged.length).to.be.greaterThan(10);
    using journal = open();
    for (const key of acknowledged) expect(journal.get(key), key).to.deep.include({ payload: { key } });
    journal.intend("later", "test", null);
    expect(journal.get("later")).to.include({ state: "pending" });
  });

  it("drops a torn end, and keeps what came before it", () => {
    const before = open();
    for (let n = 0; n < 10; n++) before.intend(`key ${n}`, "test", { n });
    // As it lies on the disk at a loss of power, the last page of the log half written.
    for (const suffix of ["", "-wal"]) copyFileSync(at(`journal.sqlite${suffix}`), at(`torn.sqlite${suffix}`));
    before.close();
    const { size } = statSync(at("torn.sqlite-wal"));
    writeFileSync(at("torn.sqlite-wal"), readFileSync(at("torn.sqlite-wal")).fill(0xa5, size - 2048));
    using journal = new Journal(at("torn.sqlite"));
    expect(journal.pending().map(({ key }) => key)).to.deep.equal(Array.from({ length: 9 }, (_, n) => `key ${n}`));
    expect(journal.intend("key 9", "test", "again")).to.deep.include({ payload: "again" });
  });

  it("holds every write that was acknowledged before kill -9, whenever that comes", async function () {
    this.timeout(60_000);
    let acknowledged = 0;
    for (const lines of [1, 2, 3, 7, 40]) {
      const child = spawn(process.execPath, [join(import.meta.dirname, "testing/journal-writer.ts"), at("journal.sqlite"), String(lines)], { stdio: ["ignore", "pipe", "inherit"] });
      const last = new Map<string, string>();
      let count = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        const [key, state] = line.split(" ") as [string, string];
        last.set(key, state);
        // Killed in the midst of its writing; what it still has in the pipe was acknowledged, too.
        if (++count === lines) child.kill("SIGKILL");
      }
      if (child.signalCode === null) await once(child, "exit");
      expect(child.signalCode).to.equal("SIGKILL");
      using journal = open();
      for (const [key, state] of last) {
        const intent = journal.get(key)!;
        expect(intent, `${key} was ${state} before the kill`).to.deep.include({ kind: "test", payload: { key } });
        // The kill may have come after the next write and before its acknowledgement.
        if (state === "complete") expect(intent).to.include({ state: "complete", result: `result of ${key}` });
      }
      expect(journal.pending().length, "at most the one in hand is pending in each round").to.be.at.most(5);
      acknowledged += last.size;
    }
    expect(acknowledged).to.be.greaterThan(20);
  });
});
