import { expect } from "chai";
import { concat, equalBytes, fromBase64, fromHex, fromUtf8, isAddress, isHex32, toBase64, toHex, utf8, word } from "./bytes.ts";

describe("bytes", () => {
  it("turn into hex and back", () => {
    expect(toHex(Uint8Array.of(0, 255))).to.equal("0x00ff");
    expect(fromHex("0x00Ff")).to.deep.equal(Uint8Array.of(0, 255));
    for (const bad of ["00ff", "0x0", "0xzz", ""]) expect(() => fromHex(bad)).to.throw().with.property("code", "invalid_argument");
  });

  it("turn into base64 and back, in the canonical spelling only", () => {
    for (const text of ["", "f", "fo", "foo", "foob"]) expect(toBase64(utf8(text))).to.equal(Buffer.from(text).toString("base64"));
    expect(fromUtf8(fromBase64("Zm9vYg=="))).to.equal("foob");
    for (const bad of ["Zm9vYg", "Zm9vYh==", "Zm9v Yg==", "Zm9v-_==", "=", "Z"]) expect(() => fromBase64(bad)).to.throw().with.property("code", "invalid_argument");
  });

  it("refuse text that is not UTF-8, and keep a byte order mark", () => {
    expect(() => fromUtf8(Uint8Array.of(0xc3, 0x28))).to.throw(TypeError);
    expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).to.equal("\ufeffa");
  });

  it("make EVM words", () => {
    expect(toHex(word(258))).to.equal(`0x${"00".repeat(30)}0102`);
    expect(toHex(word(2n ** 256n - 1n))).to.equal(`0x${"ff".repeat(32)}`);
    expect(() => word(-1)).to.throw(/uint256/);
    expect(() => word(2n ** 256n)).to.throw(/uint256/);
  });

  it("are compared and joined", () => {
    expect(concat([utf8("a"), utf8(""), utf8("bc")])).to.deep.equal(utf8("abc"));
    expect(equalBytes(utf8("ab"), utf8("ab"))).to.equal(true);
    expect(equalBytes(utf8("ab"), utf8("abc"))).to.equal(false);
    expect(equalBytes(utf8("ab"), utf8("aa"))).to.equal(false);
  });

  it("are recognised in hex", () => {
    expect(isHex32(`0x${"ab".repeat(32)}`)).to.equal(true);
    expect(isHex32(`0x${"AB".repeat(32)}`)).to.equal(false);
    expect(isHex32(`0x${"ab".repeat(31)}`)).to.equal(false);
    expect(isAddress(`0x${"Ab".repeat(20)}`)).to.equal(true);
    expect(isAddress(1)).to.equal(false);
  });
});
