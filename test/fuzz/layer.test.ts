// Damaged and hostile layers through the writer, into a directory: nothing outside of it changes, and what was begun can be
// removed. The layers below are unknown, there, or none.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "tap";
import { isErrno, isNodeletError, type NodeletError } from "../../agent/base/errors.ts";
import { LayerStack } from "../../agent/images/layer-stack.ts";
import { LayerWriter, LowersNeeded, settle } from "../../agent/images/layer-writer.ts";
import { TarReader } from "../../agent/images/tar.ts";
import { createLinuxSystem } from "../../agent/system/linux.ts";
import { AT_FDCWD, type Fd, O } from "../../agent/system/system.ts";
import { buildTar, type TarEntry } from "../../scripts/lib/tar.ts";
import { type Random, seeded } from "../fixtures/soak.ts";
import { randomLayers } from "../integration/images/random-image.ts";
import { fuzz } from "./harness.ts";
import { sealHeaders, TAR_WORDS } from "./tar-input.ts";

const system = createLinuxSystem();
const base = mkdtempSync(join(tmpdir(), "nodelet-fuzz-layer-"));
after(() => rmSync(base, { recursive: true, force: true }));
mkdirSync(join(base, "outside"));
writeFileSync(join(base, "outside", "victim"), "untouched");
const outside = `/${join(base, "outside").slice(1)}`;
const LIMITS = { maxBytes: 1_000_000, maxInodes: 300 };

function open(path: string): Fd {
  return system.openat2(AT_FDCWD, path, { flags: O.RDONLY | O.DIRECTORY });
}

/** What a layer could reach if it got out: what lies beside its directory, and the file that its links aim at. */
function surroundings(place: string): string {
  return JSON.stringify([
    readdirSync(base).toSorted(),
    readdirSync(place).toSorted(),
    readdirSync(join(base, "outside")),
    readFileSync(join(base, "outside", "victim"), "utf8"),
  ]);
}

function write(input: Buffer, place: string, lowers: "none" | "later" | LayerStack): void {
  using resources = new DisposableStack();
  const root = resources.adopt(open(join(place, "root")), (fd) => system.close(fd));
  const trash = resources.adopt(open(join(place, "trash")), (fd) => system.close(fd));
  const writer = resources.use(new LayerWriter(system, root, trash, lowers, LIMITS));
  const reader = new TarReader(writer, { maxEntries: 500, maxHeaderBytes: 8192, maxSparseSegments: 1000 });
  reader.push(input);
  reader.finish();
  const summary = writer.finish();
  if (typeof lowers !== "string") settle(system, root, summary, lowers);
}

async function run(input: Buffer, random: Random): Promise<string> {
  const place = join(base, "place");
  for (const path of ["root", "trash", "layers/1"]) mkdirSync(join(place, path), { recursive: true });
  for (const path of ["a", "dir"]) mkdirSync(join(place, "layers/1", path));
  writeFileSync(join(place, "layers/1/a/b"), "below");
  const layers = open(join(place, "layers"));
  system.symlinkat(outside, layers, "1/lib");
  const before = surroundings(place);
  const stack = random(2) === 0 ? new LayerStack(system, layers, ["1"]) : undefined;
  let ended = "whole";
  try {
    write(input, place, stack ?? (random(2) === 0 ? "later" : "none"));
  } catch (error) {
    if (error instanceof LowersNeeded) ended = "lowers";
    else if (!isNodeletError(error)) throw error;
    // The kernel's own refusals are told as internal errors with their cause; a wrong one would be a mistake of ours.
    else if (
      error.code === "internal" &&
      !isErrno(
        error.cause,
        "ELOOP",
        "EXDEV",
        "EPERM",
        "EINVAL",
        "ENAMETOOLONG",
        "E2BIG",
        "ERANGE",
        "EOPNOTSUPP",
        "EMLINK",
      )
    )
      throw new Error("an internal error", { cause: error });
    else
      ended = String((error.cause as NodeletError | undefined)?.message ?? error.message)
        .replaceAll(/"[^"]*"|[0-9]+/g, "")
        .slice(0, 80);
  } finally {
    stack?.[Symbol.dispose]();
    system.close(layers);
  }
  if (surroundings(place) !== before) throw new Error("something outside of the layer changed");
  const top = open(base);
  try {
    await system.removeTree(top, "place");
  } finally {
    system.close(top);
  }
  return ended;
}

const hostile: TarEntry[][] = [
  [{ name: "l", type: "symlink", linkname: outside }, { name: "l/file", content: "x" }, { name: "l/.wh.victim" }],
  [
    { name: "l", type: "symlink", linkname: `../../../../../../..${outside}` },
    { name: "h", type: "hardlink", linkname: "l/victim" },
  ],
  [{ name: "lib/file", content: "through a link below" }, { name: "a/.wh.b" }, { name: "dir/.wh..wh..opq" }],
  [{ name: "h", type: "hardlink", linkname: "a/b" }, { name: "h", content: "x" }, { name: "a/b/c" }],
  [
    { name: `${outside}/victim`, content: "x" },
    { name: "../../outside/victim", content: "x" },
  ],
  [
    { name: "a", type: "symlink", linkname: "lib" },
    { name: "a/victim", content: "x" },
    { name: "d", type: "char", major: 0, minor: 0 },
  ],
];
const layers = [1, 2, 3].flatMap((seed) => randomLayers(seeded(seed))).map((entries) => entries.slice(0, 12));
fuzz([
  {
    name: "layer",
    run,
    seeds: [...hostile, ...layers].map((entries) => buildTar(entries)),
    dictionary: [...TAR_WORDS, outside, "lib", "a/b", "lib/victim"],
    repair: sealHeaders,
    count: 700,
  },
]);
