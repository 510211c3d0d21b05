import { expect } from "chai";
import { concat, utf8 } from "./bytes.ts";
import { bytesField, numberField, readFields, varint } from "./protobuf.ts";

describe("protobuf", () => {
  it("writes varints", () => {
    expect(varint(0)).to.deep.equal(Uint8Array.of(0));
    expect(varint(300)).to.deep.equal(Uint8Array.of(0xac, 0x02));
    expect(readFields(numberField(1, 2 ** 40 + 1))).to.deep.equal([{ field: 1, value: 2 ** 40 + 1 }]);
  });

  it("reads what it wrote, in order", () => {
    const message = concat([bytesField(2, utf8("ab")), numberField(20, 7), bytesField(2, utf8(""))]);
    expect(readFields(message)).to.deep.equal([{ field: 2, value: utf8("ab") }, { field: 20, value: 7 }, { field: 2, value: utf8("") }]);
  });

  it("refuses what is cut off, endless or of another wire type", () => {
    const bad = [[0x08], [0x0a, 5, 1], [0x08, ...new Array(10).fill(0x80)], [0x0d, 0, 0, 0, 0]];
    for (const bytes of bad) expect(() => readFields(Uint8Array.from(bytes))).to.throw(RangeError);
  });
});
