import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../process/root.ts";

describe("the Containerfile", () => {
  const lines = readFileSync(join(ROOT, "Containerfile"), "utf8").split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const all = (word: string) => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { engines: { node: string }; workspaces: string[] };

  it("copies what is there: every workspace, its manifest before its sources", () => {
    const sources = all("COPY").flatMap((line) => line.split(" ").slice(0, -1));
    for (const source of sources) expect(existsSync(join(ROOT, source)), source).to.equal(true);
    for (const workspace of manifest.workspaces) {
      expect(sources).to.include(workspace);
      expect(sources.indexOf(`${workspace}/package.json`)).to.be.within(0, sources.indexOf(workspace));
    }
  });

  it("runs the command line under the Node.js that it needs, not as root, and keeps /data", () => {
    expect(`>=${/^docker\.io\/library\/node:(\d+)-/.exec(all("FROM")[0]!)![1]}`).to.equal(manifest.engines.node);
    const [entry] = all("ENTRYPOINT").map((line) => JSON.parse(line) as string[]);
    expect(existsSync(join(ROOT, entry!.at(-1)!.replace(/^\/opt\/infernet\//, "")))).to.equal(true);
    expect([all("USER"), all("VOLUME"), all("STOPSIGNAL")]).to.deep.equal([["node"], ["/data"], ["SIGTERM"]]);
  });
});
