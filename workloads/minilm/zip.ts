/** Takes single files out of a zip archive (a Python wheel is one), without unpacking the rest. */
import { inflateRawSync } from "node:zlib";

const [END, ENTRY, LOCAL] = [0x06054b50, 0x02014b50, 0x04034b50];
const [END_BYTES, ENTRY_BYTES, LOCAL_BYTES] = [22, 46, 30];
const [STORED, DEFLATED] = [0, 8];

function findEnd(zip: Buffer): number {
  const lowest = Math.max(0, zip.length - END_BYTES - 0xffff);
  for (let at = zip.length - END_BYTES; at >= lowest; at--) if (zip.readUInt32LE(at) === END) return at;
  throw new Error("not a zip archive");
}

/**
 * Reads one file of an archive (no zip64, no encryption).
 *
 * @param maxBytes - largest accepted size of the unpacked file
 * @throws Error when the archive is malformed, lacks the file, or the file is larger than `maxBytes`
 */
export function readZipEntry(zip: Buffer, name: string, maxBytes: number): Buffer {
  const end = findEnd(zip);
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    if (zip.readUInt32LE(at) !== ENTRY) throw new Error("malformed zip directory");
    const nameBytes = zip.readUInt16LE(at + 28);
    if (zip.toString("utf8", at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes) === name) return readLocal(zip, at, maxBytes);
    at += ENTRY_BYTES + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error(`the archive has no ${name}`);
}

function readLocal(zip: Buffer, entry: number, maxBytes: number): Buffer {
  const method = zip.readUInt16LE(entry + 10);
  const packed = zip.readUInt32LE(entry + 20);
  const local = zip.readUInt32LE(entry + 42);
  if (zip.readUInt32LE(local) !== LOCAL) throw new Error("malformed zip entry");
  const from = local + LOCAL_BYTES + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const bytes = zip.subarray(from, from + packed);
  if (method === DEFLATED) return inflateRawSync(bytes, { maxOutputLength: maxBytes });
  if (method === STORED && packed <= maxBytes) return bytes;
  throw new Error("unsupported zip entry");
}
