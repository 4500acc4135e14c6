// Builds the images of examples/ out of Debian packages, without a container engine: an OCI layout each, below build/examples.
//
//     node scripts/example-images.ts [NAME...]
//
// Prints the layouts' directories, for `nodelet load`. What is there is built anew only when what it is made of has changed here.
// The same packages give the same digests.

import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { packageRoot } from "../agent/base/paths.ts";
import { appended, busyboxEntries, withParents } from "./busybox-image.ts";
import {
  directoryEntries,
  resolvePackages,
  unpackedPackage,
  unpackedPackages,
  withCurrentLists,
} from "./lib/debian.ts";
import { type ImageProcess, type ImageSource, type LayerSource, writeOciLayout } from "./lib/oci-layout.ts";
import type { TarEntry } from "./lib/tar.ts";

interface Recipe {
  readonly packages: readonly string[];
  /** Packages that are not wanted though others depend on them, over and above STAND_INS. */
  readonly without?: readonly string[];
  /** A user and a group of that name and number. */
  readonly user?: { readonly name: string; readonly id: number };
  /** Links into directories that no PATH has; a pattern of files. */
  readonly programs?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly config: ImageProcess;
}

/** For maintainers' scripts, service managers and logs on disk: a container has none. busybox stands for the tools among them. */
const STAND_INS = (
  "adduser dash debconf dpkg init-system-helpers logrotate lsb-base passwd perl perl-base " +
  "procps python3 readline-common sensible-utils sysvinit-utils tar ucf"
).split(" ");

const BASE_PACKAGES = ["libc6", "libc-bin", "netbase"];

const RECIPES: Readonly<Record<string, Recipe>> = {
  nginx: {
    packages: ["nginx-light"],
    config: {
      User: "33:33",
      Cmd: ["nginx", "-g", "daemon off;"],
      ExposedPorts: { "80/tcp": {} },
      StopSignal: "SIGQUIT",
    },
  },
  redis: {
    packages: ["redis-server"],
    user: { name: "redis", id: 999 },
    config: { User: "999:999", Cmd: ["redis-server"], ExposedPorts: { "6379/tcp": {} } },
  },
  postgres: {
    packages: ["postgresql"],
    // Its compiler of expressions is larger than all the rest; jit=off is the default without it.
    without: ["libllvm14", "locales", "postgresql-client-common", "postgresql-common", "ssl-cert"],
    user: { name: "postgres", id: 999 },
    programs: "usr/lib/postgresql/*/bin/*",
    config: { User: "999:999", Cmd: ["postgres"], ExposedPorts: { "5432/tcp": {} }, StopSignal: "SIGINT" },
  },
  memcached: {
    packages: ["memcached"],
    user: { name: "memcache", id: 999 },
    config: { User: "999:999", Cmd: ["memcached"], ExposedPorts: { "11211/tcp": {} } },
  },
  rabbitmq: {
    packages: ["rabbitmq-server"],
    user: { name: "rabbitmq", id: 999 },
    programs: "usr/lib/rabbitmq/lib/*/sbin/*",
    config: { User: "999:999", Cmd: ["rabbitmq-server"], ExposedPorts: { "5672/tcp": {} } },
  },
  haproxy: {
    packages: ["haproxy"],
    user: { name: "haproxy", id: 99 },
    config: { User: "99:99", Cmd: ["haproxy", "-W", "-db", "-f", "/etc/haproxy/haproxy.cfg"], StopSignal: "SIGUSR1" },
  },
  mosquitto: {
    packages: ["mosquitto"],
    user: { name: "mosquitto", id: 1883 },
    config: { User: "1883:1883", Cmd: ["mosquitto", "-c", "/etc/mosquitto/mosquitto.conf"] },
  },
  cron: {
    packages: ["cron", "libpam-modules"],
    without: ["libpam-runtime"],
    files: {
      "etc/pam.d/cron": "auth required pam_permit.so\naccount required pam_permit.so\nsession required pam_permit.so\n",
    },
    config: { Cmd: ["cron", "-f", "-L", "15"] },
  },
  nodejs: {
    packages: ["nodejs"],
    user: { name: "node", id: 1000 },
    config: { User: "1000:1000", Cmd: ["node"] },
  },
  bind: {
    packages: ["bind9"],
    without: ["iproute2"],
    user: { name: "bind", id: 53 },
    config: { User: "53:53", Cmd: ["named", "-g"], ExposedPorts: { "53/udp": {}, "53/tcp": {} } },
  },
  /** The clients of all of them. */
  toolbox: {
    packages: "amqp-tools bind9-dnsutils curl libmemcached-tools mosquitto-clients postgresql-client redis-tools".split(
      " ",
    ),
    without: ["postgresql-client-common"],
    programs: "usr/lib/postgresql/*/bin/*",
    config: { User: "65534:65534", Cmd: ["sleep", "infinity"] },
  },
};

export const EXAMPLE_IMAGES: readonly string[] = Object.keys(RECIPES);

export const exampleImageRef = (name: string): string => `localhost/nodelet/${name}:1`;

const ENVIRONMENT = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"];

/** The layout of an image, which is built if it is not there. */
export async function exampleImage(name: string): Promise<string> {
  const recipe = RECIPES[name];
  if (recipe === undefined) {
    throw new Error(`There is no example image ${name}; there are: ${EXAMPLE_IMAGES.join(", ")}`);
  }
  const directory = join(packageRoot(), "build", "examples");
  const target = join(directory, name);
  const stamp = `${target}.stamp`;
  const wanted = sourcesHash();
  if (existsSync(target) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return target;
  const scratch = `${target}.new-${process.pid}`;
  mkdirSync(directory, { recursive: true });
  try {
    await writeOciLayout(
      scratch,
      withCurrentLists(() => imageOf(name, recipe)),
    );
    rmSync(target, { recursive: true, force: true });
    renameSync(scratch, target);
    writeFileSync(stamp, wanted);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return target;
}

function sourcesHash(): string {
  const root = packageRoot();
  const sources = globSync("scripts/{example-images,busybox-image,lib/{debian,oci-layout,tar}}.ts", { cwd: root });
  const hash = createHash("sha256");
  for (const source of sources.toSorted()) hash.update(readFileSync(join(root, source)));
  return hash.digest("hex");
}

function imageOf(name: string, recipe: Recipe): ImageSource {
  const base = resolvePackages(BASE_PACKAGES, STAND_INS);
  const added = resolvePackages(recipe.packages, [...STAND_INS, ...(recipe.without ?? [])]).filter(
    (file) => !base.includes(file),
  );
  const bottom = [...busyboxEntries(join(unpackedPackage("busybox-static"), "bin/busybox")), ...BASE_FILES];
  return {
    ref: exampleImageRef(name),
    layers: [
      layer([...bottom, ...directoryEntries(unpackedPackages(base))]),
      layer(programEntries(directoryEntries(unpackedPackages(added)), bottom, recipe)),
    ],
    config: { Env: ENVIRONMENT, WorkingDir: "/", ...recipe.config },
  };
}

const layer = (entries: readonly TarEntry[]): LayerSource => ({ tar: withParents(entries), compression: "zstd" });

const BASE_FILES: readonly TarEntry[] = [
  { name: "etc/nsswitch.conf", content: "passwd: files\ngroup: files\nhosts: files dns\n" },
  { name: "var/log/" },
  { name: "var/run", type: "symlink", linkname: "/run" },
  { name: "var/tmp/", mode: 0o1777 },
];

function programEntries(packaged: readonly TarEntry[], bottom: readonly TarEntry[], recipe: Recipe): TarEntry[] {
  const { user, programs } = recipe;
  const pattern =
    programs === undefined ? undefined : new RegExp(`^${programs.replaceAll(".", "\\.").replaceAll("*", "[^/]+")}$`);
  return [
    ...packaged,
    ...packaged
      .filter(({ name }) => pattern?.test(name) === true)
      .map(({ name }) => ({
        name: `usr/local/bin/${name.split("/").at(-1)}`,
        type: "symlink" as const,
        linkname: `/${name}`,
      })),
    ...(user === undefined
      ? []
      : [
          appended(bottom, "etc/passwd", `${user.name}:x:${user.id}:${user.id}::/var/lib/${user.name}:/bin/sh\n`),
          appended(bottom, "etc/group", `${user.name}:x:${user.id}:\n`),
          { name: `var/lib/${user.name}/`, mode: 0o750, uid: user.id, gid: user.id },
        ]),
    ...Object.entries(recipe.files ?? {}).map(([name, content]) => ({ name, content })),
  ];
}

if (import.meta.main) {
  const names = process.argv.slice(2);
  try {
    for (const name of names.length > 0 ? names : EXAMPLE_IMAGES) console.log(await exampleImage(name));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
