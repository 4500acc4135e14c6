// Loading: every form of archive, names, lies, interruptions, several at once. Whole or not at all.

import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "tap";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describeError } from "../../../agent/base/errors.ts";
import {
  type LayerSource,
  sha256,
  writeDockerArchive,
  writeOciIndex,
  writeOciLayout,
} from "../../../scripts/lib/oci-layout.ts";
import { buildTar, type TarEntry } from "../../../scripts/lib/tar.ts";
import { describeImage, leftovers, openImages, scratch } from "./support.ts";

const base: TarEntry[] = [
  { name: "etc/passwd", content: "root:x:0:0::/root:/bin/sh\napp:x:5:6::/srv:\nbad line\n" },
  { name: "etc/group", content: "app:x:6:root\n" },
  { name: "bin/app", content: "app", mode: 0o755 },
];
const second: TarEntry[] = [{ name: "srv/data", content: "data" }, { name: "etc/.wh.group" }];
const image = (ref: string | undefined, layers: readonly LayerSource[] = [{ tar: base }, { tar: second }]) => ({
  ...(ref === undefined ? {} : { ref }),
  layers,
  config: { User: "app", Env: ["A=b"], Entrypoint: ["/bin/app"] },
});

/** The tar of a directory's files, as `tar -C DIR -c .` makes it. */
function tarOf(directory: string): Buffer {
  return execFileSync("tar", ["-C", directory, "-c", "."], { maxBuffer: 1 << 28 });
}

test("a layout, its archive, a docker archive, each compressed too", async (t) => {
  const directory = scratch(t);
  const layout = join(directory, "layout");
  const written = await writeOciLayout(layout, image("team/web:1"));
  const docker = join(directory, "docker.tar");
  await writeDockerArchive(docker, image("team/web:1"));
  const forms: Record<string, string> = { layout, docker };
  const put = (name: string, data: Buffer): void => {
    forms[name] = join(directory, name);
    writeFileSync(forms[name], data);
  };
  put("oci.tar", tarOf(layout));
  put("oci.tar.gz", gzipSync(tarOf(layout)));
  put("oci.tar.zst", zstdCompressSync(tarOf(layout)));
  put("docker.tar.gz", gzipSync(readFileSync(docker)));
  put("docker.tar.zst", zstdCompressSync(readFileSync(docker)));

  // As old versions of docker save wrote them: equal layers as links, directories of their own.
  const legacy = join(directory, "legacy");
  const layerTar = buildTar(base);
  const config = Buffer.from(
    JSON.stringify({
      os: "linux",
      architecture: process.arch === "arm64" ? "arm64" : "amd64",
      config: { User: "app" },
      rootfs: { type: "layers", diff_ids: [sha256(layerTar), sha256(layerTar)] },
    }),
  );
  mkdirSync(join(legacy, "aaa"), { recursive: true });
  mkdirSync(join(legacy, "bbb"));
  writeFileSync(join(legacy, "aaa", "layer.tar"), layerTar);
  symlinkSync("../aaa/layer.tar", join(legacy, "bbb", "layer.tar"));
  const configName = `${createHash("sha256").update(config).digest("hex")}.json`;
  writeFileSync(join(legacy, configName), config);
  writeFileSync(
    join(legacy, "manifest.json"),
    JSON.stringify([
      { Config: configName, RepoTags: ["old/one:1", "old/two"], Layers: ["aaa/layer.tar", "bbb/layer.tar"] },
    ]),
  );
  put("legacy.tar", tarOf(legacy));

  const opened = await openImages(t, directory);
  const { images } = opened;
  let tree: string[] | undefined;
  for (const [form, path] of Object.entries(forms)) {
    if (form === "legacy.tar") continue;
    const [loaded, ...more] = await images.load(path);
    t.equal(more.length, 0);
    t.match(loaded, { tags: ["docker.io/team/web:1"], config: { User: "app", Env: ["A=b"] }, os: "linux" }, form);
    if (!form.startsWith("docker")) {
      t.equal(loaded!.id, written.config.digest);
      t.strictSame(loaded!.digests, [`docker.io/team/web@${written.manifest.digest}`]);
      t.equal(sha256(await images.blob(written.manifest.digest)), written.manifest.digest);
    }
    t.equal(sha256(await images.blob(loaded!.id)), loaded!.id);
    tree ??= describeImage(images, loaded!.id);
    t.strictSame(describeImage(images, loaded!.id), tree, form);
    t.ok(await images.remove(loaded!.id));
    t.strictSame(leftovers(opened.directory), [], form);
  }
  const [old] = await images.load(forms["legacy.tar"]!);
  t.strictSame(old?.tags, ["docker.io/old/one:1", "docker.io/old/two:latest"]);
});

test("names: found by each, taken by the next, removed one by one", async (t) => {
  const directory = scratch(t);
  const opened = await openImages(t, directory);
  const { images } = opened;
  const first = join(directory, "first");
  const written = await writeOciLayout(first, image("team/web:1"));
  const other = join(directory, "other");
  await writeOciLayout(other, image("team/web:1", [{ tar: [{ name: "other", content: "o" }] }]));
  const [one] = await images.load(first);
  const id = one!.id;
  for (const name of [
    id,
    id.slice(7),
    id.slice(7, 19),
    "team/web:1",
    "docker.io/team/web:1",
    `team/web@${written.manifest.digest}`,
  ]) {
    t.equal(images.find(name)?.id, id, name);
  }
  for (const name of ["team/web", "team/web:2", `team/other@${written.manifest.digest}`, "0123456789"])
    t.equal(images.find(name), undefined, name);
  t.throws(() => images.find("Not A Name"), { code: "invalid" });

  await images.tag("team/web:1", "localhost:5000/mirror");
  t.strictSame(images.find(id)?.tags, ["docker.io/team/web:1", "localhost:5000/mirror:latest"]);
  await t.rejects(images.tag("nothing", "x"), { code: "not-found" });
  await t.rejects(images.tag(id, "Bad Name"), { code: "invalid" });

  const [two] = await images.load(other);
  t.equal(images.find("team/web:1")?.id, two!.id, "the name went to the image loaded last");
  t.strictSame(images.find(id)?.tags, ["localhost:5000/mirror:latest"]);
  t.equal(images.list().length, 2);

  t.equal(await images.remove("no/such"), false);
  t.ok(await images.remove("localhost:5000/mirror"));
  t.equal(images.find(id), undefined, "the last name takes the image with it");
  await images.tag(two!.id, "team/web:2");
  t.ok(await images.remove("team/web:1"));
  t.strictSame(images.find(two!.id)?.tags, ["docker.io/team/web:2"]);
  t.ok(await images.remove(two!.id.slice(7, 20)));
  t.strictSame(images.list(), []);
  t.strictSame(leftovers(opened.directory), []);
});

test("several images in one layout; images without names, without layers", async (t) => {
  const directory = scratch(t);
  const opened = await openImages(t, directory);
  const { images } = opened;
  const layout = join(directory, "layout");
  await writeOciIndex(layout, [image("a/one:1"), image("a/two:1", [{ tar: base }]), image("a/none:1", [])]);
  const loaded = await images.load(layout);
  t.equal(loaded.length, 3);
  t.equal(new Set(loaded.map((item) => item.chainId)).size, 3);
  t.equal(readdirSync(join(opened.directory, "layers")).length, 3, "a shared layer is there once, with the empty one");
  const none = images.find("a/none:1");
  t.equal(none?.chainId, "");
  t.equal(none?.size, 0n);
  t.equal(describeImage(images, none!.id).length, 8, "the root and the mount points");
  const empty = await images.createSnapshot(none!.id, "empty");
  t.strictSame(empty.lower, ["0"], "the mount points alone");
  await images.removeSnapshot("empty");

  const nameless = join(directory, "nameless");
  await writeOciLayout(nameless, image(undefined, [{ tar: [{ name: "x" }] }]));
  t.strictSame((await images.load(nameless))[0]?.tags, []);
  t.strictSame((await images.load(nameless, { name: "given" }))[0]?.tags, ["docker.io/library/given:latest"]);
  t.strictSame(
    (await images.load(layout, { name: "given/other" })).map((item) => item.tags.length),
    [1, 1, 1],
  );
  await t.rejects(images.load(nameless, { name: "NOT" }), { code: "invalid" });
});

test("platforms: the host's is chosen, others are said", async (t) => {
  const directory = scratch(t);
  const { images } = await openImages(t, directory);
  const layout = join(directory, "layout");
  await writeOciIndex(layout, [
    { ...image("a/b:1", [{ tar: [{ name: "wrong" }] }]), architecture: "s390x" },
    image("a/b:1", [{ tar: [{ name: "right" }] }]),
  ]);
  const [loaded, ...more] = await images.load(layout);
  t.equal(more.length, 0);
  t.ok(describeImage(images, loaded!.id).some((line) => line.startsWith("/right ")));
  const foreign = join(directory, "foreign");
  await writeOciLayout(foreign, { ...image("a/c:1"), architecture: "s390x" });
  await t.rejects(images.load(foreign), { code: "unsupported" });
});

test("lies and damage: one error that names the cause, nothing stays, and the right archive loads", async (t) => {
  const directory = scratch(t);
  const opened = await openImages(t, directory);
  const { images } = opened;
  const wrong = `sha256:${"0".repeat(64)}`;
  const good = join(directory, "good");
  const written = await writeOciLayout(good, image("a/b:1"));
  const layerFile = (digest: string): string => `blobs/${digest.replace(":", "/")}`;
  const top = written.layers.at(-1)!;
  let count = 0;
  const spoiled = (spoil: (layout: string) => void): string => {
    const layout = join(directory, `spoiled-${count++}`);
    cpSync(good, layout, { recursive: true });
    spoil(layout);
    return layout;
  };
  const lying = async (layer: Partial<LayerSource>): Promise<string> => {
    const layout = join(directory, `lying-${count++}`);
    await writeOciLayout(layout, image("a/b:1", [{ tar: base }, { tar: second, ...layer }]));
    return layout;
  };
  const patch = (path: string, change: (data: Buffer) => Buffer): void =>
    writeFileSync(path, change(readFileSync(path)));
  const damage = (data: Buffer): Buffer => {
    const copy = Buffer.from(data);
    copy[copy.length >> 1] = (copy[copy.length >> 1] ?? 0) ^ 0xff;
    return copy;
  };
  const cases: [string, string, RegExp][] = [
    [
      "a diff id that lies",
      await lying({ claimedDiffId: wrong }),
      new RegExp(`unpacked layer has the digest ${top.diffId}.*${wrong}`),
    ],
    [
      "a layer that is damaged",
      spoiled((path) => patch(join(path, layerFile(top.digest)), damage)),
      new RegExp(`the blob has the digest sha256:.*${top.digest}`),
    ],
    [
      "a layer of another size",
      spoiled((path) => patch(join(path, layerFile(top.digest)), (data) => data.subarray(0, -9))),
      /has \d+ bytes, and its descriptor says/,
    ],
    ["a layer that is missing", spoiled((path) => rmSync(join(path, layerFile(top.digest)))), /is missing/],
    [
      "a damaged manifest",
      spoiled((path) => patch(join(path, layerFile(written.manifest.digest)), damage)),
      /has the digest/,
    ],
    [
      "a damaged configuration",
      spoiled((path) => patch(join(path, layerFile(written.config.digest)), damage)),
      /has the digest/,
    ],
    [
      "an index that is no JSON",
      spoiled((path) => writeFileSync(join(path, "index.json"), "{")),
      /index.json is wrong: it is not JSON/,
    ],
    ["no index", spoiled((path) => rmSync(join(path, "index.json"))), /index.json" is missing/],
    [
      "a layout of the future",
      spoiled((path) => writeFileSync(join(path, "oci-layout"), '{"imageLayoutVersion":"9.0.0"}')),
      /9.0.0/,
    ],
    ["no layout", spoiled((path) => rmSync(join(path, "oci-layout"))), /neither/],
  ];
  const claimed = await lying({ claimedDigest: wrong }).catch(() => undefined);
  if (claimed !== undefined) cases.push(["a digest that lies", claimed, /digest|missing/]);
  const archive = tarOf(good);
  for (const [name, data, message] of [
    ["a truncated archive", archive.subarray(0, archive.length - 12_000), /ends|missing/],
    ["a truncated compressed archive", gzipSync(archive).subarray(0, -100), /ends early/],
    ["rubbish", Buffer.from("rubbish ".repeat(1000)), /tar archive is wrong/],
    ["an empty file", Buffer.alloc(0), /neither/],
  ] as const) {
    const path = join(directory, `file-${count++}`);
    writeFileSync(path, data);
    cases.push([name, path, message]);
  }
  for (const [name, path, message] of cases) {
    const error: unknown = await images.load(path).catch((thrown: unknown) => thrown);
    t.match(describeError(error), message, name);
    t.match(error, { name: "NodeletError", where: path }, `${name}: names the file`);
    t.strictSame(leftovers(opened.directory), [], `${name}: nothing stays`);
    t.strictSame(images.list(), []);
  }
  t.equal((await images.load(good)).length, 1);
});

test("several loads of the same layers unpack each once", async (t) => {
  const directory = scratch(t);
  const opened = await openImages(t, directory);
  const { images } = opened;
  const big: TarEntry[] = [{ name: "big", content: randomBytes(8_000_000) }];
  const paths: string[] = [];
  for (let index = 0; index < 4; index++) {
    const path = join(directory, `layout-${index}`);
    await writeOciLayout(
      path,
      image(`a/b${index}:1`, [{ tar: big }, { tar: base }, { tar: [{ name: `own-${index}` }] }]),
    );
    paths.push(path);
  }
  const loaded = await Promise.all(paths.map((path) => images.load(path)));
  t.equal(loaded.length, 4);
  // Each unpacking takes a number, also one that comes to nothing.
  const numbers = readdirSync(join(opened.directory, "layers")).map(Number);
  t.strictSame(
    numbers.toSorted((x, y) => x - y),
    [0, 1, 2, 3, 4, 5, 6],
  );
  // The shared ones stay as long as one image is left.
  for (let index = 0; index < 4; index++) t.ok(await images.remove(`a/b${index}:1`));
  t.strictSame(leftovers(opened.directory), []);
});

test("a load beside one whose copy of a shared layer is damaged", async (t) => {
  const directory = scratch(t);
  const opened = await openImages(t, directory);
  const { images } = opened;
  const good = join(directory, "good");
  const written = await writeOciLayout(
    good,
    image("a/good:1", [{ tar: [{ name: "big", content: randomBytes(3_000_000) }] }]),
  );
  const bad = join(directory, "bad");
  cpSync(good, bad, { recursive: true });
  const blob = join(bad, "blobs", written.layers[0]!.digest.replace(":", "/"));
  const data = readFileSync(blob);
  data[data.length - 1_000] = (data[data.length - 1_000] ?? 0) ^ 1;
  writeFileSync(blob, data);
  for (let round = 0; round < 3; round++) {
    const results = await Promise.allSettled([images.load(bad), images.load(good), images.load(good)]);
    // The bad one fails, or takes the layer that another has unpacked from a good copy.
    t.strictSame(
      results.slice(1).map((result) => result.status),
      ["fulfilled", "fulfilled"],
    );
    t.ok(await images.remove("a/good:1"));
    t.strictSame(leftovers(opened.directory), []);
  }
});

test("cancelled, killed and closed in the middle", async (t) => {
  const directory = scratch(t);
  const opened = await openImages(t, directory);
  const { images } = opened;
  const layout = join(directory, "layout");
  const files = (count: number): TarEntry[] =>
    Array.from({ length: count }, (_, index) => ({ name: `d${index % 50}/f${index}`, content: randomBytes(3000) }));
  await writeOciLayout(layout, image("a/b:1", [{ tar: files(3000) }, { tar: files(2999) }, { tar: files(2998) }]));
  const aborted = new AbortController();
  aborted.abort();
  await t.rejects(images.load(layout, { signal: aborted.signal }), { code: "cancelled" });
  for (const delay of [0, 30, 80, 130]) {
    const controller = new AbortController();
    const work = images.load(layout, { signal: controller.signal });
    work.catch(() => undefined);
    await sleep(delay);
    controller.abort();
    await t.rejects(work, { code: "cancelled" }, `cancelled after ${delay} ms`);
    t.strictSame(leftovers(opened.directory), []);
  }
  // One of two that load the same is cancelled: the other goes on.
  const controller = new AbortController();
  const first = images.load(layout, { signal: controller.signal });
  const other = images.load(layout);
  first.catch(() => undefined);
  await sleep(60);
  controller.abort();
  await t.rejects(first, { code: "cancelled" });
  t.equal((await other).length, 1);
  t.ok(await images.remove("a/b:1"));

  let killed = 0;
  for (const delay of [0, 20, 50, 90]) {
    const begun = Promise.withResolvers<void>();
    const work = images.load(layout, { progress: () => begun.resolve() });
    work.catch(() => undefined);
    await begun.promise;
    await sleep(delay);
    for (const pid of images.unpackers) process.kill(pid, "SIGKILL");
    const error: unknown = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error === undefined) {
      // A fast machine was done before.
      t.ok(await images.remove("a/b:1"));
    } else {
      killed++;
      t.match(error, { code: "unavailable" }, `killed after ${delay} ms`);
    }
    t.strictSame(leftovers(opened.directory), []);
  }
  t.ok(killed > 0, `${killed} loads were killed`);
  t.equal((await images.load(layout)).length, 1, "the same command works again");
  t.ok(await images.remove("a/b:1"));

  const work = images.load(layout);
  work.catch(() => undefined);
  await sleep(100);
  await opened.close();
  await t.rejects(work, { code: "cancelled" });
  t.strictSame(leftovers(opened.directory), []);
  t.strictSame(images.unpackers, []);
});

test("the source may move while it is read, and the archive's path may hold anything", async (t) => {
  const directory = scratch(t);
  const { images } = await openImages(t, directory);
  const odd = join(directory, "a b:ü'\"\n,=");
  await writeOciLayout(odd, image("a/b:1"));
  t.equal((await images.load(odd)).length, 1);
  renameSync(odd, join(directory, "moved"));
  t.equal(describeImage(images, images.find("a/b:1")!.id).length, 7);
  t.strictSame(await images.users("a/b:1"), {
    passwd: [
      { name: "root", uid: 0, gid: 0, home: "/root" },
      { name: "app", uid: 5, gid: 6, home: "/srv" },
    ],
    group: [],
  });
});
