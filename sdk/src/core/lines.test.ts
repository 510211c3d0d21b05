import { expect } from "chai";
import { fromUtf8, utf8 } from "./bytes.ts";
import { joinLines, splitLines } from "./lines.ts";
import { splitShards } from "./split.ts";

const limits = { maxLines: 3, maxLineBytes: 4 };
const texts = (lines: Uint8Array[]) => lines.map(fromUtf8);

describe("lines", () => {
  it("split and join", () => {
    expect(texts(splitLines(utf8("a\n\nbcde\n"), limits))).to.deep.equal(["a", "", "bcde"]);
    expect(splitLines(utf8(""), limits)).to.deep.equal([]);
    expect(fromUtf8(joinLines(["a", "", "b"].map(utf8)))).to.equal("a\n\nb\n");
  });

  it("refuse a last line without newline, too long a line, too many lines", () => {
    expect(() => splitLines(utf8("a\nb"), limits)).to.throw(/line 2 does not end/).with.property("code", "invalid_document");
    expect(() => splitLines(utf8("a\nbcdef\n"), limits)).to.throw(/line 2 is longer/).with.property("code", "document_too_large");
    expect(() => splitLines(utf8("\n\n\n\n"), limits)).to.throw(/more than 3/).with.property("code", "document_too_large");
    expect(() => joinLines([utf8("a\nb")])).to.throw(/line 1 holds a newline/);
  });
});

describe("split", () => {
  it("cuts items into shard files, the last one shorter, the same every time", () => {
    const items = ["1", "2", "3", "4", "5"].map(utf8);
    expect(splitShards(items, 2).map(fromUtf8)).to.deep.equal(["1\n2\n", "3\n4\n", "5\n"]);
    expect(splitShards(items, 9).map(fromUtf8)).to.deep.equal(["1\n2\n3\n4\n5\n"]);
    expect(splitShards(items, 2)).to.deep.equal(splitShards(items, 2));
  });

  it("refuses no items and shards of no items", () => {
    expect(() => splitShards([], 1)).to.throw(/no item/);
    for (const size of [0, -1, 1.5, NaN]) expect(() => splitShards([utf8("a")], size)).to.throw(/positive integer/);
  });
});
