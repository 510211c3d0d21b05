import { expect } from "chai";
import { CHUNK_BYTES, fileBlocks, sha256, toCid, utf8, type Digest } from "../../core/index.ts";
import { refused, sampleBytes } from "../testing/samples.ts";
import { createKuboStore, type KuboStoreOptions } from "./index.ts";
import { failure, json, startFakeDaemon, type Answer, type FakeDaemon } from "./testing/fake-daemon.ts";

const MISSING = failure("block was not found locally (offline): ipld: could not find bafk");

describe("A Kubo store over a daemon that is not what it should be", () => {
  let daemon: FakeDaemon;
  const text = utf8("content");
  const digest = sha256(text);

  beforeEach(async () => {
    daemon = await startFakeDaemon();
  });
  afterEach(async () => daemon.stop());

  const open = (change: Partial<KuboStoreOptions> = {}) => createKuboStore({ rpcUrl: daemon.rpcUrl, namespace: "test", ...change });
  const send = (bytes: Uint8Array): Answer => (response) => response.end(bytes);
  const stat = (size: number, named: Digest = digest) => json({ Key: toCid(named, "document").toString(), Size: size });

  it("tells peers the addresses that all of them can dial, each with the peer id", async () => {
    const store = await open();
    expect(store.peerId).to.equal("12D3KooWGzBj5yyFsSuyhDh2EYXTyJ5Mkj8xLq8gpnmCGGdaYyRQ");
    expect(store.addresses()).to.deep.equal([`/ip4/127.0.0.1/tcp/4001/p2p/${store.peerId}`, `/dns4/example.org/tcp/4001/p2p/${store.peerId}`]);
  });

  it("says that it does not answer, asks for what it should allow, or that it is set up wrongly", async () => {
    await refused(createKuboStore({ rpcUrl: "http://127.0.0.1:1", namespace: "test" }), "store_unreachable");
    await refused(open({ namespace: "a b" }), "invalid_argument");
    daemon.answers["config"] = failure("failed to get config value: \"Internal.Bitswap.BroadcastControl\" not found");
    await refused(open(), "config_invalid");
    daemon.answers["config"] = json({ Key: "", Value: true });
    await refused(open(), "config_invalid");
    const { id } = daemon.answers;
    daemon.answers["id"] = (response, query, request) => (request.headers.authorization === "Bearer secret" ? id!(response, query, request) : failure("forbidden")(response, query, request));
    daemon.answers["config"] = json({ Key: "", Value: false });
    await refused(open(), "store_failed");
    await (await open({ authorization: "Bearer secret" })).stop();
    daemon.answers["id"] = send(utf8("<html>"));
    await refused(open({ authorization: "Bearer secret" }), "store_failed");
  });

  it("does not take other bytes for the content", async () => {
    const store = await open();
    daemon.answers["block/stat"] = stat(5);
    daemon.answers["cat"] = send(utf8("other"));
    await refused(store.getDocument(digest), "content_mismatch");
    await refused(store.has(digest, "document"), "content_mismatch");
    await refused(store.exportCar(digest, "document")[Symbol.asyncIterator]().next(), "content_mismatch");
  });

  it("leaves an answer that never ends as soon as it is longer than it may be", async () => {
    const store = await open();
    const closed = Promise.withResolvers<void>();
    daemon.answers["block/stat"] = stat(5);
    daemon.answers["cat"] = (response) => {
      const more = () => {
        while (response.write(new Uint8Array(65536)));
      };
      response.on("drain", more).on("close", closed.resolve);
      more();
    };
    await refused(store.getDocument(digest, { maxBytes: 1 << 18 }), "content_too_large");
    await closed.promise;
    await refused(store.has(digest, "document"), "content_too_large");
  });

  it("refuses by its size what is too large, and does not ask for its bytes", async () => {
    const store = await open();
    daemon.answers["block/stat"] = stat(2 ** 40);
    await refused(store.getDocument(digest), "content_too_large");
    await refused(store.getFile(digest), "content_too_large");
    expect(daemon.calls).to.not.include("cat");
  });

  it("gives up in time on an answer that never begins or never goes on", async () => {
    const store = await open();
    daemon.answers["block/stat"] = () => {};
    await refused(store.getDocument(digest, { timeoutMs: 50 }), "content_not_found");
    daemon.answers["swarm/peers"] = json({ Peers: [{ Addr: "/ip4/127.0.0.1/tcp/1", Peer: store.peerId }] });
    await refused(store.getDocument(digest, { timeoutMs: 50 }), "content_timeout");
    daemon.answers["block/stat"] = stat(7);
    daemon.answers["cat"] = (response) => response.write("con");
    await refused(store.getDocument(digest, { timeoutMs: 50 }), "content_timeout");
    const held = store.has(digest, "document");
    await store.stop();
    await refused(held, "store_closed");
  });

  it("says that it has gone", async () => {
    const store = await open();
    await daemon.stop();
    await refused(store.getDocument(digest), "store_unreachable");
    await refused(store.putDocument(text), "store_unreachable");
    await refused(store.has(digest, "document"), "store_unreachable");
    await refused(store.collectGarbage(), "store_unreachable");
    daemon = await startFakeDaemon();
  });

  it("notices that a block was stored under another name", async () => {
    const store = await open();
    daemon.answers["block/put"] = json({ Key: toCid(sha256(utf8("other")), "document").toString(), Size: 5 });
    await refused(store.putDocument(text), "store_failed");
  });

  it("reads no graph but that of a file: its root bounds what is asked for", async () => {
    const store = await open();
    const { digest: file, root } = fileBlocks(sampleBytes("graph", CHUNK_BYTES + 1));
    daemon.answers["block/stat"] = stat(root.length, file);
    daemon.answers["cat"] = (response, query) => (query.get("arg") === toCid(file, "chunk").toString() ? response.end(root) : response.end(utf8("not the chunk")));
    await refused(store.getFile(file), "content_mismatch");
    await refused(store.getFile(file, { maxBytes: CHUNK_BYTES }), "content_too_large");
    // A dag-pb node that links itself without being a file.
    const node = Uint8Array.of(0x0a, 0x02, 0x08, 0x01);
    daemon.answers["cat"] = send(node);
    daemon.answers["block/stat"] = stat(node.length, sha256(node));
    await refused(store.getFile(sha256(node)), "content_mismatch");
  });

  it("never removes a pin whose name only looks like ours", async () => {
    const store = await open();
    const [ours, theirs] = [toCid(sha256(utf8("ours")), "document").toString(), toCid(sha256(utf8("theirs")), "document").toString()];
    const pins = [{ Cid: ours, Type: "recursive", Name: "infernet/test/hold/file/0x00" }, { Cid: theirs, Type: "recursive", Name: "backup of infernet/test/hold/" }, { Cid: theirs, Type: "recursive" }];
    daemon.answers["pin/ls"] = (response) => response.end(pins.map((pin) => JSON.stringify(pin)).join("\n"));
    const removed: (string | null)[] = [];
    daemon.answers["pin/rm"] = (response, query, request) => {
      removed.push(query.get("arg"));
      json({ Pins: [query.get("arg")] })(response, query, request);
    };
    daemon.answers["repo/gc"] = (response) => response.end();
    await store.collectGarbage();
    expect(removed).to.deep.equal([ours]);
  });

  it("takes content for missing only when the daemon says so", async () => {
    const store = await open();
    daemon.answers["cat"] = MISSING;
    expect(await store.has(digest, "document")).to.equal(false);
    daemon.answers["cat"] = failure("input/output error");
    await refused(store.has(digest, "document"), "store_failed");
  });
});
