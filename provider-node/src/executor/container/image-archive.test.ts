import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { expect } from "chai";
import { extract } from "tar-stream";
import { isInfernetError } from "@infernet/sdk/core";
import { dockerArchive, ociArchive, programImage, sha, tarOf, type TarEntry } from "../testing/images.ts";
import { normaliseArchive } from "./image-archive.ts";

const REFERENCE = "localhost/infernet-test:1";

describe("image archives", function () {
  this.timeout(30_000);
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "infernet-image-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const normalise = (archive: Uint8Array, bytes = 1 << 20) => normaliseArchive(archive, folder, REFERENCE, bytes);
  const failure = async (archive: Uint8Array | Promise<Uint8Array>, bytes?: number): Promise<string> =>
    normalise(await archive, bytes).then(() => "none", (error: unknown) => (isInfernetError(error) ? `${error.code}: ${error.message}` : String(error)));

  /** Files of a tar, and their headers without what every tar has. */
  async function filesOf(tar: Uint8Array) {
    const input = extract();
    input.end(tar);
    const files = new Map<string, { type: string; mode: number; linkname: string; content: Buffer }>();
    for await (const entry of input) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry as AsyncIterable<Uint8Array>) chunks.push(chunk);
      const { name, type, mode, linkname } = entry.header;
      files.set(name, { type, mode, linkname, content: Buffer.concat(chunks) });
    }
    return files;
  }
  async function written(archive: Uint8Array) {
    const files = await filesOf(readFileSync((await normalise(archive)).file));
    const [image] = JSON.parse(files.get("manifest.json")!.content.toString()) as { Config: string; RepoTags: string[]; Layers: string[] }[];
    const config = JSON.parse(files.get(image!.Config)!.content.toString()) as { config: object; rootfs: { diff_ids: string[] } };
    return { image: image!, config, layers: image!.Layers.map((name) => files.get(name)!.content) };
  }

  const layer = () => tarOf([["program", "code"]]);

  it("of both kinds become the same: one image under our own name", async () => {
    const layers = [await layer(), await tarOf([["other", "data"]])];
    const all = [];
    for (const archive of [await dockerArchive(layers), await ociArchive(layers), await ociArchive(layers, {}, true)]) all.push(await written(archive));
    expect(all[0]!.image.RepoTags).to.deep.equal([REFERENCE]);
    expect(all[1]).to.deep.equal(all[0]);
    expect(all[2]).to.deep.equal(all[0]);
    expect(all[0]!.config.rootfs.diff_ids).to.deep.equal(all[0]!.layers.map(sha));
  });

  it("may be compressed, layer by layer", async () => {
    const plain = await written(await dockerArchive([await layer()]));
    for (const compress of [gzipSync, zstdCompressSync]) expect(await written(await ociArchive([await layer()], { compress }))).to.deep.equal(plain);
  });

  it("lose what containers must not get: users, volumes, orders to the nvidia runtime, set-user-id bits, owners of names", async () => {
    const tar = await tarOf([[{ name: "su", mode: 0o4755, uname: "root" }, "x"], [{ name: "./a//b", type: "symlink", linkname: "../../outside" }], [{ name: "c", type: "link", linkname: "/su" }]]);
    const { config, layers } = await written(await dockerArchive([tar], { config: { Cmd: ["/su"], User: "0", Volumes: { "/v": {} }, Healthcheck: {}, Env: ["A=b", "NVIDIA_VISIBLE_DEVICES=all", "broken"] } }));
    expect(config.config).to.deep.equal({ Entrypoint: null, Cmd: ["/su"], Env: ["A=b"], WorkingDir: "/" });
    const files = await filesOf(layers[0]!);
    expect([...files].map(([name, { type, mode, linkname }]) => [name, type, mode, linkname])).to.deep.equal([["su", "file", 0o755, null], ["a/b", "symlink", 0o644, "../../outside"], ["c", "link", 0o644, "su"]]);
  });

  const BAD_LAYERS: Readonly<Record<string, readonly TarEntry[]>> = {
    "a path that climbs": [["a/../../etc/passwd", "x"]],
    "a hard link that climbs": [[{ name: "a", type: "link", linkname: "../../etc/passwd" }]],
    "a device": [[{ name: "sda", type: "block-device", devmajor: 8, devminor: 0 }]],
    "a terminal": [[{ name: "tty", type: "character-device", devmajor: 5, devminor: 0 }]],
    "a sparse file": [[{ name: "hole", pax: { "GNU.sparse.major": "1", "GNU.sparse.realsize": "1099511627776" } }, "x"]],
  };
  for (const [what, entries] of Object.entries(BAD_LAYERS))
    it(`are refused with ${what}`, async () => expect(await failure(dockerArchive([await tarOf(entries)]))).to.match(/^invalid_manifest: image archive: /));

  it("are refused where they are not what images are", async () => {
    const config = JSON.stringify({ architecture: "amd64", os: "linux", config: { Cmd: ["/x"] }, rootfs: { diff_ids: [] } });
    const archives: Record<string, Uint8Array> = {
      "not a tar": Buffer.from("junk".repeat(1000)),
      "an empty file": new Uint8Array(0),
      "cut off": (await programImage(new Uint8Array(5000))).subarray(0, 3000),
      "no image": await tarOf([["readme", "x"]]),
      "two images": await tarOf([["manifest.json", JSON.stringify([{ Config: "c", Layers: [] }, { Config: "c", Layers: [] }])]]),
      "a missing configuration": await tarOf([["manifest.json", JSON.stringify([{ Config: "../../etc/passwd", Layers: [] }])]]),
      "a missing layer": await tarOf([["c", config], ["manifest.json", JSON.stringify([{ Config: "c", Layers: ["l"] }])]]),
      "another system": await dockerArchive([await layer()], { config: { Cmd: ["/x"] }, architecture: undefined!, diffIds: [] }),
      "no command": await dockerArchive([await layer()], { config: {} }),
      "a huge configuration": await tarOf([["manifest.json", " ".repeat((1 << 20) + 1)]]),
      "not JSON": await tarOf([["manifest.json", "{"]]),
      "a compressed archive": gzipSync(await programImage(new Uint8Array(10))),
    };
    for (const [what, archive] of Object.entries(archives)) expect(await failure(archive), what).to.match(/^invalid_manifest: /);
  });

  it("are refused where a layer or a file is not what it is called", async () => {
    expect(await failure(dockerArchive([await layer()], { diffIds: [sha("other")] }))).to.match(/^content_mismatch: /);
    const text = Buffer.from(await ociArchive([await tarOf([["program", "code-to-be-changed"]])])).toString("latin1");
    expect(await failure(Buffer.from(text.replace("code-to-be-changed", "code-that-differs!"), "latin1"))).to.match(/^content_mismatch: /);
  });

  it("are refused here where they are for another processor, or unpack to more than there is room for", async () => {
    expect(await failure(dockerArchive([await layer()], { architecture: "riscv64" }))).to.match(/^runtime_unavailable: .*riscv64/);
    const zeros = await tarOf([["zeros", new Uint8Array(8 << 20)]]);
    const bomb = await dockerArchive([zeros], { compress: gzipSync });
    expect(bomb.length).to.be.lessThan(64 << 10);
    expect(await failure(bomb, 1 << 20)).to.match(/^runtime_unavailable: the image unpacks to more/);
    expect(await failure(bomb, 16 << 20)).to.equal("none");
  });

  it("are refused where a header alone would fill memory", async () => {
    const header = await tarOf([[{ name: "x", pax: { comment: "y".repeat(24 << 20) } }, "x"]]);
    expect(await failure(dockerArchive([header], { compress: gzipSync }), 1 << 30)).to.match(/^invalid_manifest: .*Header exceeds max size/);
  });
});
