import { expect } from "chai";
import { terminalSvg } from "./svg.ts";

describe("the picture of a terminal", () => {
  it("keeps text, spaces and colours, and nothing that is markup", () => {
    const svg = terminalSvg("\u001b[1mTitle\u001b[22m\n  \u001b[31ma<b & c\u001b[39m  end\n\u001b[2Kplain\n", "npm run demo");
    expect(svg).to.contain('<tspan font-weight="bold">Title</tspan>').and.contain('  <tspan fill="#ff7b72">a&lt;b &amp; c</tspan>  end').and.contain(">plain</text>").and.contain("$ npm run demo");
    expect(svg).not.to.contain("\u001b");
  });
});
