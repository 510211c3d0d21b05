import { expect } from "chai";
import type { MembershipInfo } from "@infernet/sdk/chain";
import { createLogger } from "@infernet/sdk/node";
import { hex } from "../../sdk/src/node/testing/history.ts";
import { Draining } from "./draining.ts";

const POOL = hex("b001");
const log = createLogger({ name: "test", level: "silent" });
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A member of a pool, and a daemon that keeps its values over restarts. */
class Scene {
  paused = false;
  readonly drain = { wanted: false };
  readonly values = new Map<string, unknown>();
  looks = 0;

  daemon(): Draining {
    const membership = async () => {
      this.looks++;
      return { member: 4, next: { capacity: 1, paused: this.paused } } as MembershipInfo;
    };
    const journal = { value: (name: string) => this.values.get(name) as never, setValue: (name: string, value: unknown) => void this.values.set(name, value) };
    return new Draining({ port: { membership }, drain: this.drain, journal, log, pool: POOL, onFound: () => {} });
  }

  async due(daemon: Draining, time: number): Promise<string[]> {
    daemon.due(7, time);
    await turn();
    return daemon.due(7, time).map(({ key, action }) => `${action.type === "set-paused" && action.paused ? "pause" : "unpause"} ${key.split(":").at(-1)}`);
  }
}

describe("draining", () => {
  it("asks for nothing while nobody wants it, whatever the owner has done", async () => {
    const scene = new Scene();
    scene.paused = true;
    expect(await scene.due(scene.daemon(), 100)).to.deep.equal([]);
    expect(scene.looks).to.equal(0);
  });

  it("pauses, under one name until it is done, and unpauses when the wish is taken back, over restarts", async () => {
    const scene = new Scene();
    let daemon = scene.daemon();
    scene.drain.wanted = true;
    expect(await scene.due(daemon, 100)).to.deep.equal(["pause 100"]);
    expect(await scene.due(daemon, 130)).to.deep.equal(["pause 100"]);
    scene.paused = true;
    expect(await scene.due(daemon, 160)).to.deep.equal([]);
    daemon = scene.daemon();
    expect(await scene.due(daemon, 200)).to.deep.equal([]);
    scene.drain.wanted = false;
    expect(await scene.due(daemon, 201)).to.deep.equal(["unpause 201"]);
    scene.paused = false;
    expect(await scene.due(daemon, 230)).to.deep.equal([]);
    scene.drain.wanted = true;
    expect(await scene.due(daemon, 231)).to.deep.equal(["pause 231"]);
  });

  it("leaves a pause alone that was there before", async () => {
    const scene = new Scene();
    scene.paused = true;
    const daemon = scene.daemon();
    scene.drain.wanted = true;
    expect(await scene.due(daemon, 100)).to.deep.equal([]);
    scene.drain.wanted = false;
    expect(await scene.due(daemon, 130)).to.deep.equal([]);
  });
});
