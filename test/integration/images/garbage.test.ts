// Making room: what goes, what stays, and what that frees; the same after the store was opened again.

import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { openStore } from "../../../agent/store/sqlite-store.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { leftovers, openImages, scratch, system } from "./support.ts";

const HOUR = 3_600_000;

test("shared layers count once, and are freed with the last image that has them", async (t) => {
  const directory = scratch(t);
  let clock = 1_700_000_000_000;
  const now = (): number => clock;
  const shared = { tar: [{ name: "shared", content: randomBytes(400_000) }] };
  const own = new Map<string, bigint>();
  let opened = await openImages(t, directory, { now });
  for (const [index, name] of ["first", "second", "third", "pinned", "used"].entries()) {
    const layout = join(directory, name);
    const layers = [shared, { tar: [{ name, content: randomBytes(100_000 * (index + 1)) }] }];
    await writeOciLayout(layout, { ref: `a/${name}:1`, layers });
    const before = (await opened.images.usage()).bytesUsed;
    const [image] = await opened.images.load(layout);
    const { bytesUsed } = await opened.images.usage();
    own.set(name, bytesUsed - before);
    t.ok(image!.size > 400_000n, "an image is as large as all of its layers");
    clock += HOUR;
  }
  const sizes = opened.images.list().reduce((sum, { size }) => sum + size, 0n);
  const { bytesUsed } = await opened.images.usage();
  t.ok(bytesUsed + 4n * 400_000n <= sizes, `${bytesUsed} bytes on disk, ${sizes} by image`);
  t.equal(readdirSync(join(opened.directory, "layers")).length, 7);
  await opened.images.pin("a/pinned:1", true);
  await opened.images.createSnapshot(opened.images.find("a/used:1")!.id, "container");
  // A use long ago and one of now: the first image is the one used last.
  await opened.images.createSnapshot(opened.images.find("a/first:1")!.id, "gone");
  await opened.images.removeSnapshot("gone");
  const names = (images: readonly { tags: readonly string[] }[]): string[] => images.map(({ tags }) => tags[0]!);

  await opened.close();
  opened = await openImages(t, directory, { now });
  t.equal((await opened.images.usage()).bytesUsed, bytesUsed, "known without looking at the disk");
  const young = await opened.images.prune({ minAgeMs: 6 * HOUR });
  t.strictSame([names(young.removed), young.bytes], [[], 0n], "nothing has been here for so long");
  const unused = await opened.images.prune({ unusedMs: 4 * HOUR });
  t.strictSame(names(unused.removed), ["docker.io/a/second:1"], "the first was loaded before it, and used since");
  t.equal(unused.bytes, own.get("second"));
  clock += HOUR;
  const room = await opened.images.prune({ bytes: 1n });
  t.strictSame(names(room.removed), ["docker.io/a/third:1"], "as many as it takes, the one used longest ago first");
  const rest = await opened.images.prune();
  t.strictSame(names(rest.removed), ["docker.io/a/first:1"]);
  t.ok(rest.bytes > 100_000n && rest.bytes < 400_000n, `its own layer alone: ${rest.bytes} bytes`);
  t.strictSame(names(opened.images.list()).toSorted(), ["docker.io/a/pinned:1", "docker.io/a/used:1"]);

  await opened.images.removeSnapshot("container");
  await opened.images.pin("a/pinned:1", false);
  const last = await opened.images.prune();
  t.equal(last.removed.length, 2);
  t.equal((await opened.images.usage()).bytesUsed, 0n);
  t.strictSame(leftovers(opened.directory), []);
});

test("one process has a store", async (t) => {
  const directory = scratch(t);
  const opened = await openImages(t, directory);
  await t.rejects(openStore(opened.directory, { system }), { code: "conflict" });
  await opened.close();
  await (await openStore(opened.directory, { system })).close();
  t.ok(existsSync(opened.directory));
});
