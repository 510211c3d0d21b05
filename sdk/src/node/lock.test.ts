import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { expect } from "chai";
import { lockDirectory } from "./lock.ts";
import { useDirectory } from "./testing/directory.ts";

describe("directory lock", function () {
  this.timeout(20_000);
  const at = useDirectory();

  it("is held by one at a time", () => {
    const first = lockDirectory(at("data"));
    expect(() => lockDirectory(at("data"))).to.throw(new RegExp(`process ${process.pid} since`)).with.property("code", "data_dir_locked");
    first.release();
    first.release();
    using second = lockDirectory(at("data"));
    expect(second.directory).to.equal(at("data"));
  });

  it("keeps other processes out, and is free again when its holder is killed", async () => {
    const source = `import { lockDirectory } from ${JSON.stringify(new URL("./lock.ts", import.meta.url).href)};
      globalThis.lock = lockDirectory(process.argv[1]); console.log("locked"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", source, at("data")], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    await once(child.stdout, "data");
    expect(() => lockDirectory(at("data"))).to.throw(new RegExp(`process ${child.pid} since`)).with.property("code", "data_dir_locked");
    child.kill("SIGKILL");
    await exited;
    using lock = lockDirectory(at("data"));
    expect(lock.directory).to.equal(at("data"));
  });

  it("refuses a path that cannot be a directory", () => {
    writeFileSync(at("file"), "");
    expect(() => lockDirectory(at("file"))).to.throw().with.property("code", "data_dir_invalid");
  });
});
