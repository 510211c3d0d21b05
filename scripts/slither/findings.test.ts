import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { complaints, parseExplanations, parseReport, type Finding } from "./findings.ts";

const contract = { type: "contract", name: "Jobs" };
const inContract = (name: string) => ({ type: "function", name, type_specific_fields: { parent: contract } });
const variable = { type: "variable", name: "seed", type_specific_fields: { parent: inContract("draw") } };
const detected = (check: string, impact: string, ...elements: object[]) => ({ check, impact, description: `${check} here\n`, elements });
const report = (...detectors: object[]) => ({ success: true, error: null, results: { detectors } });

const finding = (detector: string, where: string): Finding => ({ detector, where, impact: "Medium", what: `${detector} at line 7` });
const explained = (detector: string, where: string, count = 1) => ({ detector, where, count, why: "it is how the protocol works" });

describe("a report of Slither", () => {
  it("gives the findings of medium or above, and where they are", () => {
    const parsed = parseReport(report(detected("a", "High", inContract("open")), detected("b", "Medium", variable), detected("c", "Medium", contract), detected("d", "Low", contract), detected("e", "Informational")));
    expect(parsed).to.deep.equal([
      { detector: "a", impact: "High", where: "Jobs.open", what: "a here" },
      { detector: "b", impact: "Medium", where: "Jobs.draw", what: "b here" },
      { detector: "c", impact: "Medium", where: "Jobs", what: "c here" },
    ]);
  });

  it("keeps a finding that lies in no contract", () => {
    expect(parseReport(report(detected("a", "High", { type: "pragma", name: "^0.8.0" }), detected("b", "High"))).map(({ where }) => where)).to.deep.equal(["^0.8.0", "nowhere"]);
  });

  it("without findings has none", () => expect(parseReport({ success: true, error: null, results: {} })).to.deep.equal([]));

  it("that failed, or is none, is an error", () => {
    expect(() => parseReport({ success: false, error: "no such file", results: {} })).to.throw("no such file");
    for (const json of [null, [], {}, { success: true, error: null }, report({ check: "a" })]) expect(() => parseReport(json)).to.throw();
  });
});

describe("explanations of findings", () => {
  it("silence what they explain, and nothing else", () => {
    expect(complaints([finding("a", "Jobs.open")], [explained("a", "Jobs.open")])).to.deep.equal([]);
    for (const other of [explained("b", "Jobs.open"), explained("a", "Jobs.draw"), explained("a", "Jobs")]) {
      const [unexplained, stale, ...more] = complaints([finding("a", "Jobs.open")], [other]);
      expect(unexplained).to.match(/^a in Jobs\.open: 1 found, 0 explained\n\[Medium\] a at line 7$/);
      expect(stale).to.contain("no longer holds");
      expect(more).to.deep.equal([]);
    }
  });

  it("count the findings of a place: one more, or one fewer, is noticed", () => {
    const two = [finding("a", "Jobs.open"), finding("a", "Jobs.open")];
    expect(complaints(two, [explained("a", "Jobs.open", 2)])).to.deep.equal([]);
    expect(complaints(two, [explained("a", "Jobs.open")])).to.have.length(1).and.to.satisfy(([text]: string[]) => text!.startsWith("a in Jobs.open: 2 found, 1 explained"));
    expect(complaints(two, [explained("a", "Jobs.open", 3)])).to.have.length(1).and.to.satisfy(([text]: string[]) => text!.includes("3 explained, 2 found"));
  });

  it("of what is no longer found are complained about", () => {
    expect(complaints([], [explained("a", "Jobs.open")])).to.deep.equal(["a in Jobs.open: 1 explained, 0 found; the explanation no longer holds"]);
  });

  it("need a reason, and stand once for each place", () => {
    const entry = { detector: "a", where: "Jobs.open", why: "it is how the protocol works" };
    expect(parseExplanations([entry])).to.deep.equal([{ ...entry, count: 1 }]);
    for (const wrong of [{ ...entry, why: "fine" }, { ...entry, where: "" }, { ...entry, count: 1 }, { ...entry, count: 1.5 }, { ...entry, whi: "x" }, { detector: "a", where: "b" }]) expect(() => parseExplanations([wrong])).to.throw();
    expect(() => parseExplanations([entry, { ...entry, count: 2 }])).to.throw("explained twice: a in Jobs.open");
  });

  it("of this repository are in order", () => {
    const json: unknown = JSON.parse(readFileSync(join(import.meta.dirname, "../../contracts/slither.findings.json"), "utf8"));
    const keys = parseExplanations(json).map(({ detector, where }) => `${detector} ${where}`);
    expect(keys).to.deep.equal(keys.toSorted());
  });
});
