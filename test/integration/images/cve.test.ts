// time limit: 240 s
// What happened to others, by the number it was given, each with a twin that must work. To show that a test would see the hole, the
// same image goes to a copy of the sources whose defences are taken out: often several, as each of them alone holds.

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { test } from "tap";
import { buildImage, type ImageSource, writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import type { TarEntry } from "../../../scripts/lib/tar.ts";
import { scratch } from "./support.ts";

const execute = promisify(execFile);

interface Case {
  readonly cve: string;
  readonly what: string;
  readonly hostile: (layout: string, outside: string) => Promise<unknown>;
  readonly twin: (layout: string) => Promise<unknown>;
  /** Seen of the hostile image: refused with these words, or loaded and harmless. */
  readonly held: RegExp;
  /** Text of the sources that is the defence, and what is put in its place. */
  readonly without: readonly (readonly [file: string, defence: string, nothing: string])[];
}

const write = (layout: string, layers: readonly TarEntry[][], more: Partial<ImageSource> = {}): Promise<unknown> =>
  writeOciLayout(layout, { ref: "a/b:1", layers: layers.map((tar) => ({ tar })), ...more });

/** A layout whose manifest says more than it should. */
async function writeWithManifest(layout: string, change: (manifest: Record<string, unknown>) => void): Promise<void> {
  const source: ImageSource = { ref: "a/b:1", layers: [{ tar: [{ name: "f" }] }] };
  await writeOciLayout(layout, source);
  const manifest = JSON.parse(buildImage(source).blobs[0]!.data.toString()) as Record<string, unknown>;
  change(manifest);
  const { createHash } = await import("node:crypto");
  const bytes = Buffer.from(JSON.stringify(manifest));
  const digest = createHash("sha256").update(bytes).digest("hex");
  writeFileSync(join(layout, "blobs", "sha256", digest), bytes);
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as {
    manifests: Record<string, unknown>[];
  };
  Object.assign(index.manifests[0]!, { digest: `sha256:${digest}`, size: bytes.length });
  writeFileSync(join(layout, "index.json"), JSON.stringify(index));
}

const FOLLOWED: Case["without"] = [
  ["layer-writer.ts", "const target = this.#linkAt(at, part);", "const target = undefined as string | undefined;"],
  ["layer-writer.ts", "      this.#moveAway(parent, name);\n      this.#system.mkdirat(fd, name, 0o700);\n", ""],
  ["layer-stack.ts", "O.RDONLY | O.DIRECTORY | O.NOFOLLOW, resolve: NEVER_LEAVE }", "O.RDONLY | O.DIRECTORY }"],
];

const cases: readonly Case[] = [
  {
    cve: "CVE-2025-47290",
    what: "a layer that writes through a link of its own",
    hostile: (layout, outside) =>
      write(layout, [
        [
          { name: "l", type: "symlink", linkname: outside },
          { name: "l/new", content: "x" },
        ],
      ]),
    twin: (layout) =>
      write(layout, [
        [{ name: "d/" }, { name: "l", type: "symlink", linkname: "/d" }, { name: "l/new", content: "x" }],
      ]),
    held: /^loaded, untouched$/,
    without: FOLLOWED,
  },
  {
    cve: "CVE-2021-32760",
    what: "a mode that is meant for what a link leads to",
    hostile: (layout, outside) =>
      write(layout, [[{ name: "l", type: "symlink", linkname: `${outside}/victim`, mode: 0o777 }]]),
    twin: (layout) => write(layout, [[{ name: "f", content: "x", mode: 0o777 }]]),
    held: /^loaded, untouched$/,
    without: [
      [
        "layer-writer.ts",
        "    if (type === FileType.Symlink) {\n      if (attributes.uid",
        "    if (type === 0) {\n      if (attributes.uid",
      ],
      [
        "layer-writer.ts",
        "  system.fchmodat(fd, path, attributes.mode);",
        "  chmodSync('/proc/self/fd/' + String(fd) + '/' + path, attributes.mode);",
      ],
      ["layer-writer.ts", "import { ftruncateSync,", "import { chmodSync, ftruncateSync,"],
    ],
  },
  {
    cve: "CVE-2021-29136",
    what: "a link as the root directory",
    hostile: (layout, outside) =>
      write(layout, [
        [
          { name: "./", type: "symlink", linkname: outside },
          { name: "new", content: "x" },
        ],
      ]),
    twin: (layout) =>
      write(layout, [
        [
          { name: "./", mode: 0o711 },
          { name: "new", content: "x" },
        ],
      ]),
    held: /^refused: .*root can only be a directory/,
    without: [
      ["layer-writer.ts", 'if (entry.type !== "directory") throw invalid("the root can only be a directory");', ""],
    ],
  },
  {
    cve: "CVE-2021-41190",
    what: "a manifest that is an index too",
    hostile: (layout) => writeWithManifest(layout, (manifest) => (manifest["manifests"] = [])),
    twin: (layout) => writeWithManifest(layout, (manifest) => (manifest["annotations"] = { a: "b" })),
    held: /^refused: .*an index and a manifest at once/,
    without: [
      ["manifests.ts", 'if ("manifests" in document) throw wrong(what, "it is an index and a manifest at once");', ""],
    ],
  },
  {
    cve: "CVE-2021-41190",
    what: "a manifest of another type than what leads to it says",
    hostile: (layout) =>
      writeWithManifest(layout, (manifest) => (manifest["mediaType"] = "application/vnd.oci.image.index.v1+json")),
    twin: (layout) => writeWithManifest(layout, (manifest) => delete manifest["mediaType"]),
    held: /^refused: .*its mediaType is/,
    without: [
      [
        "manifests.ts",
        "if (expected !== undefined && own !== expected) {",
        "if (expected === own && own !== expected) {",
      ],
    ],
  },
  {
    cve: "CVE-2022-1708, CVE-2022-31030, CVE-2026-47262",
    what: "users without end",
    hostile: (layout) => write(layout, [[{ name: "etc/passwd", content: "x:x:1:1::/:\n".repeat(200_000) }]]),
    twin: (layout) => write(layout, [[{ name: "etc/passwd", content: "x:x:1:1::/:\n".repeat(20_000) }]]),
    held: /^refused: .*passwd has 2400000 bytes/,
    without: [
      ["image-store.ts", "if (found.stat.size > BigInt(MAX_USER_FILE_BYTES)) {", "if (found.stat.size < 0n) {"],
    ],
  },
  {
    cve: "CVE-2026-47262",
    what: "users in a device without end",
    hostile: (layout) => write(layout, [[{ name: "etc/passwd", type: "char", major: 1, minor: 3 }]]),
    twin: (layout) => write(layout, [[{ name: "etc/passwd", content: "x:x:1:1::/:\n" }]]),
    held: /^loaded, untouched$/,
    without: [
      [
        "image-store.ts",
        "(found.stat.mode & FileType.Mask) !== FileType.File",
        "(found.stat.mode & FileType.Mask) === 0",
      ],
      // What a device gives is shown by its number here; one that never ends would only make the test slow.
      [
        "image-store.ts",
        "      if (found.stat.size > BigInt(MAX_USER_FILE_BYTES)) {",
        '      if (found.stat.rdevMajor !== 0) throw new Error("read a device");\n      if (found.stat.size < 0n) {',
      ],
    ],
  },
  {
    cve: "CVE-2021-41103",
    what: "layers that every user of the host can reach",
    hostile: (layout) => write(layout, [[{ name: "su", content: "x", mode: 0o4755 }]]),
    twin: (layout) => write(layout, [[{ name: "f", content: "x" }]]),
    held: /^loaded, untouched$/,
    without: [
      ["image-store.ts", "        mode: 0o700,\n", "        mode: 0o755,\n"],
      ["../store/sqlite-store.ts", "0o700", "0o755"],
    ],
  },
];

const program = `
  import { statSync } from "node:fs";
  import { describeError } from "./agent/base/errors.ts";
  import { openImageStore } from "./agent/images/image-store.ts";
  import { openStore } from "./agent/store/sqlite-store.ts";
  import { createLinuxSystem } from "./agent/system/linux.ts";
  const [stateDir, layout] = process.argv.slice(2);
  const system = createLinuxSystem();
  const store = await openStore(stateDir, { system });
  const images = openImageStore({ system, store, stateDir });
  try {
    const [image] = await images.load(layout);
    await images.users(image.id);
    const open = [stateDir, stateDir + "/layers"].every((path) => (statSync(path).mode & 0o077) !== 0);
    console.log(open ? "open to others" : "loaded");
  } catch (error) {
    console.log("refused: " + describeError(error));
  }
  await images.close();
  await store.close();
`;

/** The sources in a directory of their own, changed. */
function sources(directory: string, changes: Case["without"]): string {
  mkdirSync(directory);
  for (const name of ["agent", "cni", "package.json"])
    cpSync(resolve(name), join(directory, name), { recursive: true });
  for (const name of ["node_modules", "build", "proto"]) symlinkSync(resolve(name), join(directory, name));
  for (const [name, defence, nothing] of changes) {
    const file = join(directory, "agent", "images", name);
    const text = readFileSync(file, "utf8");
    if (!text.includes(defence))
      throw new Error(`${name} has no ${JSON.stringify(defence)}: the test must learn where the defence is now`);
    writeFileSync(file, text.replaceAll(defence, nothing));
  }
  writeFileSync(join(directory, "program.ts"), program);
  return directory;
}

test("attacks with a number, their twins, and what the defences keep away", async (t) => {
  const directory = scratch(t);
  const intact = sources(join(directory, "intact"), []);
  let count = 0;
  for (const { cve, what, hostile, twin, held, without } of cases) {
    const place = join(directory, String(count++));
    const outside = join(place, "outside");
    mkdirSync(outside, { recursive: true });
    const reset = (): void => {
      rmSync(outside, { recursive: true });
      mkdirSync(outside);
      writeFileSync(join(outside, "victim"), "untouched", { mode: 0o600 });
    };
    let runs = 0;
    const outcome = async (root: string, layout: string): Promise<string> => {
      reset();
      const { stdout } = await execute(
        process.execPath,
        [join(root, "program.ts"), join(place, `state-${runs++}`), layout],
        { timeout: 60_000 },
      );
      const mode = statSync(join(outside, "victim")).mode & 0o777;
      const touched =
        readdirSync(outside).length !== 1 ||
        mode !== 0o600 ||
        readFileSync(join(outside, "victim"), "utf8") !== "untouched";
      return `${stdout.trim()}, ${touched ? "TOUCHED" : "untouched"}`;
    };
    await hostile(join(place, "hostile"), outside);
    await twin(join(place, "twin"));
    t.match(await outcome(intact, join(place, "hostile")), held, `${cve}: ${what}`);
    t.equal(await outcome(intact, join(place, "twin")), "loaded, untouched", `${cve}: the twin of ${what}`);
    const weak = sources(join(place, "weak"), without);
    const seen = await outcome(weak, join(place, "hostile"));
    t.notMatch(seen, held, `${cve}: without its defence the test sees it`);
    t.comment(`${cve} without its defence: ${seen.slice(0, 200)}`);
    rmSync(place, { recursive: true });
  }
});
