import { expect } from "chai";
import { join } from "node:path";
import type { ChainEvent } from "@infernet/sdk/chain";
import { createLogger, Journal } from "@infernet/sdk/node";
import { Retention } from "./retention.ts";
import { journaledSeats, writeSeat } from "./seat-journal.ts";
import { digitsItems, firstSeat, Scene } from "./testing/scene.ts";
import { createWorker } from "./work.ts";

const log = createLogger({ name: "test", level: "silent" });

describe("Retention", function () {
  this.timeout(30_000);
  let scene: Scene;
  let journal: Journal;
  before(async () => {
    scene = await new Scene().open();
    journal = new Journal(join(scene.directory, "journal.sqlite"));
  });
  after(async () => {
    journal.close();
    await scene.close();
  });

  it("drops inputs when it sweeps, and results some time after their job has closed", async () => {
    const { terms, module } = await scene.publish(digitsItems(4), 2);
    const seat = firstSeat(terms);
    const output = writeSeat(journal, seat, await createWorker(scene.worker()).work(seat, { from: scene.client.addresses(), signal: new AbortController().signal }));
    const held = () => scene.store.has(output.dataDigest, "document");
    const retention = new Retention({ journal, store: scene.store, log, seconds: 10_000 });

    await retention.sweep(0);
    expect(await scene.store.has(module, "file")).to.equal(true);
    await retention.sweep(3600);
    expect(await scene.store.has(module, "file")).to.equal(false);
    retention.apply([{ type: "job-closed", job: seat.job.id, at: { time: 3600 } } as ChainEvent]);
    await retention.sweep(13_599);
    expect(await held()).to.equal(true);
    expect(journaledSeats(journal)).to.have.length(1);
    await retention.sweep(17_199);
    expect(await held()).to.equal(false);
    expect(journaledSeats(journal)).to.deep.equal([]);
  });
});
