import { expect } from "chai";
import { dueActions, type DueAction } from "@infernet/sdk/node";
import { History, PARAMETERS } from "../../sdk/src/node/testing/history.ts";
import { ownShare, patienceBlocks } from "./patience.ts";
import { seatsOf } from "./seats.ts";

const nodeOf = (_pool: string, member: number) => member + 1;

describe("patience at the cranks", () => {
  it("puts the members of a committee in a queue", () => {
    const view = new History().draw(110, 0, [4, 2]).view();
    expect(patienceBlocks(view, seatsOf(view, 5, nodeOf), 5)).to.equal(2);
    expect(patienceBlocks(view, seatsOf(view, 3, nodeOf), 3)).to.equal(4);
  });

  it("queues for a draw no longer once a round has passed without one", () => {
    const again = new History().tell(110, { type: "round-armed", batch: "all", round: 9n, epoch: 11n }).view();
    for (let node = 0; node < 20; node++) expect(patienceBlocks(again, [], node)).to.equal(2);
  });

  it("spreads those without a seat, each always in the same place", () => {
    const view = new History().view();
    const places = Array.from({ length: 60 }, (_, node) => patienceBlocks(view, [], node));
    expect(places).to.deep.equal(Array.from({ length: 60 }, (_, node) => patienceBlocks(view, [], node)));
    expect(new Set(places)).to.have.property("size").that.is.at.least(8);
    expect(places.every((blocks) => blocks >= 2 && blocks <= 24)).to.equal(true);
  });

  it("brings a job to its draw without a seat, and turns everything with one", () => {
    const view = new History({ items: 4 * 64 }).draw(110, 0, [0, 1]).view();
    const actions = dueActions(view, 400, { parameters: PARAMETERS });
    const kinds = (list: readonly DueAction[]) => list.map(({ kind, dueSince }) => `${kind} ${dueSince}`);
    expect(kinds(actions)).to.deep.equal(["draw 100", "settle 140"]);
    expect(kinds(ownShare(actions, [], 6))).to.deep.equal(["draw 106"]);
    expect(kinds(ownShare(actions, seatsOf(view, 1, nodeOf), 2))).to.deep.equal(["draw 102", "settle 142"]);
  });
});
