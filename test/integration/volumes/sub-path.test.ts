// Parts of volumes that a hostile container prepares: nothing outside of the volume is ever mounted.

import { fork } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t from "tap";
import type { Test } from "tap";

import { createSlowCalls } from "../../../agent/system/slow-calls.ts";
import { bindSubPath } from "../../../agent/volumes/sub-path.ts";
import { leftBehind, picture } from "./support.ts";

const slow = createSlowCalls();
/** Binds while somebody changes the volume. */
const RACES = 200;

class Volume implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), "nodelet-part-"));
  readonly root = join(this.directory, "volume");
  readonly target = join(this.directory, "pod", "volume-subpaths", "v", "c", "0");

  constructor() {
    mkdirSync(join(this.root, "inside"), { recursive: true });
    writeFileSync(join(this.root, "inside", "marker"), "inside");
    mkdirSync(join(this.directory, "outside"));
    writeFileSync(join(this.directory, "outside", "marker"), "outside");
    mkdirSync(join(this.directory, "pod"));
  }

  /** What the marker in the mounted part says, or why there is none. */
  async bind(path: string): Promise<string> {
    const part = { volume: "v", container: "c", index: 0, hostPath: this.root, path };
    try {
      const at = await bindSubPath({ slow, podDir: join(this.directory, "pod") }, part);
      return statSync(at).isDirectory() ? readFileSync(join(at, "marker"), "utf8") : readFileSync(at, "utf8");
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async unbind(): Promise<void> {
    await slow.umount(this.target);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unbind();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const REFUSED = 'failed to prepare subPath for volumeMount "v" of container "c": it leads out of the volume';

async function clean(t: Test, run: (volume: Volume) => Promise<void>): Promise<void> {
  const before = await picture();
  {
    await using volume = new Volume();
    await run(volume);
  }
  t.strictSame(await leftBehind(before), []);
}

t.test("CVE-2017-1002101: links out of the volume", (t) =>
  clean(t, async (volume) => {
    const link = (target: string, name: string): void => symlinkSync(target, join(volume.root, name));
    link(join(volume.directory, "outside"), "absolute");
    link("../outside", "upwards");
    link("/proc/self/root", "magic");
    link("loop", "loop");
    link("inside", "sibling");
    link("../inside", "inside/back");
    link("nowhere", "dangling");
    for (const path of [
      "absolute",
      "upwards",
      "magic",
      "loop",
      "absolute/marker",
      "upwards/marker",
      "inside/../../outside",
    ])
      t.equal(await volume.bind(path), REFUSED, path);
    t.match(await volume.bind("dangling"), /failed to prepare subPath/);
    t.equal(await volume.bind("inside"), "inside");
    await volume.unbind();
    rmSync(volume.target, { recursive: true });
    t.equal(await volume.bind("sibling"), "inside", "a link that stays inside is followed");
  }),
);

t.test("CVE-2021-25741: a directory is exchanged for a link while it is mounted", (t) =>
  clean(t, async (volume) => {
    symlinkSync(join(volume.directory, "outside"), join(volume.root, "evil"));
    mkdirSync(join(volume.root, "part"));
    writeFileSync(join(volume.root, "part", "marker"), "inside");
    const renamer = fork(join(import.meta.dirname, "renamer.ts"), [
      join(volume.root, "part"),
      join(volume.root, "evil"),
    ]);
    try {
      await new Promise((resolve) => renamer.once("message", resolve));
      const seen = new Map<string, number>();
      for (let race = 0; race < RACES; race++) {
        const found = await volume.bind("part");
        seen.set(found, (seen.get(found) ?? 0) + 1);
        await volume.unbind();
      }
      t.strictSame(
        [...seen.keys()].filter((found) => found !== "inside" && found !== REFUSED),
        [],
      );
      t.ok(seen.has("inside") && seen.has(REFUSED), "both happened");
    } finally {
      const ended = new Promise((resolve) => renamer.once("exit", resolve));
      renamer.disconnect();
      await ended;
    }
  }),
);

t.test("a part that is missing is made with the volume's permissions", (t) =>
  clean(t, async (volume) => {
    // As a memory volume with an fsGroup has it.
    chmodSync(volume.root, 0o3777);
    const { mode } = statSync(volume.root);
    t.match(await volume.bind("a/b"), /ENOENT/, "it is empty");
    t.equal(statSync(join(volume.root, "a", "b")).mode, mode);
    t.equal(statSync(join(volume.root, "a")).mode, mode);
    writeFileSync(join(volume.root, "a", "b", "marker"), "made");
    t.equal(await volume.bind("a/b"), "made", "and stays bound");
    t.equal(await volume.bind("inside"), "inside", "another part takes its place");
    await volume.unbind();
    t.match(await volume.bind("inside/marker/x"), /a part of it is not a directory/);
  }),
);
