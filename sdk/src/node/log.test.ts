import { readFileSync } from "node:fs";
import { expect } from "chai";
import { InfernetError } from "../core/index.ts";
import { withLogFields } from "./log-context.ts";
import { createLogger } from "./log.ts";
import { useDirectory } from "./testing/directory.ts";

describe("log", () => {
  const at = useDirectory();
  const lines = () => readFileSync(at("logs/a.log"), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
  const logger = (level: "info" | "debug" = "info") => createLogger({ name: "test", level, file: at("logs/a.log") });

  it("writes JSON with name, time and level", () => {
    const log = logger();
    log.info({ shard: 3 }, "executed");
    log.debug("left out");
    const [line, ...rest] = lines();
    expect(rest).to.deep.equal([]);
    expect(line).to.include({ level: "info", name: "test", pid: process.pid, shard: 3, msg: "executed" });
    expect(line.time).to.match(/^\d{4}-\d\d-\d\dT/);
  });

  it("writes errors with code, details and causes", () => {
    const cause = new TypeError("socket");
    logger().error({ err: new InfernetError("content_timeout", "late", { cause, details: { ms: 5 } }) }, "fetch failed");
    expect(lines()[0].err).to.deep.include({ code: "content_timeout", retryable: true, message: "late", details: { ms: 5 } });
    expect(lines()[0].err.cause).to.include({ name: "TypeError", message: "socket" });
    expect(lines()[0].err.stack).to.contain("log.test.ts");
  });

  it("carries the fields of whatever the lines are written in, however deep, and only there", async () => {
    const log = logger();
    await withLogFields({ job: "0x1" }, async () => {
      await null;
      withLogFields({ shard: 3 }, () => log.info("deep"));
      log.info({ job: "0x2", phase: "ready" }, "own field wins");
      log.info("own fields stay there");
    });
    log.info("outside");
    expect(lines().map(({ phase }) => phase)).to.deep.equal([undefined, "ready", undefined, undefined]);
    expect(lines().map(({ job, shard, msg }) => [job, shard, msg])).to.deep.equal([["0x1", 3, "deep"], ["0x2", undefined, "own field wins"], ["0x1", undefined, "own fields stay there"], [undefined, undefined, "outside"]]);
  });

  it("keeps secrets out", () => {
    logger().info({ password: "hunter2", config: { privateKey: "hunter2", rpcUrl: "x" } }, "started");
    const [line] = lines();
    expect(JSON.stringify(line)).to.not.contain("hunter2");
    expect(line).to.deep.include({ password: "[secret]", config: { privateKey: "[secret]", rpcUrl: "x" } });
  });
});
