import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect } from "chai";
import { startKubo, type KuboDaemon } from "../../scripts/kubo/daemon.ts";
import { CHUNK_BYTES, fileDigest, toCid, utf8 } from "../../sdk/src/core/index.ts";
import { createKuboStore } from "../../sdk/src/storage/kubo/index.ts";
import type { ContentStore } from "../../sdk/src/storage/index.ts";
import { refused, sampleBytes } from "../../sdk/src/storage/testing/samples.ts";

describe("Kubo daemons that others use too", function () {
  this.timeout(60_000);
  let directory: string;
  let daemon: KuboDaemon;
  let store: ContentStore;
  const file = sampleBytes("shared daemon", 2 * CHUNK_BYTES + 5);
  const digest = fileDigest(file);
  const cid = toCid(digest, "file").toString();

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "infernet-kubo-"));
    daemon = await startKubo(join(directory, "repo"));
    store = await createKuboStore({ rpcUrl: daemon.rpcUrl, namespace: "one" });
  });
  afterEach(async () => {
    await store.stop();
    await daemon.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("name a file as Kubo's own `ipfs add` does with chunks of 1 MiB", async () => {
    await writeFile(join(directory, "file"), file);
    expect((await daemon.ipfs("add", "-Q", "--cid-version=1", "--raw-leaves", "--chunker=size-1048576", "--max-file-links=1024", join(directory, "file"))).trim()).to.equal(cid);
    expect(Buffer.compare(await store.getFile(digest), file)).to.equal(0);
  });

  it("keep a file that two stores have pinned until both let go of it", async () => {
    const other = await createKuboStore({ rpcUrl: daemon.rpcUrl, namespace: "two" });
    for (const each of [store, other]) {
      await each.putFile(file);
      await each.pin(digest, "file");
    }
    await store.unpin(digest, "file");
    await store.collectGarbage();
    await other.collectGarbage();
    expect(await other.has(digest, "file")).to.equal(true);
    await other.unpin(digest, "file");
    await other.collectGarbage();
    expect(await other.has(digest, "file")).to.equal(false);
    await other.stop();
  });

  it("keep what their operator has pinned by hand", async () => {
    await store.putFile(file);
    await daemon.ipfs("pin", "add", "--name=mine", cid);
    await store.pin(digest, "file");
    await store.unpin(digest, "file");
    await store.collectGarbage();
    expect(await store.has(digest, "file")).to.equal(true);
    expect(await daemon.ipfs("pin", "ls", "--names", "--type=recursive", cid)).to.include("mine");
  });

  it("keep what has just arrived when somebody else collects garbage, and let go of it at the store's own collection", async () => {
    const document = await store.putDocument(Uint8Array.of(0xa0));
    await store.putFile(file);
    await daemon.ipfs("repo", "gc");
    expect(await Promise.all([store.has(digest, "file"), store.has(document, "document")])).to.deep.equal([true, true]);
    await store.pin(document, "document");
    // Also what an earlier process had not pinned when it ended.
    const again = await createKuboStore({ rpcUrl: daemon.rpcUrl, namespace: "one" });
    await again.collectGarbage();
    expect(await Promise.all([again.has(digest, "file"), again.has(document, "document")])).to.deep.equal([false, true]);
    await again.stop();
  });

  it("show by name whose pins they hold", async () => {
    await store.putFile(file);
    await store.pin(digest, "file");
    expect(await daemon.ipfs("pin", "ls", "--names", "--type=recursive")).to.include(`infernet/one/pin/file/${digest}`);
  });

  it("exchange CAR files with Kubo's own commands", async () => {
    const path = join(directory, "content.car");
    await store.putFile(file);
    await writeFile(path, store.exportCar(digest, "file"));
    const second = await startKubo(join(directory, "second"));
    try {
      expect(await second.ipfs("dag", "import", path)).to.include(cid);
      const imported = await second.ipfs("dag", "stat", "--offline", "--progress=false", cid);
      expect(imported).to.include(cid);
    } finally {
      await second.stop();
    }
    await store.collectGarbage();
    await writeFile(join(directory, "file"), file);
    await daemon.ipfs("add", "-Q", "--pin=false", "--cid-version=1", "--raw-leaves", "--chunker=size-1048576", "--max-file-links=1024", join(directory, "file"));
    const car = (await daemon.ipfsBytes("dag", "export", "--progress=false", cid));
    await daemon.ipfs("repo", "gc");
    expect(await store.has(digest, "file")).to.equal(false);
    expect(await store.importCar((async function* () { yield car; })())).to.deep.equal({ digest, kind: "file" });
    expect(Buffer.compare(await store.getFile(digest), file)).to.equal(0);
  });

  it("go on when a store over them is stopped", async () => {
    await store.stop();
    await refused(store.putFile(utf8("x")), "store_closed");
    expect(await daemon.ipfs("id", "-f", "<id>")).to.equal(store.peerId);
  });

  it("that a test has started end with its process, even when that is killed", async () => {
    const parent = fork(join(import.meta.dirname, "orphan.ts"), [join(directory, "orphan")]);
    const [{ rpcUrl }] = (await once(parent, "message")) as [{ rpcUrl: string }];
    parent.kill("SIGKILL");
    while (await fetch(`${rpcUrl}/api/v0/version`, { method: "POST" }).then(() => true, () => false)) await setTimeout(20);
    expect(await readFile(join(directory, "orphan", "config"), "utf8")).to.include("PeerID");
  });
});
