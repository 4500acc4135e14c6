// The tar reader over archives of every format, in chunks of every size, and over damaged ones.

import { test } from "tap";
import { decodeBytes, encodeBytes } from "../../../agent/base/byte-text.ts";
import { isNodeletError } from "../../../agent/base/errors.ts";
import { type TarEntry, TarReader } from "../../../agent/images/tar.ts";
import { buildTar, tarEntry } from "../../../scripts/lib/tar.ts";

interface Read {
  entry: TarEntry;
  content: Buffer;
}

const MAX_MATERIALISED = 1 << 20;

function read(archive: Buffer, chunkSize = archive.length, limits = {}): Read[] {
  const found: Read[] = [];
  let parts: { position: number; data: Buffer }[] = [];
  const reader = new TarReader(
    {
      entry(entry) {
        parts = [];
        found.push({ entry, content: Buffer.alloc(0) });
      },
      data(chunk, start, end, position) {
        parts.push({ position, data: Buffer.from(chunk.subarray(start, end)) });
      },
      end() {
        const last = found.at(-1);
        if (last === undefined || last.entry.size > MAX_MATERIALISED) return;
        last.content = Buffer.alloc(last.entry.size);
        for (const { position, data } of parts) data.copy(last.content, position);
      },
    },
    limits,
  );
  for (let at = 0; at < archive.length; at += chunkSize) reader.push(archive.subarray(at, at + chunkSize));
  reader.finish();
  return found;
}

interface RawHeader {
  name?: string;
  size?: number;
  type?: string;
  magic?: string;
  linkName?: string;
  edit?: (block: Buffer) => void;
}

/** A header by hand, for what the writer of the tests' archives does not make. */
function header(options: RawHeader): Buffer {
  const block = Buffer.alloc(512);
  block.write(options.name ?? "file", 0, "latin1");
  block.write("0000644\0", 100);
  block.write("0000000\0", 108);
  block.write("0000000\0", 116);
  block.write(`${(options.size ?? 0).toString(8).padStart(11, "0")}\0`, 124);
  block.write("00000000000\0", 136);
  block.write(options.type ?? "0", 156);
  block.write(options.linkName ?? "", 157);
  block.write(options.magic ?? "ustar\u000000", 257, "latin1");
  options.edit?.(block);
  sealed(block);
  return block;
}

function sealed(block: Buffer): Buffer {
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

const padded = (data: string | Buffer): Buffer => {
  const bytes = Buffer.from(data as string);
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
};
const END = Buffer.alloc(1024);
const pax = (records: [string, string][]): Buffer => {
  const body = Buffer.concat(
    records.map(([key, value]) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`);
      let length = rest + String(rest).length;
      if (rest + String(length).length !== length) length = rest + String(length).length;
      return Buffer.from(`${length} ${key}=${value}\n`);
    }),
  );
  return Buffer.concat([header({ name: "pax", type: "x", size: body.length }), padded(body)]);
};
const gnuSparseMagic = "ustar  \0";

const everything = buildTar([
  { name: "./", mode: 0o755, mtime: 12.25 },
  { name: "dir/", uid: 1, gid: 2, mode: 0o1777 },
  { name: "dir/file", content: "hello", mode: 0o6755, uid: 4294967294, gid: 3000000 },
  { name: "dir/empty", content: "" },
  { name: "dir/block", content: Buffer.alloc(512, "b") },
  { name: "dir/link", type: "symlink", linkname: "file" },
  { name: "dir/hard", type: "hardlink", linkname: "dir/file" },
  { name: "dev/null", type: "char", major: 1, minor: 3 },
  { name: "dev/loop", type: "block", major: 7, minor: 255 },
  { name: "pipe", type: "fifo" },
  { name: `long/${"n".repeat(255)}`, content: "long" },
  { name: `${"d/".repeat(2000)}deep`, content: "deep" },
  { name: "x", content: "x", xattrs: { "user.a": "b\n=c", "security.capability": Buffer.from([1, 0, 0, 2, 0, 255]) } },
  { name: "long-link", type: "symlink", linkname: "t".repeat(3000) },
  { name: "ünï/cödé", content: "utf8" },
]);

test("every kind of entry, whatever the chunks", (t) => {
  const whole = read(everything);
  t.equal(whole.length, 15);
  const byName = new Map(whole.map((item) => [item.entry.name, item]));
  t.match(byName.get("./")?.entry, { type: "directory", mtimeSeconds: 12, mtimeNanos: 250_000_000 });
  t.match(byName.get("dir/")?.entry, { type: "directory", mode: 0o1777, uid: 1, gid: 2 });
  t.match(byName.get("dir/file")?.entry, { type: "file", mode: 0o6755, uid: 4294967294, gid: 3000000, size: 5 });
  t.equal(byName.get("dir/file")?.content.toString(), "hello");
  t.match(byName.get("dir/link")?.entry, { type: "symlink", linkName: "file" });
  t.match(byName.get("dir/hard")?.entry, { type: "hardlink", linkName: "dir/file" });
  t.match(byName.get("dev/null")?.entry, { type: "char", devMajor: 1, devMinor: 3 });
  t.match(byName.get("dev/loop")?.entry, { type: "block", devMajor: 7, devMinor: 255 });
  t.match(byName.get("pipe")?.entry, { type: "fifo" });
  t.equal(byName.get(`${"d/".repeat(2000)}deep`)?.content.toString(), "deep");
  t.equal(byName.get("x")?.entry.xattrs?.get("user.a")?.toString(), "b\n=c");
  t.strictSame([...(byName.get("x")?.entry.xattrs?.get("security.capability") ?? [])], [1, 0, 0, 2, 0, 255]);
  t.equal(byName.get("long-link")?.entry.linkName.length, 3000);
  t.equal(byName.get("ünï/cödé")?.content.toString(), "utf8");
  for (const size of [1, 7, 511, 512, 513, 1000, 4096])
    t.strictSame(read(everything, size), whole, `chunks of ${size}`);
  t.end();
});

test("GNU long names, base-256 numbers, and the end of the archive", (t) => {
  const name = "g".repeat(600);
  const archive = Buffer.concat([
    header({ name: "././@LongLink", type: "L", size: name.length + 1, magic: gnuSparseMagic }),
    padded(`${name}\0`),
    header({ name: "././@LongLink", type: "K", size: 301, magic: gnuSparseMagic }),
    padded(`${"k".repeat(300)}\0`),
    header({
      name: "cut",
      type: "2",
      magic: gnuSparseMagic,
      edit: (block) => {
        block.set([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe], 108);
        block.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf6], 136);
      },
    }),
  ]);
  for (const end of [
    END,
    Buffer.alloc(0),
    Buffer.alloc(512),
    Buffer.concat([END, Buffer.from("rubbish after the end")]),
  ]) {
    const [item] = read(Buffer.concat([archive, end]));
    t.match(item?.entry, { name, linkName: "k".repeat(300), type: "symlink", uid: 4294967294, mtimeSeconds: -10 });
  }
  t.end();
});

test("V7, ustar prefixes, directories of old", (t) => {
  const archive = Buffer.concat([
    header({ name: "old/", type: "\0", magic: "\0\0\0\0\0\0\0\0" }),
    header({ name: "plain", type: "\0", magic: "\0\0\0\0\0\0\0\0" }),
    header({ name: "tail", edit: (block) => void block.write("some/prefix", 345) }),
    header({ name: "label", type: "V" }),
    header({ name: "contiguous", type: "7", size: 3 }),
    padded("abc"),
    END,
  ]);
  t.strictSame(
    read(archive).map(({ entry, content }) => [entry.type, entry.name, content.toString()]),
    [
      ["directory", "old/", ""],
      ["file", "plain", ""],
      ["file", "some/prefix/tail", ""],
      ["file", "contiguous", "abc"],
    ],
  );
  t.end();
});

test("PAX records take the place of the header's, global ones do not", (t) => {
  const archive = Buffer.concat([
    header({ name: "g", type: "g", size: 17 }),
    padded("17 path=ignored!\n"),
    pax([
      ["path", "päx/näme"],
      ["size", "3"],
      ["uid", "70000000"],
      ["gid", "0"],
      ["mtime", "-1.25"],
      ["comment", "x"],
      ["LIBARCHIVE.xattr.user.n%20o", "aGk="],
      ["SCHILY.xattr.user.empty", ""],
    ]),
    header({ name: "short", size: 0 }),
    padded("abc"),
    header({ name: "next" }),
    END,
  ]);
  const [first, second] = read(archive);
  t.match(first?.entry, {
    name: "päx/näme",
    size: 3,
    uid: 70000000,
    gid: 0,
    mtimeSeconds: -2,
    mtimeNanos: 750_000_000,
  });
  t.equal(first?.content.toString(), "abc");
  t.equal(first?.entry.xattrs?.get("user.n o")?.toString(), "hi");
  t.equal(first?.entry.xattrs?.get("user.empty")?.length, 0);
  t.match(second?.entry, { name: "next", mtimeSeconds: 0, xattrs: undefined });
  t.end();
});

test("sparse files of four formats", (t) => {
  const octal = (value: number): string => `${value.toString(8).padStart(11, "0")}\0`;
  // Two parts: 3 bytes at 10, 4 bytes at 1000, of 2000.
  const data = padded("abcdefg");
  const old = Buffer.concat([
    header({
      type: "S",
      size: 7,
      magic: gnuSparseMagic,
      edit: (block) => {
        block.write(octal(10) + octal(3), 386);
        block.write("\u0001", 482, "latin1");
        block.write(octal(2000), 483);
      },
    }),
    (() => {
      const block = Buffer.alloc(512);
      block.write(octal(1000) + octal(4) + octal(2000) + octal(0), 0);
      return block;
    })(),
    data,
  ]);
  const common: [string, string][] = [["GNU.sparse.name", "file"]];
  const zero = Buffer.concat([
    pax([
      ["GNU.sparse.size", "2000"],
      ["GNU.sparse.numblocks", "2"],
      ["GNU.sparse.offset", "10"],
      ["GNU.sparse.numbytes", "3"],
      ["GNU.sparse.offset", "1000"],
      ["GNU.sparse.numbytes", "4"],
    ]),
    header({ size: 7 }),
    data,
  ]);
  const one = Buffer.concat([
    pax([...common, ["GNU.sparse.size", "2000"], ["GNU.sparse.numblocks", "2"], ["GNU.sparse.map", "10,3,1000,4"]]),
    header({ name: "GNUSparseFile.1/file", size: 7 }),
    data,
  ]);
  const map = padded("2\n10\n3\n1000\n4\n");
  const modern = Buffer.concat([
    pax([...common, ["GNU.sparse.major", "1"], ["GNU.sparse.minor", "0"], ["GNU.sparse.realsize", "2000"]]),
    header({ name: "GNUSparseFile.1/file", size: map.length + 7 }),
    map,
    data,
  ]);
  const expected = Buffer.alloc(2000);
  expected.write("abc", 10);
  expected.write("defg", 1000);
  for (const [format, archive] of Object.entries({ old, zero, one, modern })) {
    for (const chunk of [1, 512, 10_000]) {
      const items = read(Buffer.concat([archive, tarEntry({ name: "after", content: "z" }), END]), chunk);
      t.match(items[0]?.entry, { name: "file", size: 2000, stored: 7, sparse: true }, format);
      t.ok(items[0]?.content.equals(expected), `${format} in chunks of ${chunk}`);
      t.equal(items[1]?.content.toString(), "z");
    }
  }
  t.end();
});

test("names that are not UTF-8 are told apart by their bytes, in each place that a name can have", (t) => {
  const raw = (hex: string): string => decodeBytes(Buffer.from(hex, "hex"));
  const names = [raw("fffe"), raw("c3"), raw("66c3a9e9"), "é"];
  const archives: Record<string, Buffer> = {
    header: Buffer.concat([...names.map((name) => tarEntry({ name, content: "x" })), END]),
    PAX: Buffer.concat([
      ...names.map((name) => tarEntry({ name: "short", content: "x", pax: { path: encodeBytes(name) } })),
      END,
    ]),
    "GNU long name": Buffer.concat([
      ...names.map((name) => {
        const bytes = Buffer.concat([encodeBytes(name), Buffer.of(0)]);
        const long = header({ name: "././@LongLink", type: "L", size: bytes.length, magic: "ustar  \0" });
        return Buffer.concat([long, padded(bytes), header({ magic: "ustar  \0" })]);
      }),
      END,
    ]),
  };
  for (const [place, archive] of Object.entries(archives)) {
    t.strictSame(
      read(archive).map(({ entry }) => entry.name),
      names,
      place,
    );
  }
  const [link] = read(buildTar([{ name: "l", type: "symlink", linkname: names[0]!, xattrs: { "user.x": "v" } }]));
  t.equal(link?.entry.linkName, names[0]);
  t.end();
});

test("wrong archives are refused with words", (t) => {
  const plain = header({ size: 3 });
  const paxBody = (body: string): Buffer =>
    Buffer.concat([header({ name: "p", type: "x", size: Buffer.byteLength(body) }), padded(body), header({}), END]);
  const sparse = (map: string, size: string, stored: number): Buffer =>
    Buffer.concat([
      pax([
        ["GNU.sparse.size", size],
        ["GNU.sparse.map", map],
      ]),
      header({ size: stored }),
      Buffer.alloc(Math.ceil(stored / 512) * 512),
      END,
    ]);
  const cases: [string, Buffer, RegExp][] = [
    ["rubbish", Buffer.alloc(512, "x"), /checksum|octal/],
    ["cut in data", Buffer.concat([plain, Buffer.from("ab")]), /ends in the middle/],
    ["cut in padding", Buffer.concat([plain, Buffer.from("abc")]), /ends in the middle/],
    ["cut in a header", plain.subarray(0, 300), /ends inside a header/],
    ["an extended header alone", pax([["path", "a"]]), /ends inside|ends in/],
    ["an extended header at the end", Buffer.concat([pax([["path", "a"]]), END]), /has no entry/],
    ["one zero block in the middle", Buffer.concat([Buffer.alloc(512), header({})]), /zero block/],
    ["a wrong checksum", Buffer.concat([plain.fill("y", 0, 1), END]), /checksum/],
    ["an unknown type", Buffer.concat([header({ type: "M" }), END]), /type/],
    ["no name", Buffer.concat([header({ name: "" }), END]), /no name/],
    ["a size that is no number", Buffer.concat([header({ edit: (b) => void b.write("12x4", 124) }), END]), /octal/],
    ["a negative size", header({ edit: (b) => void b.fill(0xff, 124, 136) }), /negative/],
    ["a huge size", header({ edit: (b) => void b.fill(0x7f, 125, 136).fill(0x80, 124, 125) }), /out of range/],
    ["a huge PAX header", header({ type: "x", size: 2 ** 30 }), /limit/],
    ["a PAX record without a length", paxBody("path=a\n"), /number/],
    ["a PAX record that is too long", paxBody("99 path=a\n"), /length/],
    ["a PAX record of no length", paxBody("0 path=a\n"), /length/],
    ["a PAX record without =", paxBody("8 patha\n"), /no =/],
    ["a PAX record without a key", paxBody("5 =a\n"), /no key/],
    ["a PAX record without a line end", paxBody("9 path=ab"), /length/],
    ["a NUL in a path", paxBody("11 path=a\u0000\n"), /NUL/],
    ["a size that is a word", paxBody("11 size=ab\n"), /number/],
    ["a size out of range", paxBody("25 size=9999999999999999\n"), /range/],
    ["a time that is a word", paxBody("11 mtime=x\n"), /number/],
    ["a sparse map that goes back", sparse("10,3,5,3", "100", 6), /goes back/],
    ["a sparse map beyond the end", sparse("10,91", "100", 91), /beyond/],
    ["a sparse map of odd length", sparse("10,3,20", "100", 3), /odd/],
    ["a sparse map that lies", sparse("10,3", "100", 4), /speaks of/],
    ["a sparse map of words", sparse("a,b", "100", 4), /number/],
  ];
  for (const [what, archive, message] of cases) {
    for (const chunk of [archive.length, 100]) {
      t.throws(() => read(archive, chunk), { code: "invalid", message }, `${what}, chunks of ${chunk}`);
    }
  }
  t.throws(() => read(everything, 512, { maxEntries: 3 }), /more than 3/);
  t.end();
});

test("data can be stepped over", (t) => {
  const archive = buildTar([
    { name: "a", content: Buffer.alloc(100_000) },
    { name: "b", content: "b" },
  ]);
  const names: string[] = [];
  const offsets: number[] = [];
  const reader = new TarReader({
    entry: (entry) => void (names.push(entry.name) && offsets.push(reader.offset)),
    data: () => undefined,
    end: () => undefined,
  });
  let at = 0;
  let taken = 0;
  while (!reader.done && at < archive.length) {
    reader.push(archive.subarray(at, at + 512));
    at += 512;
    taken += 512;
    at += reader.skippable;
    reader.skip();
  }
  reader.finish();
  t.strictSame(names, ["a", "b"]);
  t.equal(archive.toString("latin1", offsets[1], (offsets[1] ?? 0) + 1), "b");
  t.ok(taken <= 512 * 4, `${taken} bytes read`);
  t.end();
});

/** A small generator with a seed, so that a failure can be run again. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const FUZZ_MS = Number(process.env["NODELET_FUZZ_MS"] ?? 2_000);

test("mutated archives end in entries or in an error of ours", (t) => {
  const seed = Number(process.env["NODELET_FUZZ_SEED"] ?? Date.now() % 2 ** 31);
  t.comment(`NODELET_FUZZ_SEED=${seed}`);
  const random = generator(seed);
  const pieces = [
    tarEntry({ name: "dir/file", content: "hello", uid: 4294967294, xattrs: { "user.a": "b" } }),
    tarEntry({ name: "l", type: "symlink", linkname: "t".repeat(200) }),
    tarEntry({ name: "n".repeat(300), content: Buffer.alloc(600, "x"), mtime: 1.5 }),
    Buffer.concat([
      pax([
        ["GNU.sparse.size", "2000"],
        ["GNU.sparse.map", "10,3,1000,4"],
      ]),
      header({ size: 7 }),
      padded("abcdefg"),
    ]),
    Buffer.concat([
      pax([
        ["GNU.sparse.major", "1"],
        ["GNU.sparse.minor", "0"],
        ["GNU.sparse.realsize", "2000"],
      ]),
      header({ size: 519 }),
      padded("2\n10\n3\n1000\n4\n"),
      padded("abcdefg"),
    ]),
    header({ type: "S", magic: gnuSparseMagic, edit: (block) => void block.write("00000000000\0", 483) }),
    header({ name: "././@LongLink", type: "L", size: 10, magic: gnuSparseMagic }),
    END,
  ];
  const until = performance.now() + FUZZ_MS;
  let rounds = 0;
  let refused = 0;
  while (performance.now() < until) {
    rounds++;
    const archive = Buffer.concat(Array.from({ length: 1 + random(6) }, () => pieces[random(pieces.length)] ?? END));
    const edits = random(8);
    for (let edit = 0; edit < edits; edit++) {
      const at = random(archive.length);
      const value = random(3) === 0 ? 0x30 + random(10) : random(256);
      archive[at] = value;
      // A right checksum lets the damage through to where it matters.
      const block = archive.subarray(at - (at % 512), at - (at % 512) + 512);
      if (random(4) > 0 && block.length === 512) sealed(block);
    }
    const cut = random(10) === 0 ? archive.subarray(0, random(archive.length)) : archive;
    try {
      read(cut, 1 + random(2000), { maxHeaderBytes: 4096, maxEntries: 50 });
    } catch (error) {
      refused++;
      if (!isNodeletError(error, "invalid")) {
        t.fail(`seed ${seed}, round ${rounds}: ${String(error)}`, { archive: cut.toString("base64") });
        break;
      }
    }
  }
  t.ok(rounds > 100 && refused > 0 && refused < rounds, `${rounds} archives, ${refused} refused`);
  t.end();
});
