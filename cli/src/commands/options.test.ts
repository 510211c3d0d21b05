import { expect } from "chai";
import { amountOption, formatAmount, integerOption, secondsOption } from "./options.ts";

describe("options of the command line", () => {
  it("take whole numbers within bounds only", () => {
    const parse = integerOption(1, 10);
    expect(parse("10")).to.equal(10);
    for (const text of ["0", "11", "1.5", "-1", "x", "", "1e1"]) expect(() => parse(text), text).to.throw("whole number");
  });

  it("take seconds", () => {
    expect(secondsOption("0.5")).to.equal(0.5);
    for (const text of ["0", "-1", "61", "x"]) expect(() => secondsOption(text), text).to.throw("seconds");
  });

  it("take amounts in units of the token", () => {
    const usdc = amountOption(6);
    expect(usdc("1.5")).to.equal(1_500_000n);
    expect(usdc("0.000001")).to.equal(1n);
    expect(usdc("12")).to.equal(12_000_000n);
    for (const text of ["1.0000001", "-1", "", ".5", "1e6"]) expect(() => usdc(text), text).to.throw("amount");
  });

  it("print amounts without loss", () => {
    for (const [amount, text] of [[0n, "0"], [1n, "0.000001"], [1_500_000n, "1.5"], [-20_000_000n, "-20"]] as const) expect(formatAmount(amount, 6)).to.equal(text);
  });
});
