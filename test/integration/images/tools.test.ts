// soak limit: 1800 s
// Images that umoci, skopeo and buildah make come out as the tree that umoci unpacks.

import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { test } from "tap";
import { AT_FDCWD } from "../../../agent/system/system.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { DebianRegistry } from "../../fixtures/registry.ts";
import { countOf, seeded, seedOf } from "../../fixtures/soak.ts";
import { randomLayers } from "./random-image.ts";
import { describeImage, describeTree, openImages, scratch, system } from "./support.ts";

const execute = promisify(execFile);

function run(command: string, args: readonly string[], env: Record<string, string> = {}): string {
  return execFileSync(command, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
}

function missing(...commands: string[]): string | false {
  const absent = commands.filter((command) => {
    try {
      run(command, ["--version"]);
      return false;
    } catch {
      return true;
    }
  });
  return absent.length > 0 && process.env["CI"] !== "true"
    ? `${absent.join(", ")} missing: see scripts/setup.sh`
    : false;
}

function umociTree(directory: string, image: string): string[] {
  const bundle = join(directory, "bundle");
  run("umoci", ["unpack", "--image", image, bundle]);
  const tree = describeTree(join(bundle, "rootfs"));
  rmSync(bundle, { recursive: true });
  return tree;
}

/** A first state of a root directory: a bit of everything. */
function populate(root: string): void {
  for (const path of ["bin", "etc", "var/log", "srv/data/deep", "tmp", "dev"])
    mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, "bin/su"), "su");
  chownSync(join(root, "bin/su"), 0, 5);
  chmodSync(join(root, "bin/su"), 0o4755);
  writeFileSync(join(root, "bin/ping"), "ping", { mode: 0o755 });
  const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");
  system.setxattrat(AT_FDCWD, join(root, "bin/ping"), "security.capability", capability);
  chmodSync(join(root, "tmp"), 0o1777);
  writeFileSync(join(root, "srv/data/one"), "one");
  linkSync(join(root, "srv/data/one"), join(root, "srv/data/deep/same"));
  symlinkSync("../srv/data", join(root, "var/data"));
  lutimesSync(join(root, "var/data"), 12, 34.5);
  run("mkfifo", [join(root, "var/pipe")]);
  run("mknod", [join(root, "dev/zero"), "c", "1", "5"]);
  writeFileSync(Buffer.concat([Buffer.from(`${root}/srv/`), Buffer.from("fe2d", "hex")]), "no text");
  writeFileSync(join(root, "srv/sparse"), "begin");
  truncateSync(join(root, "srv/sparse"), 3_000_000);
  writeFileSync(join(root, "srv/old"), "old");
  utimesSync(join(root, "srv/old"), -100, -100);
  writeFileSync(join(root, "n".repeat(255)), "long");
  writeFileSync(join(root, "srv/owner"), "owner");
  chownSync(join(root, "srv/owner"), 70_000, 4_294_967_294);
}

/** What a second layer changes. */
function change(root: string): void {
  rmSync(join(root, "srv/old"));
  rmSync(join(root, "var/log"), { recursive: true });
  writeFileSync(join(root, "var/log"), "a file now");
  rmSync(join(root, "n".repeat(255)));
  mkdirSync(join(root, "n".repeat(255)));
  writeFileSync(join(root, "srv/data/two"), "two");
  renameSync(join(root, "bin/su"), join(root, "bin/doas"));
  linkSync(join(root, "srv/owner"), join(root, "srv/owner-too"));
  chmodSync(join(root, "etc"), 0o700);
}

test("umoci: layers that it packs from a root directory", { skip: missing("umoci") }, async (t) => {
  const directory = scratch(t);
  const layout = join(directory, "layout");
  const bundle = join(directory, "work");
  run("umoci", ["init", "--layout", layout]);
  run("umoci", ["new", "--image", `${layout}:made`]);
  for (const step of [populate, change]) {
    run("umoci", ["unpack", "--image", `${layout}:made`, bundle]);
    step(join(bundle, "rootfs"));
    run("umoci", ["repack", "--image", `${layout}:made`, bundle]);
    rmSync(bundle, { recursive: true });
  }
  const { images } = await openImages(t, directory);
  const [image] = await images.load(layout, { name: "umoci/made" });
  t.strictSame(describeImage(images, image!.id), umociTree(directory, `${layout}:made`));
});

test("skopeo: the same image in each format that it writes", { skip: missing("umoci", "skopeo") }, async (t) => {
  const directory = scratch(t);
  const seed = seedOf("NODELET_RANDOM_SEED");
  t.comment(`NODELET_RANDOM_SEED=${seed}`);
  const { images } = await openImages(t, directory);
  const count = countOf("NODELET_SKOPEO_IMAGES", { short: 3, soak: 20 });
  for (let index = 0; index < count; index++) {
    const layers = randomLayers(seeded(seed + index));
    const source = join(directory, `source-${index}`);
    await writeOciLayout(source, { ref: "random/image:1", layers: layers.map((tar) => ({ tar })) });
    const expected = umociTree(directory, `${source}:random/image:1`);
    const targets: [string, string, readonly string[]][] = [
      ["oci", join(directory, `oci-${index}`), []],
      ["oci", join(directory, `zstd-${index}`), ["--dest-compress-format", "zstd", "--dest-compress"]],
      ["oci-archive", join(directory, `oci-${index}.tar`), []],
      ["docker-archive", join(directory, `docker-${index}.tar`), []],
    ];
    for (const [format, path, options] of targets) {
      const target = `${format}:${path}:copied/image:${index}`;
      run("skopeo", ["--insecure-policy", "copy", "--quiet", ...options, `oci:${source}:random/image:1`, target]);
      if (options.length > 0) t.match(run("grep", ["-rl", "tar+zstd", path]), /blobs/);
      const [image] = await images.load(path);
      const what = `${format} ${options.join(" ")} NODELET_RANDOM_SEED=${seed + index}`;
      t.strictSame(describeImage(images, image!.id), expected, what);
      t.ok(image!.tags.includes(`docker.io/copied/image:${index}`), `${what}: ${image!.tags.join(" ")}`);
      await images.remove(image!.id);
    }
  }
});

test("docker-registry: images that skopeo pushed, pulled", { skip: missing("umoci", "skopeo") }, async (t) => {
  const directory = scratch(t);
  const seed = seedOf("NODELET_RANDOM_SEED");
  t.comment(`NODELET_RANDOM_SEED=${seed}`);
  await using registry = await DebianRegistry.start(join(directory, "registry"));
  const { images } = await openImages(t, directory);
  const count = countOf("NODELET_SKOPEO_IMAGES", { short: 3, soak: 100 });
  for (let index = 0; index < count; index++) {
    const layers = randomLayers(seeded(seed + index));
    const source = join(directory, "source");
    await writeOciLayout(source, { ref: "random/image:1", layers: layers.map((tar) => ({ tar })) });
    const expected = umociTree(directory, `${source}:random/image:1`);
    const formats: (readonly string[])[] = [
      [],
      ["--format", "v2s2"],
      ["--dest-compress-format", "zstd", "--dest-compress"],
    ];
    for (const [kind, options] of formats.entries()) {
      const name = `${registry.address}/random/image-${index}:${kind}`;
      const copy = ["--insecure-policy", "copy", "--quiet", "--dest-tls-verify=false", ...options];
      await execute("skopeo", [...copy, `oci:${source}:random/image:1`, `docker://${name}`]);
      const image = await images.pull(name);
      t.strictSame(
        describeImage(images, image.id),
        expected,
        `${options.join(" ")} NODELET_RANDOM_SEED=${seed + index}`,
      );
      await images.remove(image.id);
    }
    rmSync(source, { recursive: true });
  }
});

test("buildah: from scratch, added to, committed twice", { skip: missing("umoci", "buildah") }, async (t) => {
  const directory = scratch(t);
  const root = join(directory, "content");
  mkdirSync(root);
  populate(root);
  const archive = join(directory, "content.tar");
  run("tar", ["--xattrs", "--xattrs-include=*", "--numeric-owner", "-C", root, "-cf", archive, "."]);
  const buildah = (...args: string[]): string => {
    const places = [
      "--root",
      join(directory, "storage"),
      "--runroot",
      join(directory, "runroot"),
      "--storage-driver",
      "vfs",
    ];
    return run("buildah", [...places, ...args], { BUILDAH_ISOLATION: "chroot", XDG_RUNTIME_DIR: directory }).trim();
  };
  const layout = join(directory, "layout");
  const container = buildah("from", "scratch");
  buildah("add", "--quiet", container, archive, "/");
  buildah("config", "--entrypoint", '["/bin/ping"]', "--env", "A=b", container);
  const first = buildah("commit", "--quiet", container, "made/first:1");
  buildah("rm", container);
  const second = buildah("from", first);
  writeFileSync(join(directory, "extra"), "extra");
  buildah("copy", "--quiet", second, join(directory, "extra"), "/srv/data/extra");
  const mounted = buildah("mount", second);
  change(mounted);
  buildah("umount", second);
  buildah("commit", "--quiet", "--format", "oci", second, `oci:${layout}:made/second:1`);
  buildah("rm", "--all");
  const { images } = await openImages(t, directory);
  const [image] = await images.load(layout);
  t.match(image, { tags: ["docker.io/made/second:1"], config: { Entrypoint: ["/bin/ping"] } });
  t.strictSame(describeImage(images, image!.id), umociTree(directory, `${layout}:made/second:1`));
});
