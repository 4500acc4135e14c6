// What the images of the suites are made of: files of Debian packages and small programs.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { busyboxEntries, libraries, withParents } from "../../../scripts/busybox-image.ts";
import { directoryEntries, resolvePackages, unpackedPackage, unpackedPackages } from "../../../scripts/lib/debian.ts";
import type { ImageProcess, ImageSource } from "../../../scripts/lib/oci-layout.ts";
import type { TarEntry } from "../../../scripts/lib/tar.ts";
import { compileProgram } from "./programs.ts";

export const E2E = "registry.k8s.io/e2e-test-images";

export const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
export const SHELL: ImageProcess = { Env: [PATH], Cmd: ["sh"], WorkingDir: "/" };

/** Of util-linux, which every Debian has. */
const IPCS = "/usr/bin/ipcs";

/** Of procps; Debian builds busybox without. */
const PGREP = "/usr/bin/pgrep";

/** For maintainers' scripts, and what busybox has: the images have no use for them. */
const STAND_INS =
  "adduser dash debconf debianutils dpkg init-system-helpers libpam-modules libpam-runtime lsb-base perl-base tar ucf".split(
    " ",
  );

export function image(ref: string, entries: readonly TarEntry[], config: ImageProcess = SHELL): ImageSource {
  return { ref, layers: [{ tar: withParents(entries) }], config };
}

/** The dynamic busybox, whose shell runs the files in /bin and not its own applets; ipcs, pgrep and nmeter as Debian's lacks them. */
export function busyboxLayer(): TarEntry[] {
  return [
    ...busyboxEntries(join(unpackedPackage("busybox"), "bin/busybox")),
    { name: "bin/ipcs", mode: 0o755, content: readFileSync(IPCS) },
    ...libraries(IPCS),
    { name: "bin/pgrep", mode: 0o755, content: readFileSync(PGREP) },
    ...libraries(PGREP),
    { name: "bin/nmeter", mode: 0o755, content: compileProgram("nmeter") },
  ];
}

export function nginxEntries(port: number): TarEntry[] {
  const binary = join(unpackedPackage("nginx"), "usr/sbin/nginx");
  return [
    { name: "usr/sbin/nginx", mode: 0o755, content: readFileSync(binary) },
    ...libraries(binary),
    { name: "etc/nginx/nginx.conf", content: nginxConfiguration(port) },
    { name: "usr/share/nginx/html/index.html", content: "<!doctype html><title>Welcome to nginx!</title>\n" },
    { name: "var/lib/nginx/", mode: 0o755 },
    { name: "var/log/nginx/", mode: 0o755 },
    { name: "var/run/", mode: 0o755 },
  ];
}

/** All files of Debian packages and of what they depend on. */
export function packageEntries(...names: readonly string[]): TarEntry[] {
  return directoryEntries(unpackedPackages(resolvePackages(names, STAND_INS)));
}

function nginxConfiguration(port: number): string {
  return `user root;
worker_processes 1;
pid /var/run/nginx.pid;
error_log /dev/stderr;
events { worker_connections 256; }
http {
  access_log off;
  server {
    listen ${port};
    listen [::]:${port};
    root /usr/share/nginx/html;
  }
}
`;
}
