import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { DemoReport } from "../../cli/src/demo/report.ts";
import { infernet, inDirectory } from "./command.ts";
import { expectedDigits, resultsOf } from "./expected.ts";

const ITEMS = 48;

describe("the demo", function () {
  this.timeout(300_000);

  const demo = async (directory: string, ...args: string[]): Promise<DemoReport> => {
    const report = join(directory, "report.json");
    const { code, stderr, stdout } = await infernet("demo", "--dir", join(directory, "run"), "--report", report, ...args);
    expect(code, `${stderr}\n${stdout}`).to.equal(0);
    return JSON.parse(readFileSync(report, "utf8")) as DemoReport;
  };

  const sound = (report: DemoReport, items: number, shards: number) => {
    expect(report).to.include({ items, shards, agreedShards: shards, refundedShards: 0, conserved: true, receiptValid: true, complete: true });
    expect(report.conservation.filter(({ holds }) => !holds)).to.deep.equal([]);
    expect(report.paid).to.be.greaterThan(0);
    for (const part of Object.values(report.gas)) expect(part).to.be.greaterThan(0);
    for (const part of Object.values(report.seconds)) expect(part).to.be.greaterThan(0);
  };

  it("slashes nobody where everybody is honest", () =>
    inDirectory(async (directory) => {
      const report = await demo(directory, "--workload", "digits", "--items", String(ITEMS), "--shard-size", "12", "--providers", "4", "--liars", "0", "--silent", "0");
      sound(report, ITEMS, 4);
      expect(report).to.deep.include({ replicas: 2, conflictShards: 0, slashes: [] });
      expect(resultsOf(report.outputPath)).to.deep.equal(expectedDigits(ITEMS));
    }));

  it("returns the right output in spite of two liars and a silent one, and slashes only them", () =>
    inDirectory(async (directory) => {
      const report = await demo(directory, "--workload", "digits", "--items", String(ITEMS), "--shard-size", "6", "--providers", "10", "--liars", "2", "--silent", "1");
      sound(report, ITEMS, 8);
      expect(resultsOf(report.outputPath)).to.deep.equal(expectedDigits(ITEMS));
      const offences = new Map(report.slashes.map(({ node, offence }) => [node, offence]));
      for (const offence of offences.values()) expect(["wrong result", "commit without reveal"]).to.include(offence);
      expect([...offences.values()].filter((offence) => offence === "wrong result").length).to.be.at.most(2);
      expect([...offences.values()].filter((offence) => offence === "commit without reveal").length).to.be.at.most(1);
    }));

  it("embeds the user's own texts with MiniLM, in order, and finds what is near", () =>
    inDirectory(async (directory) => {
      const input = join(directory, "own.jsonl");
      const output = join(directory, "vectors.jsonl");
      const texts = ["how do I compress a file?", "zip and gunzip archives", "the cat sat on the mat", "", "日本語のテキスト 🙂"];
      writeFileSync(input, texts.map((text, i) => `${JSON.stringify({ custom_id: `mine-${i}`, method: "POST", url: "/v1/embeddings", body: { model: "all-MiniLM-L6-v2", input: text } })}\n`).join(""));
      const report = await demo(directory, "--input", input, "--output", output, "--shard-size", "2", "--providers", "6", "--liars", "1", "--silent", "0");
      sound(report, texts.length, 3);
      const lines = readFileSync(output, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as { custom_id: string; response: { body: { data: { embedding: number[] }[] } } });
      expect(lines.map(({ custom_id }) => custom_id)).to.deep.equal(texts.map((_, i) => `mine-${i}`));
      const [question, archive, cat] = lines.map(({ response }) => response.body.data[0]!.embedding);
      const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
      expect(question).to.have.length(384);
      expect(dot(question!, archive!)).to.be.greaterThan(dot(question!, cat!) + 0.2);
    }));

  it("refuses what makes no sense, and says why", async () => {
    for (const [args, reason] of [
      [["--liars", "5", "--silent", "4"], "more than 8 providers"],
      [["--replicas", "3", "--providers", "2"], "3 replicas need"],
      [["--items", "0"], "whole number"],
      [["--input", "/nowhere/at/all.txt"], "cannot read /nowhere/at/all.txt"],
    ] as const) {
      const { code, stderr } = await infernet("demo", ...args);
      expect([code, stderr.includes(reason)], stderr).to.deep.equal([2, true]);
    }
  });
});
