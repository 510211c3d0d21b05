import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pack } from "tar-stream";
import { InfernetError } from "@infernet/sdk/core";
import { hostArchitecture, writeArchive } from "./image-archive.ts";

/** Path of the program in the probe's image. */
export const PROBE_PROGRAM = "/pause";

/** A program that does nothing for ever, in machine code: no compiler and no image of others is needed to try a container. */
const CODE: Readonly<Record<string, { readonly machine: number; readonly code: readonly number[] }>> = {
  // again: mov eax, 34 (pause); syscall; jmp again
  amd64: { machine: 62, code: [0xb8, 0x22, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7] },
  // again: x0…x4 = 0; x8 = 73 (ppoll); svc 0; b again
  arm64: { machine: 183, code: [0xd2800000, 0xd2800001, 0xd2800002, 0xd2800003, 0xd2800004, 0xd2800928, 0xd4000001, 0x17fffff9].flatMap((word) => [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24]) },
};
const BASE = 0x400000;
const HEADERS = 64 + 56;

/** An ELF executable of one segment. @throws {InfernetError} `runtime_unavailable` on processors that it is not written for */
export function probeProgram(architecture: string): Uint8Array {
  const known = CODE[architecture];
  if (known === undefined) throw new InfernetError("runtime_unavailable", `containers cannot be tried on this processor (${architecture}), so they are not offered`);
  const { machine, code } = known;
  const elf = Buffer.alloc(HEADERS + code.length);
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  elf.writeUInt16LE(2, 16); // executable
  elf.writeUInt16LE(machine, 18);
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(BigInt(BASE + HEADERS), 24); // entry
  elf.writeBigUInt64LE(64n, 32); // program header
  elf.writeUInt16LE(64, 52);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(1, 56);
  elf.writeUInt32LE(1, 64); // load
  elf.writeUInt32LE(5, 68); // read and execute
  elf.writeBigUInt64LE(BigInt(BASE), 80);
  elf.writeBigUInt64LE(BigInt(BASE), 88);
  elf.writeBigUInt64LE(BigInt(elf.length), 96);
  elf.writeBigUInt64LE(BigInt(elf.length), 104);
  elf.writeBigUInt64LE(4096n, 112);
  elf.set(code, HEADERS);
  return elf;
}

/** Writes the probe's image as an archive. @returns its path */
export async function writeProbeImage(folder: string, reference: string): Promise<string> {
  const architecture = hostArchitecture();
  const layer = pack();
  layer.entry({ name: PROBE_PROGRAM.slice(1), mode: 0o755 }, probeProgram(architecture));
  layer.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of layer as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const file = join(folder, "probe-layer.tar");
  await writeFile(file, bytes);
  const diffId = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const archive = join(folder, "probe.tar");
  const config = { architecture, os: "linux" as const, config: { Cmd: [PROBE_PROGRAM] }, rootfs: { diff_ids: [diffId] } };
  await writeArchive({ config, layers: [{ file, bytes: bytes.length, diffId, originalDiffId: diffId }] }, archive, reference);
  return archive;
}
