import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

/** A file of an archive: its name and what it holds. */
export type Entries = ReadonlyMap<string, Buffer>;

const signatures = { file: 0x04034b50, central: 0x02014b50, end: 0x06054b50 } as const;
const sizes = { file: 30, central: 46, end: 22 } as const;
const deflated = 8;
/** Names are UTF-8. */
const flags = 0x0800;
/** 1 January 1980, the first day that the format knows: when it was packed is nobody's business. */
const date = 0x0021;
/** A plain file, made on Unix, that everybody may read and its owner write. */
const madeBy = 0x0314;
const mode = 0o100644;

/** Reads an archive of less than 4 GiB as vsce writes them. @throws when it is not one. */
export const readZip = (archive: Buffer): Entries => {
  const end = archive.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end < 0) throw new Error("This is not a ZIP archive.");
  const entries = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (archive.readUInt32LE(at) !== signatures.central) throw new Error("The archive is broken.");
    const method = archive.readUInt16LE(at + 10);
    const [checksum, packed] = [archive.readUInt32LE(at + 16), archive.readUInt32LE(at + 20)];
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString("utf8", at + sizes.central, at + sizes.central + nameLength);
    const local = archive.readUInt32LE(at + 42);
    const start = local + sizes.file + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const body = archive.subarray(start, start + packed);
    const content = method === deflated ? inflateRawSync(body) : Buffer.from(body);
    if (crc32(content) !== checksum) throw new Error(`${name} is broken in the archive.`);
    entries.set(name, content);
    at += sizes.central + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
};

/**
 * Writes an archive whose bytes depend on the names and contents alone: files in the order of their names, all with
 * one time and one mode, wherever and whenever it is written.
 */
export const writeZip = (entries: Entries): Buffer => {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const body = deflateRawSync(content, { level: 9 });
    const nameBytes = Buffer.from(name);
    const common = commonFields(content, body.byteLength, nameBytes.byteLength);
    const local = Buffer.alloc(sizes.file);
    local.writeUInt32LE(signatures.file, 0);
    common.copy(local, 4);
    const central = Buffer.alloc(sizes.central);
    central.writeUInt32LE(signatures.central, 0);
    central.writeUInt16LE(madeBy, 4);
    common.copy(central, 6);
    central.writeUInt32LE(mode * 0x10000, 38);
    central.writeUInt32LE(offset, 42);
    parts.push(local, nameBytes, body);
    directory.push(central, nameBytes);
    offset += sizes.file + nameBytes.byteLength + body.byteLength;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(sizes.end);
  end.writeUInt32LE(signatures.end, 0);
  end.writeUInt16LE(entries.size, 8);
  end.writeUInt16LE(entries.size, 10);
  end.writeUInt32LE(central.byteLength, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
};

/** What a file's own head and the directory say alike: from the version needed to the length of the extra field. */
const commonFields = (content: Buffer, packed: number, nameLength: number): Buffer => {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(flags, 2);
  fields.writeUInt16LE(deflated, 4);
  fields.writeUInt16LE(date, 8);
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE(packed, 14);
  fields.writeUInt32LE(content.byteLength, 18);
  fields.writeUInt16LE(nameLength, 22);
  return fields;
};
