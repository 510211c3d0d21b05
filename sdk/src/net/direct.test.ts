import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lpStream } from "@libp2p/utils";
import { multiaddr } from "@multiformats/multiaddr";
import { expect } from "chai";
import { z } from "zod";
import { InfernetError, isInfernetError } from "../core/index.ts";
import { createHeliaStore, type HeliaContentStore } from "../storage/helia/index.ts";
import { createDirect, type Direct } from "./direct.ts";
import { defineProtocol } from "./protocol.ts";

const shout = defineProtocol({
  name: "/infernet/test-shout/1",
  request: z.strictObject({ text: z.string() }),
  response: z.strictObject({ loud: z.string(), from: z.string() }),
  maxRequestBytes: 1000,
  maxResponseBytes: 2000,
  timeoutMs: 20_000,
});

describe("direct messages", function () {
  this.timeout(30_000);
  let directory: string;
  let a: HeliaContentStore;
  let b: HeliaContentStore;
  let asker: Direct;
  let server: Direct;
  let addresses: string[];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "infernet-direct-"));
    [a, b] = await Promise.all([createHeliaStore({ directory: join(directory, "a") }), createHeliaStore({ directory: join(directory, "b") })]);
    [asker, server] = [createDirect(a.libp2p), createDirect(b.libp2p)];
    addresses = b.addresses();
  });

  after(async () => {
    await Promise.all([a.stop(), b.stop()]);
    await rm(directory, { recursive: true, force: true });
  });

  let stopServing = async () => {};
  const serve = async (handler: Parameters<typeof server.serve<typeof shout.request, typeof shout.response>>[1]) => {
    stopServing = await server.serve(shout, handler);
  };
  afterEach(async () => {
    await stopServing();
    stopServing = async () => {};
  });

  const failure = async (call: Promise<unknown>): Promise<InfernetError> => {
    const error: unknown = await call.then(() => undefined, (reason: unknown) => reason);
    if (!isInfernetError(error)) throw new Error(`expected a typed error, got ${String(error)}`);
    return error;
  };

  it("carry a question and its answer, and say who asks", async () => {
    await serve(async ({ text }, { peerId }) => ({ loud: text.toUpperCase(), from: peerId }));
    expect(await asker.call(addresses, shout, { text: "hello" })).to.deep.equal({ loud: "HELLO", from: a.peerId });
    const many = await Promise.all(Array.from({ length: 8 }, (_, i) => asker.call(addresses, shout, { text: `n${i}` })));
    expect(many.map(({ loud }) => loud)).to.deep.equal(Array.from({ length: 8 }, (_, i) => `N${i}`));
  });

  it("carry typed errors, and keep defects to themselves", async () => {
    await serve(async () => {
      throw new InfernetError("quote_refused", "too many items");
    });
    const refused = await failure(asker.call(addresses, shout, { text: "" }));
    expect(refused).to.include({ code: "quote_refused", message: "too many items" });
    expect(refused.details).to.deep.equal({ remote: true });
    await stopServing();
    await serve(async () => {
      throw new Error("secret path /root/x");
    });
    expect(await failure(asker.call(addresses, shout, { text: "" }))).to.include({ code: "internal", message: "the node could not answer" });
  });

  it("refuse what does not fit, on both sides", async () => {
    await serve(async () => ({ loud: "x".repeat(5000), from: "" }));
    expect((await failure(asker.call(addresses, shout, { text: "x".repeat(5000) }))).code).to.equal("invalid_message");
    expect((await failure(asker.call(addresses, shout, { text: 1 } as never))).code).to.equal("invalid_message");
    const large = await failure(asker.call(addresses, shout, { text: "" }));
    expect(large.code).to.equal("invalid_message");
    expect(large.message).to.match(/at most 2000/);
  });

  it("a server survives garbage and a message beyond the limit", async () => {
    await serve(async ({ text }) => ({ loud: text, from: "" }));
    for (const bytes of [new Uint8Array([0xff, 0xff]), new Uint8Array(5000)]) {
      const stream = await a.libp2p.dialProtocol(multiaddr(addresses[0]!), shout.name);
      const frames = lpStream(stream);
      await frames.write(bytes).catch(() => {});
      await frames.read().catch(() => {});
      stream.abort(new Error("done"));
    }
    expect((await asker.call(addresses, shout, { text: "still here" })).loud).to.equal("still here");
  });

  it("end by timeout, abort, or because nobody is there", async () => {
    const stuck = Promise.withResolvers<{ loud: string; from: string }>();
    await serve(() => stuck.promise);
    expect((await failure(asker.call(addresses, { ...shout, timeoutMs: 200 }, { text: "" }))).code).to.equal("peer_timeout");
    const controller = new AbortController();
    const call = failure(asker.call(addresses, shout, { text: "" }, { signal: controller.signal }));
    controller.abort();
    expect((await call).code).to.equal("aborted");
    stuck.resolve({ loud: "", from: "" });
    const nobody = addresses[0]!.replace(/tcp\/\d+/, "tcp/1");
    const fresh = await createHeliaStore({ directory: join(directory, "c") });
    expect((await failure(createDirect(fresh.libp2p).call([nobody], shout, { text: "" }))).code).to.equal("peer_unreachable");
    await fresh.stop();
    expect((await failure(asker.call([], shout, { text: "" }))).code).to.equal("invalid_argument");
  });
});
