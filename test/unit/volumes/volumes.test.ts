import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test } from "tap";
import type { Test } from "tap";

import { describeError } from "../../../agent/base/errors.ts";
import { memorySize } from "../../../agent/volumes/empty-dir.ts";
import { setUpVolumes, tearDownVolumes } from "../../../agent/volumes/volumes.ts";
import type { VolumeContext } from "../../../agent/volumes/volume.ts";
import { decoded, realTrees } from "../pods/node.ts";
import { volumeContext } from "./context.ts";

function directory(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), "nodelet-volumes-"));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("emptyDir on disk and in memory", async (t) => {
  const podDir = directory(t);
  const fake = realTrees();
  const volumes = [
    { name: "disk", emptyDir: {} },
    { name: "ram", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
  ];
  const context: VolumeContext = volumeContext(podDir, { volumes }, { system: fake.system });
  const sources = await setUpVolumes(context);
  const disk = join(podDir, "volumes/kubernetes.io~empty-dir/disk");
  t.equal(sources.get("disk")?.hostPath, disk);
  t.equal(statSync(disk).mode & 0o7777, 0o777);
  t.match(fake.callsOf("mount"), [
    ["tmpfs", join(podDir, "volumes/kubernetes.io~empty-dir/ram"), "tmpfs", 6, "size=67108864,mode=1777"],
  ]);
  writeFileSync(join(disk, "file"), "x");
  await setUpVolumes(context);
  t.ok(existsSync(join(disk, "file")), "setting up again keeps what is there");

  await tearDownVolumes(context);
  t.strictSame(readdirSync(podDir), []);
  await tearDownVolumes(context);
  t.equal(fake.descriptors.size, 0);
});

test("a volume that cannot be taken down stays, and the next time tries again", async (t) => {
  const podDir = directory(t);
  const fake = realTrees();
  const context = volumeContext(podDir, { volumes: [{ name: "a", emptyDir: {} }] }, { system: fake.system });
  await setUpVolumes(context);
  fake.fail("removeTree", "EXDEV");
  await t.rejects(tearDownVolumes(context), { code: "unavailable" });
  t.ok(existsSync(join(podDir, "volumes/kubernetes.io~empty-dir/a")));
  await tearDownVolumes(context);
  t.notOk(existsSync(join(podDir, "volumes/kubernetes.io~empty-dir")));
});

test("the size of a memory volume", async (t) => {
  const size = (sizeLimit: string | undefined, ...limits: (string | undefined)[]): bigint => {
    const containers = limits.map((memory, index) => ({
      name: `c${index}`,
      image: "i:1",
      ...(memory === undefined ? {} : { resources: { limits: { memory } } }),
    }));
    const { pod } = decoded("p", { containers });
    return memorySize(pod, { name: "v", emptyDir: sizeLimit === undefined ? {} : { sizeLimit } }, 1_000_000n);
  };
  t.equal(size(undefined, undefined), 1_000_000n);
  t.equal(size("500k", undefined), 500_000n);
  t.equal(size("2M", undefined), 1_000_000n);
  t.equal(size(undefined, "100k", "200k"), 300_000n);
  t.equal(size(undefined, "100k", undefined), 1_000_000n);
  t.equal(size("50k", "100k"), 50_000n);
});

test("hostPath checks and makes what its type says", async (t) => {
  const root = directory(t);
  mkdirSync(join(root, "dir"));
  writeFileSync(join(root, "file"), "");
  symlinkSync("dir", join(root, "link"));
  const setUp = async (type: string | undefined, path: string): Promise<string> => {
    const volume = { name: "v", hostPath: { path, ...(type === undefined ? {} : { type }) } };
    try {
      const sources = await setUpVolumes(volumeContext(root, { volumes: [volume] }));
      return sources.get("v")?.hostPath ?? "none";
    } catch (error) {
      return describeError(error);
    }
  };
  const at = (name: string): string => join(root, name);
  t.equal(await setUp(undefined, at("absent")), at("absent"));
  t.ok(statSync(at("absent")).isDirectory(), "as runtimes do");
  t.equal(await setUp("Directory", at("dir")), at("dir"));
  t.equal(await setUp("Directory", at("link")), at("link"));
  t.equal(await setUp("File", at("file")), at("file"));
  t.match(await setUp("Directory", at("file")), /volume "v" : hostPath type check failed: .*file is not a directory$/);
  t.match(await setUp("File", at("missing")), /missing is not a file: it does not exist$/);
  t.match(await setUp("Socket", at("file")), /is not a socket file/);
  t.match(await setUp("BlockDevice", "/dev/null"), /is not a block device/);
  t.equal(await setUp("CharDevice", "/dev/null"), "/dev/null");
  t.equal(await setUp("DirectoryOrCreate", at("new/deep")), at("new/deep"));
  t.ok(statSync(at("new/deep")).isDirectory());
  t.equal(await setUp("FileOrCreate", at("made")), at("made"));
  t.ok(statSync(at("made")).isFile());
  t.match(await setUp("FileOrCreate", at("no/parent")), /ENOENT/);
  chmodSync(at("dir"), 0o755);
});
