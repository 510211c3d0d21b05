import { join } from "node:path";
import { expect } from "chai";
import { inDirectory, RunningCommand } from "./command.ts";

describe("Ctrl-C", function () {
  this.timeout(180_000);

  const demo = (directory: string) =>
    new RunningCommand(["demo", "--dir", join(directory, "run"), "--workload", "digits", "--items", "24", "--shard-size", "6", "--providers", "4", "--liars", "0", "--silent", "0"]);

  // Processes: the demo, the devnet with its guarded chain, a deployment; then five nodes, then the client.
  for (const [moment, pattern, processes] of [
    ["while the chain is deployed", /starting a local chain/, 5],
    ["while the nodes start", /starting 4 providers/, 9],
    ["while the job runs", /is funded/, 10],
  ] as const)
    it(`${moment} ends everything in an orderly way and leaves no process behind`, () =>
      inDirectory(async (directory) => {
        const command = demo(directory);
        try {
          await command.says(pattern);
          await command.running(processes);
          command.signal("SIGINT");
          const { code, stderr } = await command.ended;
          expect(code, stderr).to.equal(130);
          expect(command.processes()).to.deep.equal([]);
        } finally {
          await command.cleanUp();
        }
      }));

  it("a kill -9 of the demo ends its processes too", () =>
    inDirectory(async (directory) => {
      const command = demo(directory);
      try {
        await command.says(/is funded/);
        expect(command.processes().length).to.be.greaterThan(6);
        command.signal("SIGKILL");
        await command.ended;
        await command.gone();
      } finally {
        await command.cleanUp();
      }
    }));
});
