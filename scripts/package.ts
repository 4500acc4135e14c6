// `make package`: the tarball and the .deb, into build/package. Both hold the same tree; the native parts and the bundle
// have to be built before.

import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "..");
const packaging = join(root, "packaging");

/** Where the program's own files lie once installed. */
const LIBRARY = "usr/lib/nodelet";

/** Debian's name of the architecture that Node.js calls so. */
const DEBIAN_ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

export const VERSION = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version;

/** Fills `target` with the tree as it is installed under `/`. */
export async function packageTree(target: string): Promise<void> {
  const node = `node_modules/node-linux-${process.arch}/bin/node`;
  const parts: readonly [from: string, to: string, mode: number][] = [
    ["bin/nodelet", `${LIBRARY}/bin/nodelet`, 0o755],
    ["package.json", `${LIBRARY}/package.json`, 0o644],
    ["build/native/nodelet.node", `${LIBRARY}/build/native/nodelet.node`, 0o644],
    ["build/native/nodelet-shim", `${LIBRARY}/build/native/nodelet-shim`, 0o755],
    [node, `${LIBRARY}/${node}`, 0o755],
    ["packaging/nodelet.service", "lib/systemd/system/nodelet.service", 0o644],
    ["packaging/nodelet-shutdown.service", "lib/systemd/system/nodelet-shutdown.service", 0o644],
    ["packaging/default", "etc/default/nodelet", 0o644],
  ];
  for (const [from, to, mode] of parts) {
    if (!existsSync(join(root, from))) throw new Error(`${from} is not there: run \`make build\` first`);
    await mkdir(dirname(join(target, to)), { recursive: true });
    await copyFile(join(root, from), join(target, to));
    await chmod(join(target, to), mode);
  }
  await cp(join(root, "dist"), join(target, LIBRARY, "dist"), {
    recursive: true,
    filter: (path) => !path.endsWith(".map"),
  });
  await mkdir(join(target, "etc/nodelet/manifests"), { recursive: true });
  await mkdir(join(target, "usr/bin"), { recursive: true });
  await symlink("../lib/nodelet/bin/nodelet", join(target, "usr/bin/nodelet"));
}

/** Returns the path of the tarball: to be unpacked at `/`. */
export async function buildTarball(tree: string, directory: string): Promise<string> {
  const file = join(directory, `nodelet-${VERSION}-linux-${process.arch}.tar.gz`);
  await run("tar", ["-C", tree, "--owner=0", "--group=0", "--sort=name", "-czf", `${file}.new`, "."]);
  await rename(`${file}.new`, file);
  return file;
}

/** Returns the path of the package. `fast`: larger, made in a fifth of the time. */
export async function buildDeb(tree: string, directory: string, options: { fast?: boolean } = {}): Promise<string> {
  const architecture = DEBIAN_ARCHITECTURES[process.arch];
  if (architecture === undefined) throw new Error(`there is no Debian architecture for ${process.arch}`);
  const control = join(tree, "DEBIAN");
  await mkdir(control);
  try {
    const { stdout } = await run("du", ["-sk", tree]);
    const values: Readonly<Record<string, string>> = {
      VERSION,
      ARCHITECTURE: architecture,
      INSTALLED_KIB: stdout.split("\t")[0] ?? "0",
    };
    for (const name of await readdir(join(packaging, "deb"))) {
      const text = readFileSync(join(packaging, "deb", name), "utf8");
      await writeFile(
        join(control, name),
        text.replace(/@(\w+)@/g, (_, key: string) => values[key] ?? ""),
        { mode: /^(pre|post)/.test(name) ? 0o755 : 0o644 },
      );
    }
    const file = join(directory, `nodelet_${VERSION}_${architecture}.deb`);
    await run("dpkg-deb", [
      "--root-owner-group",
      "-Zgzip",
      options.fast === true ? "-z1" : "-z6",
      "--build",
      tree,
      `${file}.new`,
    ]);
    await rename(`${file}.new`, file);
    return file;
  } finally {
    await rm(control, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const directory = join(root, "build", "package");
  await mkdir(directory, { recursive: true });
  const tree = await mkdtemp(join(directory, "tree-"));
  try {
    await chmod(tree, 0o755);
    await packageTree(tree);
    for (const file of [await buildTarball(tree, directory), await buildDeb(tree, directory)])
      console.error(`package: ${file}`);
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}
