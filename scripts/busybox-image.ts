// Builds a small image out of this machine's busybox, as an OCI image layout: no registry, no network.
//
//     node scripts/busybox-image.ts DIRECTORY [REFERENCE]
//
// The same busybox gives the same digests. The directory appears whole or not at all.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, posix } from "node:path";
import { type ImageSource, writeOciLayout } from "./lib/oci-layout.ts";
import type { TarEntry } from "./lib/tar.ts";

export const BUSYBOX_REF = "localhost/nodelet/busybox:1";

const CANDIDATES = ["/bin/busybox", "/usr/bin/busybox", "/usr/local/bin/busybox"];

/** Its files as entries of a layer; applets are hard links, so that one of them can be masked without the others. */
export function busyboxEntries(binary: string = busyboxProgram()): TarEntry[] {
  return layerEntries(binary);
}

/** The image as data; tests take it as it is or with changes. */
export function busyboxImage(ref: string = BUSYBOX_REF): ImageSource {
  return {
    ref,
    layers: [{ tar: withParents(busyboxEntries()) }],
    config: {
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      Cmd: ["sh"],
      WorkingDir: "/",
    },
  };
}

function busyboxProgram(): string {
  const binary = CANDIDATES.find((path) => existsSync(path));
  if (binary !== undefined) return binary;
  throw new Error("Cannot build the busybox image: no busybox on this machine. Run: apt-get install busybox");
}

function layerEntries(binary: string): TarEntry[] {
  const applets = execFileSync(binary, ["--list"], { encoding: "utf8" }).split("\n").filter(Boolean);
  return [
    ...["bin", "dev", "etc", "home", "proc", "sys", "run", "usr", "usr/bin", "usr/sbin", "sbin", "var", "var/www"].map(
      (name) => ({ name: `${name}/`, mode: 0o755 }),
    ),
    { name: "root/", mode: 0o700 },
    { name: "tmp/", mode: 0o1777 },
    {
      name: "etc/passwd",
      content: [
        "root:x:0:0:root:/root:/bin/sh",
        "www-data:x:33:33:www-data:/var/www:/bin/false",
        "nobody:x:65534:65534:nobody:/nonexistent:/bin/false",
        "",
      ].join("\n"),
    },
    {
      name: "etc/group",
      content: ["root:x:0:", "tty:x:5:", "www-data:x:33:", "nogroup:x:65534:", ""].join("\n"),
    },
    { name: "var/www/index.html", content: "<!doctype html><title>nodelet</title><h1>It works.</h1>\n" },
    { name: "bin/busybox", mode: 0o755, content: readFileSync(binary) },
    ...applets
      .filter((name) => name !== "busybox" && /^[\w.[-]+$/.test(name))
      .map((name) => ({ name: `bin/${name}`, type: "hardlink" as const, linkname: "bin/busybox", mode: 0o755 })),
    ...libraries(binary),
  ];
}

/** The loader and the shared libraries of a dynamic program, at the places where it looks for them. None of a static one. */
export function libraries(binary: string): TarEntry[] {
  let listed: string;
  try {
    listed = execFileSync("ldd", [binary], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return []; // ldd fails on a static program
  }
  const paths = Array.from(listed.matchAll(/(?:=>\s*|^\s*)(\/\S+)/gm), (match) => match[1] ?? "").filter(Boolean);
  return [...new Set(paths)].map((path) => ({
    name: path.slice(1),
    mode: 0o755,
    content: readFileSync(realpathSync(path)),
  }));
}

/** The last entry of each name, sorted, parents before children, hard links after their target, missing parents added. */
export function withParents(entries: readonly TarEntry[]): TarEntry[] {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  for (const { name } of entries) {
    for (let dir = posix.dirname(name.replace(/\/$/, "")); dir !== "."; dir = posix.dirname(dir)) {
      if (!byName.has(`${dir}/`)) byName.set(`${dir}/`, { name: `${dir}/`, mode: 0o755 });
    }
  }
  const rank = (entry: TarEntry): string => `${entry.type === "hardlink" ? 1 : 0}${entry.name}`;
  return [...byName.values()].toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** A text file of the entries, and more. */
export function appended(entries: readonly TarEntry[], name: string, text: string): TarEntry {
  const before = entries.find((entry) => entry.name === name)?.content;
  if (typeof before !== "string") throw new Error(`Cannot append to ${name}: the layer has no such text`);
  return { name, content: before + text };
}

if (import.meta.main) {
  const [target, ref] = process.argv.slice(2);
  if (target === undefined) {
    console.error("usage: node scripts/busybox-image.ts DIRECTORY [REFERENCE]");
    process.exit(2);
  }
  const scratch = `${target}.tmp-${process.pid}`;
  await mkdir(dirname(target), { recursive: true });
  try {
    const image = busyboxImage(ref);
    const written = await writeOciLayout(scratch, image);
    await rm(target, { recursive: true, force: true });
    await rename(scratch, target);
    const kib = Math.round(written.layers.reduce((total, layer) => total + layer.size, 0) / 1024);
    console.error(`image: ${image.ref}, ${kib} KiB, ${written.manifest.digest}, in ${target}`);
  } catch (error) {
    await rm(scratch, { recursive: true, force: true });
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
