import { expect } from "chai";
import { CHUNK_BYTES, sha256, utf8 } from "../../core/index.ts";
import { createBadPeer, MISCONDUCTS, type BadPeer } from "./bad-peer.ts";
import { PATIENT, refused, sampleBytes } from "./samples.ts";
import { testStores, type OpenStore } from "./stores.ts";

const TITLES = {
  wrong: "sends wrong bytes for a CID",
  silent: "claims to have everything and sends nothing",
  endless: "sends a message without end",
  flood: "sends blocks that nobody asked for, without end",
} as const;

/** What a content store promises when peers mean harm. */
export function badPeerCompliance(name: string, open: OpenStore): void {
  describe(name, function () {
    this.timeout(60_000);
    const stores = testStores();
    const bad: BadPeer[] = [];
    afterEach(async () => {
      await Promise.all(bad.splice(0).map((peer) => peer.stop()));
    });

    for (const misconduct of MISCONDUCTS) {
      it(`gives up in time on a peer that ${TITLES[misconduct]}, and gets the content from another`, async () => {
        const peer = await createBadPeer(misconduct);
        bad.push(peer);
        const [reader, honest] = await Promise.all([stores.open(open), stores.open(open)]);
        await refused(reader.getDocument(sha256(utf8("nobody has it")), { from: peer.addresses, timeoutMs: 1500 }), "content_timeout");
        await peer.asked;
        const file = sampleBytes("honest", CHUNK_BYTES + 1);
        const digest = await honest.putFile(file);
        expect(sha256(await reader.getFile(digest, { ...PATIENT, from: [...peer.addresses, ...honest.addresses()] }))).to.equal(sha256(file));
        expect(await reader.has(sha256(utf8("nobody has it")), "document")).to.equal(false);
      });
    }
  });
}
