/**
 * A small, deterministic tar writer: ustar headers, PAX records where ustar has no room. It writes exactly what it is told,
 * hostile entries included, which is what image tests need.
 */

import { encodeBytes } from "../../agent/base/byte-text.ts";

export type TarType = "file" | "hardlink" | "symlink" | "char" | "block" | "directory" | "fifo";

export interface TarEntry {
  /** As it stands in the header; nothing is added or cleaned. Bytes that are not UTF-8: see agent/base/byte-text.ts. */
  name: string;
  /** @default "file", or "directory" when the name ends with a slash */
  type?: TarType;
  /** Permission bits with setuid, setgid and sticky. @default 0o644, directories 0o755, links 0o777 */
  mode?: number;
  uid?: number;
  gid?: number;
  /** Seconds since 1970; a fraction goes into a PAX record. @default 0 */
  mtime?: number;
  /** Target of a hard link (a name within the archive) or a symbolic link. */
  linkname?: string;
  /** Device number of "char" and "block". */
  major?: number;
  minor?: number;
  content?: Uint8Array | string;
  /** Extended attributes, written as SCHILY.xattr records. */
  xattrs?: Readonly<Record<string, Uint8Array | string>>;
  /** Further PAX records, as they are. */
  pax?: Readonly<Record<string, string | Uint8Array>>;
  /** How what ustar has no room for is written: as PAX records, or GNU tar's way (no fractions, no attributes). @default "pax" */
  format?: "pax" | "gnu";
  /** Size to put in the header instead of the content's: for archives that lie. */
  claimedSize?: number;
}

const BLOCK = 512;
/** Of the fields for a name and for a link's target. */
const NAME_BYTES = 100;
const USTAR_MAGIC = "ustar\u000000";
const GNU_MAGIC = "ustar  \0";
const FLAGS: Readonly<Record<TarType, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  char: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};
/** The largest number of an octal field of 7 and of 11 digits. */
const MAX_OCTAL_7 = 0o7777777;
const MAX_OCTAL_11 = 0o77777777777;

const bytesOf = (value: Uint8Array | string): Buffer =>
  typeof value === "string" ? Buffer.from(value) : Buffer.from(value);

/** One entry: what goes before its header, the header, the content, padding. */
export function tarEntry(entry: TarEntry): Buffer {
  return entry.format === "gnu" ? gnuEntry(entry) : paxEntry(entry);
}

function paxEntry(entry: TarEntry): Buffer {
  const fields = fieldsOf(entry);
  const pax = new Map<string, Buffer>();
  for (const [key, value] of Object.entries(entry.pax ?? {})) pax.set(key, bytesOf(value));
  for (const [key, value] of Object.entries(entry.xattrs ?? {})) pax.set(`SCHILY.xattr.${key}`, bytesOf(value));

  const name = splitName(fields.name);
  if (name === undefined) pax.set("path", fields.name);
  if (fields.linkname.length > NAME_BYTES) pax.set("linkpath", fields.linkname);
  for (const key of ["uid", "gid"] as const) {
    if (fields[key] > MAX_OCTAL_7) pax.set(key, Buffer.from(String(fields[key])));
  }
  const { mtime, size } = fields;
  if (!Number.isInteger(mtime) || mtime < 0) pax.set("mtime", Buffer.from(String(mtime)));
  if (size > MAX_OCTAL_11) pax.set("size", Buffer.from(String(size)));

  const header = ustarHeader({ ...fields, ...name, mtime: Math.max(0, Math.trunc(mtime)) });
  return Buffer.concat([...(pax.size > 0 ? [paxHeader(pax)] : []), header, padded(fields.content)]);
}

/** Long names in entries of their own, numbers that are too large in base 256. */
function gnuEntry(entry: TarEntry): Buffer {
  const fields = fieldsOf(entry);
  const parts: Buffer[] = [];
  const long = (flag: string, text: Buffer): void => {
    if (text.length <= NAME_BYTES) return;
    const content = Buffer.concat([text, Buffer.of(0)]);
    const name = Buffer.from("././@LongLink");
    parts.push(ustarHeader({ ...NO_FIELDS, name, size: content.length, flag }, GNU_MAGIC), padded(content));
  };
  long("K", fields.linkname);
  long("L", fields.name);
  return Buffer.concat([...parts, ustarHeader(fields, GNU_MAGIC), padded(fields.content)]);
}

function fieldsOf(entry: TarEntry): UstarFields & { content: Buffer } {
  const type = entry.type ?? (entry.name.endsWith("/") ? "directory" : "file");
  const content = type === "file" ? bytesOf(entry.content ?? "") : Buffer.alloc(0);
  return {
    content,
    name: encodeBytes(entry.name),
    prefix: Buffer.alloc(0),
    mode: entry.mode ?? (type === "directory" ? 0o755 : type === "symlink" ? 0o777 : 0o644),
    uid: entry.uid ?? 0,
    gid: entry.gid ?? 0,
    size: entry.claimedSize ?? content.length,
    mtime: entry.mtime ?? 0,
    flag: FLAGS[type],
    linkname: encodeBytes(entry.linkname ?? ""),
    major: entry.major ?? 0,
    minor: entry.minor ?? 0,
  };
}

/** A whole archive: the entries in the given order and two blocks of zeros. */
export function buildTar(entries: Iterable<TarEntry>): Buffer {
  return Buffer.concat([...Array.from(entries, tarEntry), Buffer.alloc(2 * BLOCK)]);
}

function paxHeader(records: ReadonlyMap<string, Buffer>): Buffer {
  const body = Buffer.concat(
    [...records].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, value]) => paxRecord(key, value)),
  );
  const header = ustarHeader({ ...NO_FIELDS, name: Buffer.from("PaxHeaders/entry"), size: body.length, flag: "x" });
  return Buffer.concat([header, padded(body)]);
}

/** "LENGTH KEY=VALUE\n", where LENGTH counts its own digits too. */
function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
  let length = rest.length;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** Name and prefix as ustar holds them, or undefined if they do not fit. */
function splitName(name: Buffer): { name: Buffer; prefix: Buffer } | undefined {
  if (name.length <= 100) return { name, prefix: Buffer.alloc(0) };
  for (let at = name.lastIndexOf(0x2f, 155); at > 0; at = name.lastIndexOf(0x2f, at - 1)) {
    const rest = name.subarray(at + 1);
    if (rest.length > 100) return undefined;
    if (rest.length > 0) return { name: rest, prefix: name.subarray(0, at) };
  }
  return undefined;
}

interface UstarFields {
  name: Buffer;
  prefix: Buffer;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtime: number;
  flag: string;
  linkname: Buffer;
  major: number;
  minor: number;
}

const NO_FIELDS: UstarFields = {
  name: Buffer.alloc(0),
  prefix: Buffer.alloc(0),
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  flag: "0",
  linkname: Buffer.alloc(0),
  major: 0,
  minor: 0,
};

function ustarHeader(fields: UstarFields, magic = USTAR_MAGIC): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, digits: number, max: number): void => {
    if (value > max && magic === GNU_MAGIC) {
      header.writeUIntBE(value, offset + digits - 5, 6);
      header[offset] = 0x80;
      return;
    }
    header.write((value > max ? 0 : value).toString(8).padStart(digits, "0"), offset, "latin1");
  };
  fields.name.copy(header, 0, 0, NAME_BYTES);
  octal(fields.mode, 100, 7, MAX_OCTAL_7);
  octal(fields.uid, 108, 7, MAX_OCTAL_7);
  octal(fields.gid, 116, 7, MAX_OCTAL_7);
  octal(fields.size, 124, 11, MAX_OCTAL_11);
  octal(fields.mtime, 136, 11, MAX_OCTAL_11);
  header.fill(" ", 148, 156);
  header.write(fields.flag, 156, "latin1");
  fields.linkname.copy(header, 157, 0, NAME_BYTES);
  header.write(magic, 257, "latin1");
  octal(fields.major, 329, 7, MAX_OCTAL_7);
  octal(fields.minor, 337, 7, MAX_OCTAL_7);
  fields.prefix.copy(header, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

function padded(content: Buffer): Buffer {
  const rest = content.length % BLOCK;
  return rest === 0 ? content : Buffer.concat([content, Buffer.alloc(BLOCK - rest)]);
}
