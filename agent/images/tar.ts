/**
 * A tar reader over chunks: POSIX ustar and PAX, GNU (long names, base-256 numbers, sparse files of every kind) and V7.
 * It knows nothing of files: it checks the stream and calls a handler. All calls are synchronous, and data is handed on
 * as parts of the chunk that came in, so nothing is copied.
 *
 * Sources: POSIX.1-2017 pax "ustar Interchange Format" and "pax Extended Header"; GNU tar manual, "Basic Tar Format" and
 * "Storing Sparse Files".
 */
import { bytesOfText, decodeBytes, encodeBytes } from "../base/byte-text.ts";
import { NodeletError } from "../base/errors.ts";
import { quote } from "./reference.ts";

export type TarType = "file" | "hardlink" | "symlink" | "char" | "block" | "directory" | "fifo";

export interface TarEntry {
  readonly type: TarType;
  /** As the archive has it: may be absolute, may hold `..`. Never empty, never with NUL. Bytes that are not UTF-8: see byte-text.ts. */
  readonly name: string;
  /** Target of a hard or symbolic link, else empty. */
  readonly linkName: string;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Size of the file as a reader sees it, holes included. */
  readonly size: number;
  /** Bytes that the archive holds for it: less than `size` for a sparse file. */
  readonly stored: number;
  readonly sparse: boolean;
  /** Seconds since the epoch, may be negative; `mtimeNanos` counts upwards from it. */
  readonly mtimeSeconds: number;
  readonly mtimeNanos: number;
  readonly devMajor: number;
  readonly devMinor: number;
  readonly xattrs: ReadonlyMap<string, Buffer> | undefined;
}

export interface TarHandler {
  /** A header is complete. */
  entry(entry: TarEntry): void;
  /** Bytes `start` to `end` of `chunk` belong at `position` of the file. The chunk is only lent for the call. */
  data(chunk: Buffer, start: number, end: number, position: number): void;
  /** After the last data of every entry of type `file`, empty ones too. */
  end(): void;
}

export interface TarLimits {
  readonly maxEntries: number;
  /** Bytes of one PAX header or GNU long name. */
  readonly maxHeaderBytes: number;
  readonly maxSparseSegments: number;
}

export const DEFAULT_TAR_LIMITS: TarLimits = {
  maxEntries: 10_000_000,
  maxHeaderBytes: 1024 * 1024,
  maxSparseSegments: 1024 * 1024,
};

const BLOCK = 512;
const EMPTY = Buffer.alloc(0);
/** GNU sparse 1.0 writes its map as decimal lines; a number is at most this long. */
const MAX_MAP_NUMBER = 20;

/** What the reader waits for. */
const State = {
  Header: 0,
  Meta: 1,
  SparseBlock: 2,
  SparseMap: 3,
  Data: 4,
  Padding: 5,
  SecondZero: 6,
  Done: 7,
} as const;
type State = (typeof State)[keyof typeof State];

interface Segment {
  readonly position: number;
  readonly length: number;
}

/** Values that PAX headers and GNU long names put in place of those in the header block. */
interface Overrides {
  path?: string;
  linkPath?: string;
  size?: number;
  uid?: number;
  gid?: number;
  mtime?: { seconds: number; nanos: number };
  xattrs?: Map<string, Buffer>;
  libarchiveXattrs?: Map<string, Buffer>;
  sparse?: {
    major?: string;
    minor?: string;
    name?: string;
    size?: string;
    realSize?: string;
    map?: string;
    list: string[];
  };
}

interface MutableEntry {
  type: TarType;
  name: string;
  linkName: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  stored: number;
  sparse: boolean;
  mtimeSeconds: number;
  mtimeNanos: number;
  devMajor: number;
  devMinor: number;
  xattrs: Map<string, Buffer> | undefined;
}

export class TarReader {
  readonly #handler: TarHandler;
  readonly #limits: TarLimits;
  #state: State = State.Header;
  /** Collects a block that came in pieces. */
  readonly #block = Buffer.alloc(BLOCK);
  #blockFill = 0;
  /** Bytes of the stream taken so far. */
  #offset = 0;
  #entries = 0;
  /** Name of the entry at hand, for messages. */
  #name = "";

  #metaType = "";
  #meta: Buffer = EMPTY;
  #metaFill = 0;
  #overrides: Overrides | undefined;
  #longName: string | undefined;
  #longLink: string | undefined;

  #entry: MutableEntry | undefined;
  /** Stored bytes of the entry still to come, and the zeros that fill the last block. */
  #remaining = 0;
  #padding = 0;
  #position = 0;
  #segments: Segment[] | undefined;
  #segment = 0;
  #segmentDone = 0;
  #mapText = "";
  #mapNumbers: number[] = [];

  constructor(handler: TarHandler, limits: Partial<TarLimits> = {}) {
    this.#handler = handler;
    this.#limits = { ...DEFAULT_TAR_LIMITS, ...limits };
  }

  /** True once the end-of-archive marker was read: what follows is ignored. */
  get done(): boolean {
    return this.#state === State.Done;
  }

  /** Position in the stream of the next byte to come. */
  get offset(): number {
    return this.#offset;
  }

  push(chunk: Buffer): void {
    let at = 0;
    const length = chunk.length;
    while (at < length) {
      switch (this.#state) {
        case State.Data: {
          const take = Math.min(this.#remaining, length - at);
          this.#emit(chunk, at, at + take);
          at += take;
          this.#offset += take;
          this.#remaining -= take;
          if (this.#remaining === 0) this.#endOfData();
          break;
        }
        case State.Padding: {
          const take = Math.min(this.#padding, length - at);
          at += take;
          this.#offset += take;
          this.#padding -= take;
          if (this.#padding === 0) this.#state = State.Header;
          break;
        }
        case State.Meta: {
          const take = Math.min(this.#meta.length - this.#metaFill, length - at);
          chunk.copy(this.#meta, this.#metaFill, at, at + take);
          at += take;
          this.#offset += take;
          this.#metaFill += take;
          if (this.#metaFill === this.#meta.length) this.#metaComplete();
          break;
        }
        case State.Done:
          this.#offset += length - at;
          return;
        default: {
          // A whole block in the chunk is read where it lies.
          if (this.#blockFill === 0 && length - at >= BLOCK) {
            this.#offset += BLOCK;
            this.#blockComplete(chunk, at);
            at += BLOCK;
          } else {
            const take = Math.min(BLOCK - this.#blockFill, length - at);
            chunk.copy(this.#block, this.#blockFill, at, at + take);
            at += take;
            this.#offset += take;
            this.#blockFill += take;
            if (this.#blockFill === BLOCK) {
              this.#blockFill = 0;
              this.#blockComplete(this.#block, 0);
            }
          }
        }
      }
    }
  }

  /** To be called at the end of the stream: throws when it ends inside an entry. */
  finish(): void {
    if (this.#state === State.Done) return;
    const between = this.#state === State.Header && this.#blockFill === 0;
    const pending = this.#overrides !== undefined || this.#longName !== undefined || this.#longLink !== undefined;
    // Archives without the closing zero blocks, or with one only, are common.
    if ((between && !pending) || (this.#state === State.SecondZero && this.#blockFill === 0)) {
      this.#state = State.Done;
      return;
    }
    this.#fail(this.#name === "" ? "the archive ends inside a header" : "the archive ends in the middle of this entry");
  }

  /** How many of the next bytes hold nothing but the data of the entry at hand: a reader of a file may step over them. */
  get skippable(): number {
    if (this.#state === State.Data) return this.#remaining + this.#padding;
    return this.#state === State.Padding ? this.#padding : 0;
  }

  /** Says that the bytes that `skippable` counted were stepped over. */
  skip(): void {
    this.#offset += this.skippable;
    if (this.#state === State.Data) {
      this.#remaining = 0;
      this.#endOfData();
    }
    this.#padding = 0;
    if (this.#state === State.Padding) this.#state = State.Header;
  }

  #fail(why: string): never {
    const entry = this.#name === "" ? `byte ${this.#offset}` : `entry ${quote(this.#name)}`;
    throw new NodeletError("invalid", `The tar archive is wrong at ${entry}: ${why}`);
  }

  #blockComplete(block: Buffer, at: number): void {
    switch (this.#state) {
      case State.Header:
        this.#header(block, at);
        return;
      case State.SecondZero:
        if (!isZeroBlock(block, at)) this.#fail("a single zero block stands between entries");
        this.#state = State.Done;
        return;
      case State.SparseBlock:
        this.#sparseBlock(block, at);
        return;
      case State.SparseMap:
        this.#sparseMapBlock(block, at);
        return;
      default:
        this.#fail("the reader is in no state to take a block");
    }
  }

  #header(block: Buffer, at: number): void {
    this.#name = "";
    if (block[at] === 0 && isZeroBlock(block, at)) {
      if (this.#overrides !== undefined || this.#longName !== undefined || this.#longLink !== undefined) {
        this.#fail("an extended header has no entry");
      }
      this.#state = State.SecondZero;
      return;
    }
    this.#checkSum(block, at);
    const typeFlag = String.fromCharCode(block[at + 156] ?? 0);
    const size = this.#number(block, at + 124, 12, "size");

    if (typeFlag === "x" || typeFlag === "g" || typeFlag === "X" || typeFlag === "L" || typeFlag === "K") {
      if (size < 0 || size > this.#limits.maxHeaderBytes) {
        this.#fail(`an extended header of ${size} bytes is over the limit of ${this.#limits.maxHeaderBytes}`);
      }
      this.#metaType = typeFlag;
      this.#meta = size === 0 ? EMPTY : Buffer.allocUnsafe(size);
      this.#metaFill = 0;
      this.#padding = padding(size);
      this.#state = State.Meta;
      if (size === 0) this.#metaComplete();
      return;
    }

    this.#entries++;
    if (this.#entries > this.#limits.maxEntries) this.#fail(`it has more than ${this.#limits.maxEntries} entries`);
    const overrides = this.#overrides;
    const gnu = isMagic(block, at, GNU_MAGIC);
    let name = this.#longName ?? overrides?.path ?? this.#shortName(block, at, gnu);
    const linkName = this.#longLink ?? overrides?.linkPath ?? this.#text(block, at + 157, 100);
    this.#overrides = undefined;
    this.#longName = undefined;
    this.#longLink = undefined;
    if (overrides?.sparse?.name !== undefined) name = overrides.sparse.name;
    this.#name = name;

    let type: TarType;
    switch (typeFlag) {
      case "\0":
        type = name.endsWith("/") ? "directory" : "file";
        break;
      case "0":
      case "7":
      case "S":
        type = "file";
        break;
      case "1":
        type = "hardlink";
        break;
      case "2":
        type = "symlink";
        break;
      case "3":
        type = "char";
        break;
      case "4":
        type = "block";
        break;
      case "5":
        type = "directory";
        break;
      case "6":
        type = "fifo";
        break;
      case "V":
        // A volume label holds nothing.
        this.#startData(undefined, 0, undefined);
        return;
      default:
        this.#fail(`its type ${quote(typeFlag)} is not known`);
    }
    if (name === "") this.#fail("it has no name");

    let stored = overrides?.size ?? size;
    if (stored < 0) this.#fail(`its size ${stored} is negative`);
    if (type !== "file") stored = 0;
    const mtime = overrides?.mtime;
    const device = type === "char" || type === "block";
    const entry: MutableEntry = {
      type,
      name,
      linkName: type === "hardlink" || type === "symlink" ? linkName : "",
      mode: this.#number(block, at + 100, 8, "mode") & 0o7777,
      uid: overrides?.uid ?? this.#number(block, at + 108, 8, "uid"),
      gid: overrides?.gid ?? this.#number(block, at + 116, 8, "gid"),
      size: stored,
      stored,
      sparse: false,
      mtimeSeconds: mtime?.seconds ?? this.#number(block, at + 136, 12, "mtime"),
      mtimeNanos: mtime?.nanos ?? 0,
      devMajor: device ? this.#number(block, at + 329, 8, "major device number") : 0,
      devMinor: device ? this.#number(block, at + 337, 8, "minor device number") : 0,
      xattrs: mergeXattrs(overrides),
    };

    if (typeFlag === "S") {
      this.#oldGnuSparse(block, at, entry);
      return;
    }
    const sparse = overrides?.sparse;
    if (type === "file" && sparse !== undefined) {
      const version = `${sparse.major ?? ""}.${sparse.minor ?? ""}`;
      if (version === "1.0") {
        entry.size = this.#decimal(sparse.realSize ?? sparse.size ?? "", "GNU.sparse.realsize");
        entry.sparse = true;
        this.#entry = entry;
        this.#remaining = stored;
        this.#padding = padding(stored);
        this.#mapText = "";
        this.#mapNumbers = [];
        this.#state = State.SparseMap;
        return;
      }
      const list = sparse.map === undefined ? sparse.list : sparse.map === "" ? [] : sparse.map.split(",");
      if (sparse.map !== undefined || list.length > 0 || version === "0.0" || version === "0.1") {
        entry.size = this.#decimal(sparse.size ?? sparse.realSize ?? "", "GNU.sparse.size");
        const numbers = list.map((item) => this.#decimal(item, "sparse map"));
        this.#startSparse(entry, this.#segmentsOf(numbers, entry));
        return;
      }
    }
    this.#startData(entry, stored, undefined);
  }

  /** Old GNU format: four segments in the header, then blocks of 21 more. */
  #oldGnuSparse(block: Buffer, at: number, entry: MutableEntry): void {
    entry.size = this.#number(block, at + 483, 12, "real size");
    if (entry.size < 0) this.#fail("its real size is negative");
    entry.sparse = true;
    this.#entry = entry;
    this.#mapNumbers = [];
    this.#collectSparse(block, at + 386, 4);
    if (block[at + 482] === 0) this.#startSparse(entry, this.#segmentsOf(this.#mapNumbers, entry));
    else this.#state = State.SparseBlock;
  }

  #sparseBlock(block: Buffer, at: number): void {
    this.#collectSparse(block, at, 21);
    if (block[at + 504] !== 0) return;
    const entry = this.#entry;
    if (entry === undefined) return this.#fail("a sparse map belongs to no entry");
    this.#startSparse(entry, this.#segmentsOf(this.#mapNumbers, entry));
  }

  #collectSparse(block: Buffer, at: number, count: number): void {
    for (let index = 0; index < count; index++) {
      const from = at + index * 24;
      // An unused slot is all zeros.
      if (block[from] === 0 && block[from + 12] === 0) return;
      this.#mapNumbers.push(
        this.#number(block, from, 12, "sparse offset"),
        this.#number(block, from + 12, 12, "sparse size"),
      );
    }
    if (this.#mapNumbers.length > 2 * this.#limits.maxSparseSegments) {
      this.#fail(`its sparse map has more than ${this.#limits.maxSparseSegments} parts`);
    }
  }

  /** PAX sparse 1.0: the map is in front of the data, decimal numbers on lines of their own, filled up to a whole block. */
  #sparseMapBlock(block: Buffer, at: number): void {
    const entry = this.#entry;
    if (entry === undefined) return this.#fail("a sparse map belongs to no entry");
    if (this.#remaining < BLOCK) this.#fail("its sparse map is longer than its data");
    this.#remaining -= BLOCK;
    const numbers = this.#mapNumbers;
    let text = this.#mapText;
    let complete = false;
    for (let index = at; index < at + BLOCK; index++) {
      const byte = block[index] ?? 0;
      if (byte === 0x0a) {
        numbers.push(this.#decimal(text, "sparse map"));
        text = "";
        const count = numbers[0] ?? 0;
        if (count > this.#limits.maxSparseSegments) {
          this.#fail(`its sparse map has more than ${this.#limits.maxSparseSegments} parts`);
        }
        if (numbers.length === 1 + 2 * count) {
          complete = true;
          break;
        }
      } else {
        if (byte < 0x30 || byte > 0x39 || text.length >= MAX_MAP_NUMBER)
          this.#fail("its sparse map is not made of numbers");
        text += String.fromCharCode(byte);
      }
    }
    this.#mapText = text;
    if (!complete) return;
    entry.stored = this.#remaining;
    this.#startSparse(entry, this.#segmentsOf(numbers.slice(1), entry));
  }

  #segmentsOf(numbers: readonly number[], entry: MutableEntry): Segment[] {
    if (numbers.length % 2 !== 0) this.#fail("its sparse map has an odd count of numbers");
    if (numbers.length > 2 * this.#limits.maxSparseSegments) {
      this.#fail(`its sparse map has more than ${this.#limits.maxSparseSegments} parts`);
    }
    const segments: Segment[] = [];
    let last = 0;
    let total = 0;
    for (let index = 0; index < numbers.length; index += 2) {
      const position = numbers[index] ?? 0;
      const length = numbers[index + 1] ?? 0;
      if (position < last || length < 0 || position + length > entry.size) {
        this.#fail("its sparse map goes back or beyond the end of the file");
      }
      last = position + length;
      total += length;
      if (length > 0) segments.push({ position, length });
    }
    if (total !== entry.stored) {
      this.#fail(`its sparse map speaks of ${total} bytes and the archive holds ${entry.stored}`);
    }
    return segments;
  }

  #startSparse(entry: MutableEntry, segments: Segment[]): void {
    entry.sparse = true;
    this.#startData(entry, entry.stored, segments);
  }

  #startData(entry: MutableEntry | undefined, stored: number, segments: Segment[] | undefined): void {
    this.#entry = entry;
    this.#segments = segments;
    this.#segment = 0;
    this.#segmentDone = 0;
    this.#position = 0;
    this.#remaining = stored;
    this.#padding = padding(stored);
    if (entry !== undefined) this.#handler.entry(entry);
    if (stored === 0) this.#endOfData();
    else this.#state = State.Data;
  }

  #emit(chunk: Buffer, start: number, end: number): void {
    const segments = this.#segments;
    if (segments === undefined) {
      this.#handler.data(chunk, start, end, this.#position);
      this.#position += end - start;
      return;
    }
    let at = start;
    while (at < end) {
      const segment = segments[this.#segment];
      if (segment === undefined) return this.#fail("it has more data than its sparse map says");
      const take = Math.min(segment.length - this.#segmentDone, end - at);
      this.#handler.data(chunk, at, at + take, segment.position + this.#segmentDone);
      at += take;
      this.#segmentDone += take;
      if (this.#segmentDone === segment.length) {
        this.#segment++;
        this.#segmentDone = 0;
      }
    }
  }

  #endOfData(): void {
    const entry = this.#entry;
    this.#entry = undefined;
    this.#segments = undefined;
    this.#state = this.#padding === 0 ? State.Header : State.Padding;
    if (entry?.type === "file") this.#handler.end();
  }

  #metaComplete(): void {
    const meta = this.#meta;
    this.#meta = EMPTY;
    this.#state = this.#padding === 0 ? State.Header : State.Padding;
    switch (this.#metaType) {
      case "L":
        this.#longName = this.#longText(meta);
        return;
      case "K":
        this.#longLink = this.#longText(meta);
        return;
      case "g":
        // Global headers carry comments; their other values are not for single entries (as Go's archive/tar has it).
        this.#paxRecords(meta, {});
        return;
      default: {
        const overrides: Overrides = {};
        this.#paxRecords(meta, overrides);
        this.#overrides = overrides;
      }
    }
  }

  #longText(meta: Buffer): string {
    const nul = meta.indexOf(0);
    const end = nul < 0 ? meta.length : nul;
    if (end === 0) this.#fail("a long name is empty");
    return decodeBytes(meta, 0, end);
  }

  /** Records `LENGTH KEY=VALUE\n`, the length counting itself. */
  #paxRecords(meta: Buffer, into: Overrides): void {
    let at = 0;
    while (at < meta.length) {
      let length = 0;
      let digits = at;
      for (; digits < meta.length && meta[digits] !== 0x20; digits++) {
        const digit = (meta[digits] ?? 0) - 0x30;
        if (digit < 0 || digit > 9 || digits - at > 9) this.#fail("the length of a PAX record is not a number");
        length = length * 10 + digit;
      }
      const end = at + length;
      if (digits === at || end > meta.length || end <= digits + 2 || meta[end - 1] !== 0x0a) {
        this.#fail("a PAX record has a wrong length");
      }
      const equals = meta.indexOf(0x3d, digits + 1);
      if (equals < 0 || equals > end - 2) this.#fail("a PAX record has no =");
      if (equals === digits + 1) this.#fail("a PAX record has no key");
      const key = decodeBytes(meta, digits + 1, equals);
      this.#paxRecord(key, meta.subarray(equals + 1, end - 1), into);
      at = end;
    }
  }

  #paxRecord(key: string, value: Buffer, into: Overrides): void {
    if (key.startsWith(SCHILY_XATTR)) {
      into.xattrs ??= new Map();
      into.xattrs.set(this.#xattrName(key.slice(SCHILY_XATTR.length)), Buffer.from(value));
      return;
    }
    if (key.startsWith(LIBARCHIVE_XATTR)) {
      const name = percentDecode(key.slice(LIBARCHIVE_XATTR.length));
      if (name === undefined) return this.#fail("a LIBARCHIVE.xattr record has a wrong name");
      into.libarchiveXattrs ??= new Map();
      into.libarchiveXattrs.set(this.#xattrName(name), Buffer.from(value.toString("latin1"), "base64"));
      return;
    }
    const text = (): string => decodeBytes(value);
    // An empty value takes the record of before away; as every entry has a header of its own here, it sets nothing.
    switch (key) {
      case "path":
        if (value.length > 0) into.path = this.#noNul(text(), "path");
        return;
      case "linkpath":
        if (value.length > 0) into.linkPath = this.#noNul(text(), "linkpath");
        return;
      case "size":
        if (value.length > 0) into.size = this.#decimal(text(), "size");
        return;
      case "uid":
        if (value.length > 0) into.uid = this.#decimal(text(), "uid");
        return;
      case "gid":
        if (value.length > 0) into.gid = this.#decimal(text(), "gid");
        return;
      case "mtime":
        if (value.length > 0) into.mtime = this.#paxTime(text());
        return;
      default:
        if (key.startsWith("GNU.sparse.")) this.#paxSparse(key.slice("GNU.sparse.".length), text(), into);
    }
  }

  #paxSparse(key: string, value: string, into: Overrides): void {
    into.sparse ??= { list: [] };
    const sparse = into.sparse;
    switch (key) {
      case "major":
        sparse.major = value;
        return;
      case "minor":
        sparse.minor = value;
        return;
      case "name":
        if (value !== "") sparse.name = this.#noNul(value, "GNU.sparse.name");
        return;
      case "size":
        sparse.size = value;
        return;
      case "realsize":
        sparse.realSize = value;
        return;
      case "map":
        sparse.map = value;
        return;
      case "offset":
        if (sparse.list.length % 2 !== 0) this.#fail("its sparse map has two offsets in a row");
        sparse.list.push(value);
        return;
      case "numbytes":
        if (sparse.list.length % 2 !== 1) this.#fail("its sparse map has two sizes in a row");
        sparse.list.push(value);
        return;
      default:
    }
  }

  #xattrName(name: string): string {
    if (name === "" || name.includes("\0") || bytesOfText(name) > 255)
      this.#fail("an extended attribute has a wrong name");
    return name;
  }

  #noNul(text: string, what: string): string {
    if (text.includes("\0")) this.#fail(`the PAX record ${what} holds a NUL`);
    return text;
  }

  #decimal(text: string, what: string): number {
    if (!/^[0-9]{1,16}$/.test(text)) this.#fail(`${what} ${quote(text)} is not a number in range`);
    const value = Number(text);
    if (!Number.isSafeInteger(value)) this.#fail(`${what} ${text} is out of range`);
    return value;
  }

  #paxTime(text: string): { seconds: number; nanos: number } {
    const match = /^(-?)([0-9]{1,15})(?:\.([0-9]*))?$/.exec(text);
    if (match === null) return this.#fail(`the time ${quote(text)} is not a number`);
    const [, sign = "", whole = "", fraction = ""] = match;
    const nanos = Number(fraction.slice(0, 9).padEnd(9, "0"));
    const seconds = Number(whole);
    if (sign === "") return { seconds, nanos };
    // -1.25 is 0.75 after -2.
    return nanos === 0 ? { seconds: -seconds, nanos: 0 } : { seconds: -seconds - 1, nanos: 1e9 - nanos };
  }

  #shortName(block: Buffer, at: number, gnu: boolean): string {
    const name = this.#text(block, at, 100);
    if (gnu || !isMagic(block, at, USTAR_MAGIC)) return name;
    const star = isMagic(block, at + 251, STAR_TRAILER);
    const prefix = this.#text(block, at + 345, star ? 131 : 155);
    return prefix === "" ? name : `${prefix}/${name}`;
  }

  #text(block: Buffer, at: number, length: number): string {
    const nul = block.indexOf(0, at);
    return decodeBytes(block, at, nul < 0 || nul > at + length ? at + length : nul);
  }

  /** Octal text, or base-256 when the first bit is set (GNU). */
  #number(block: Buffer, at: number, length: number, what: string): number {
    const first = block[at] ?? 0;
    if ((first & 0x80) !== 0) {
      const negative = (first & 0x40) !== 0;
      let value = negative ? BigInt(first) - 256n : BigInt(first & 0x3f);
      for (let index = at + 1; index < at + length; index++) value = value * 256n + BigInt(block[index] ?? 0);
      const number = Number(value);
      if (!Number.isSafeInteger(number)) this.#fail(`its ${what} is out of range`);
      return number;
    }
    let index = at;
    const end = at + length;
    while (index < end && (block[index] === 0x20 || block[index] === 0)) index++;
    let value = 0;
    for (; index < end; index++) {
      const digit = (block[index] ?? 0) - 0x30;
      if (digit < 0 || digit > 7) break;
      value = value * 8 + digit;
    }
    for (; index < end; index++) {
      if (block[index] !== 0x20 && block[index] !== 0) this.#fail(`its ${what} is not an octal number`);
    }
    return value;
  }

  #checkSum(block: Buffer, at: number): void {
    let unsigned = 0;
    for (let index = at; index < at + BLOCK; index++) unsigned += block[index] ?? 0;
    for (let index = at + 148; index < at + 156; index++) unsigned += 0x20 - (block[index] ?? 0);
    const stored = this.#number(block, at + 148, 8, "checksum");
    if (stored === unsigned) return;
    // Some old writers summed signed bytes.
    let signed = unsigned;
    for (let index = at; index < at + BLOCK; index++) {
      if ((block[index] ?? 0) >= 0x80 && (index < at + 148 || index >= at + 156)) signed -= 256;
    }
    if (stored !== signed)
      this.#fail("the checksum of the header does not match: this is no tar archive, or it is damaged");
  }
}

const USTAR_MAGIC = Buffer.from("ustar\0", "latin1");
const GNU_MAGIC = Buffer.from("ustar  \0", "latin1");
const STAR_TRAILER = Buffer.from("tar\0", "latin1");
const SCHILY_XATTR = "SCHILY.xattr.";
const LIBARCHIVE_XATTR = "LIBARCHIVE.xattr.";

function padding(size: number): number {
  const over = size % BLOCK;
  return over === 0 ? 0 : BLOCK - over;
}

/** Compares at the place of the magic number in a header that starts at `at`. */
function isMagic(block: Buffer, at: number, magic: Buffer): boolean {
  for (let index = 0; index < magic.length; index++) {
    if (block[at + 257 + index] !== magic[index]) return false;
  }
  return true;
}

function isZeroBlock(block: Buffer, at: number): boolean {
  for (let index = at; index < at + BLOCK; index++) {
    if (block[index] !== 0) return false;
  }
  return true;
}

function mergeXattrs(overrides: Overrides | undefined): Map<string, Buffer> | undefined {
  if (overrides?.libarchiveXattrs === undefined) return overrides?.xattrs;
  return new Map([...overrides.libarchiveXattrs, ...(overrides.xattrs ?? [])]);
}

function percentDecode(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  const bytes = encodeBytes(text).toString("latin1");
  const decoded = bytes.replaceAll(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return decodeBytes(Buffer.from(decoded, "latin1"));
}
