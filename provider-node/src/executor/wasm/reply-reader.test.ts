import { expect } from "chai";
import { frameHead, MAX_REPLY_HEADER_BYTES, type Reply } from "./child/frames.ts";
import { ReplyReader } from "./reply-reader.ts";

const DONE: Reply = { kind: "done", outcome: "ok", detail: "", stderr: "", cpuMicros: 5 };
const frame = (reply: unknown, payload: Uint8Array): Uint8Array => Buffer.concat([frameHead(reply as Reply, payload.length), payload]);
const lengths = (header: number, payload: number): Uint8Array => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setUint32(0, header, true);
  new DataView(bytes.buffer).setUint32(4, payload, true);
  return bytes;
};

describe("ReplyReader", () => {
  const expecting = (max: number): ReplyReader => {
    const reader = new ReplyReader();
    reader.expect(max);
    return reader;
  };

  it("puts a reply together from chunks of any size", () => {
    const payload = Uint8Array.from({ length: 1000 }, (_, i) => i);
    const bytes = frame(DONE, payload);
    for (const size of [1, 3, 8, 9, 100, bytes.length]) {
      const reader = expecting(1000);
      const received = [];
      for (let at = 0; at < bytes.length; at += size) received.push(reader.push(bytes.subarray(at, at + size)));
      expect(received.at(-1)).to.deep.equal({ reply: DONE, payload });
      expect(received.slice(0, -1).every((one) => one === undefined)).to.equal(true);
    }
  });

  it("reads one reply after the other, also without payload", () => {
    const reader = expecting(0);
    expect(reader.push(frame({ kind: "ready", cpuMicros: 1 }, new Uint8Array(0)))?.reply.kind).to.equal("ready");
    reader.expect(2);
    expect(reader.push(frame(DONE, Uint8Array.of(1, 2)))?.payload).to.deep.equal(Uint8Array.of(1, 2));
  });

  it("refuses lengths beyond its limits before it allocates", () => {
    expect(() => expecting(10).push(lengths(20, 11))).to.throw(/beyond its limits/);
    expect(() => expecting(10).push(lengths(MAX_REPLY_HEADER_BYTES + 1, 0))).to.throw(/beyond its limits/);
    expect(() => expecting(10).push(lengths(0, 0))).to.throw(/empty header/);
  });

  it("refuses what nobody asked for", () => {
    expect(() => new ReplyReader().push(Uint8Array.of(1))).to.throw(/nobody asked/);
    expect(() => expecting(10).push(Buffer.concat([frame(DONE, new Uint8Array(1)), Uint8Array.of(0)]))).to.throw(/after the reply/);
    const reader = expecting(10);
    reader.push(frame(DONE, new Uint8Array(1)));
    expect(() => reader.push(Uint8Array.of(0))).to.throw(/nobody asked/);
  });

  it("refuses headers of another form", () => {
    for (const reply of [{ kind: "done" }, { ...DONE, outcome: "great" }, { ...DONE, cpuMicros: -1 }, { ...DONE, more: 1 }, [], null])
      expect(() => expecting(10).push(frame(reply, new Uint8Array(0)))).to.throw();
    expect(() => expecting(10).push(Buffer.concat([lengths(3, 0), Buffer.from("{{{")]))).to.throw(SyntaxError);
  });
});
