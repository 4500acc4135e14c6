// Files of Debian packages that are not installed: resolved and downloaded by apt-get, unpacked by dpkg-deb, kept under build/debian.
// Needs the network when a package is asked for the first time.

import { execFileSync } from "node:child_process";
import {
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { packageRoot } from "../../agent/base/paths.ts";
import type { TarEntry } from "./tar.ts";

const CACHE = join(packageRoot(), "build", "debian");
const OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024;

/** Only Debian's own packages where other archives have some of the same name. */
const PREFERENCES = "Package: *\nPin: release o=Debian\nPin-Priority: 900\n";

/** Of a package in apt's archive: `NAME_VERSION_ARCHITECTURE.deb`, the version percent-encoded. */
type DebFile = string;

/** By what was asked. */
const resolved = new Map<string, readonly DebFile[]>();

/**
 * The packages and all that they depend on, but for `standIns`: packages that count as installed, with what only they need.
 * Recommended packages are left out.
 */
export function resolvePackages(names: readonly string[], standIns: readonly string[] = []): readonly DebFile[] {
  const key = [...names, "without", ...standIns].join(" ");
  const before = resolved.get(key);
  if (before !== undefined) return before;
  const scratch = newScratch();
  try {
    const status = join(scratch, "status");
    const preferences = join(scratch, "preferences");
    mkdirSync(join(scratch, "archives", "partial"), { recursive: true });
    writeFileSync(status, standIns.map(installedStanza).join("\n"));
    writeFileSync(preferences, PREFERENCES);
    const listed = apt([
      "--no-install-recommends",
      "--print-uris",
      "--yes",
      ...options([
        `Dir::State::status=${status}`,
        `Dir::Etc::Preferences=${preferences}`,
        `Dir::Cache::archives=${join(scratch, "archives")}`,
        "Debug::NoLocking=1",
      ]),
      "install",
      ...names,
    ]);
    const files = Array.from(listed.matchAll(/^'[^']+' (\S+\.deb) /gm), (match) => match[1] ?? "").toSorted();
    resolved.set(key, files);
    return files;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const options = (settings: readonly string[]): string[] => settings.flatMap((setting) => ["-o", setting]);

const installedStanza = (name: string): string =>
  [
    `Package: ${name}`,
    "Status: install ok installed",
    "Maintainer: none",
    "Description: stands for the package",
    `Architecture: ${architecture()}`,
    "Multi-Arch: allowed",
    "Version: 1:99999", // newer than any
    "",
  ].join("\n");

let known: string | undefined;
const architecture = (): string =>
  (known ??= execFileSync("dpkg", ["--print-architecture"], { encoding: "utf8" }).trim());

/** The directories that the packages' files are unpacked below, one each. */
export function unpackedPackages(files: readonly DebFile[]): readonly string[] {
  const missing = files.filter((file) => !existsSync(directoryOf(file)));
  if (missing.length > 0) download(missing);
  return files.map(directoryOf);
}

/** The directory that the files of this one package are unpacked below. */
export function unpackedPackage(name: string): string {
  const found = globSync(`${name}_*`, { cwd: join(CACHE, "unpacked") }).toSorted();
  const there = found.at(-1);
  if (there !== undefined) return join(CACHE, "unpacked", there);
  const [directory = ""] = withCurrentLists(() =>
    unpackedPackages(resolvePackages([name]).filter((file) => file.startsWith(`${name}_`))),
  );
  return directory;
}

const directoryOf = (file: DebFile): string => join(CACHE, "unpacked", file.replace(/\.deb$/, ""));

function download(files: readonly DebFile[]): void {
  const scratch = newScratch();
  try {
    apt(["download", ...files.map(specifierOf)], scratch);
    for (const file of files) {
      const target = join(scratch, file.replace(/\.deb$/, ""));
      execFileSync("dpkg-deb", ["-x", join(scratch, file), target], { stdio: ["ignore", "ignore", "inherit"] });
      mkdirSync(join(CACHE, "unpacked"), { recursive: true });
      if (!existsSync(directoryOf(file))) renameSync(target, directoryOf(file));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** `NAME:ARCHITECTURE=VERSION`. */
function specifierOf(file: DebFile): string {
  const [name = "", version = "", architecture = ""] = decodeURIComponent(file.replace(/\.deb$/, "")).split("_");
  return architecture === "all" ? `${name}=${version}` : `${name}:${architecture}=${version}`;
}

function newScratch(): string {
  mkdirSync(CACHE, { recursive: true });
  return mkdtempSync(join(CACHE, "new-"));
}

/** Does it again with new lists of packages where there were none, or such as name what the archive no longer has. */
export function withCurrentLists<T>(work: () => T): T {
  try {
    return work();
  } catch {
    resolved.clear();
    apt(["update"]);
    return work();
  }
}

function apt(argv: readonly string[], cwd = CACHE): string {
  return execFileSync("apt-get", ["-q", "-o", "APT::Sandbox::User=root", ...argv], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: OUTPUT_LIMIT_BYTES,
  });
}

/** What a container has no use for. */
const LEFT_OUT = /^usr\/share\/(doc|man|info|locale|lintian|bug|doc-base|bash-completion)(\/|$)/;

/** All below the directories as entries of a layer: owners, modes and files' times as the packages have them. */
export function directoryEntries(directories: readonly string[]): TarEntry[] {
  return directories.flatMap((directory) => below(directory, ""));
}

function below(root: string, parent: string): TarEntry[] {
  return readdirSync(join(root, parent))
    .toSorted()
    .flatMap((child): TarEntry[] => {
      const name = parent === "" ? child : `${parent}/${child}`;
      if (LEFT_OUT.test(name)) return [];
      const path = join(root, name);
      const stat = lstatSync(path);
      const { uid, gid } = stat;
      const owned = { mode: stat.mode & 0o7777, uid, gid };
      // A directory's time is that of the unpacking.
      if (stat.isDirectory()) return [{ name: `${name}/`, ...owned }, ...below(root, name)];
      const common = { ...owned, mtime: Math.floor(stat.mtimeMs / 1_000) };
      if (stat.isSymbolicLink()) return [{ name, type: "symlink", linkname: readlinkSync(path), ...common }];
      return [{ name, content: readFileSync(path), ...common }];
    });
}
