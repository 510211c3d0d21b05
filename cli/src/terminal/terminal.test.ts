import { CommanderError } from "commander";
import { expect } from "chai";
import { InfernetError } from "@infernet/sdk/core";
import type { ShardProgress } from "@infernet/sdk/client";
import { exitCode } from "./failure.ts";
import { LiveLines } from "./live.ts";
import { toJson, type Output } from "./output.ts";
import { createShardView } from "./shard-table.ts";
import { columns, painter } from "./style.ts";

describe("what the terminal shows", () => {
  it("exit codes tell wrong use from bad luck", () => {
    const codes = (["config_invalid", "invalid_input", "chain_unreachable", "invalid_receipt", "aborted", "job_cancelled"] as const).map((code) => exitCode(new InfernetError(code, "")));
    expect(codes).to.deep.equal([2, 2, 3, 4, 130, 1]);
    expect([exitCode(new Error("x")), exitCode(new CommanderError(1, "c", "m")), exitCode(new CommanderError(0, "help", ""))]).to.deep.equal([1, 2, 0]);
  });

  it("amounts survive JSON", () => expect(toJson({ a: 2n ** 70n })).to.equal('{"a":"1180591620717411303424"}'));

  it("columns align, colours take no width", () => {
    const red = painter(true);
    expect(columns([["a", red("red", "xy"), "end"], ["long", "z", ""]]).map((line) => line.replaceAll(/\u001b\[\d+m/g, ""))).to.deep.equal(["a     xy  end", "long  z"]);
    expect(painter(false)("red", "x")).to.equal("x");
  });

  it("live lines are drawn over each other and cut to the terminal", () => {
    const written: string[] = [];
    const live = new LiveLines({ columns: 5, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream);
    live.draw(["one", "too long"]);
    live.draw(["two"]);
    expect(written[0]).to.contain("one\n").and.contain("too \n");
    expect(written[1]!.startsWith("\u001b[2A")).to.equal(true);
  });

  it("each change of a shard is one line where nobody watches", () => {
    const lines: string[] = [];
    const view = createShardView({ interactive: false, progress: (line: string) => lines.push(line) } as unknown as Output, (node) => `node ${node}`);
    const shard = (state: ShardProgress["state"], nodes: (number | undefined)[]): ShardProgress => ({ first: 0, count: 8, job: "0x00", shard: 0, state, nodes });
    view.update([shard("drawn", [1, undefined])]);
    view.update([shard("drawn", [1, undefined])]);
    view.update([shard("agreed", [1, 2])]);
    expect(lines).to.deep.equal(["items 0-7  is computed  node 1, ?", "items 0-7  agreed  node 1, node 2"]);
  });
});
