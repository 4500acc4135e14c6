// The images that critest pulls, made of Debian packages: what each must hold is what the specs look for in it.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { appended, busyboxEntries, libraries, withParents } from "../../../scripts/busybox-image.ts";
import { unpackedPackage } from "../../../scripts/lib/debian.ts";
import type { ImageProcess, ImageSource } from "../../../scripts/lib/oci-layout.ts";
import type { TarEntry } from "../../../scripts/lib/tar.ts";
import { compileProgram } from "./programs.ts";

const E2E = "registry.k8s.io/e2e-test-images";
const CRI_TOOLS = "gcr.io/k8s-staging-cri-tools";

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const SHELL: ImageProcess = { Env: [PATH], Cmd: ["sh"], WorkingDir: "/" };

/** Of util-linux, which every Debian has. */
const IPCS = "/usr/bin/ipcs";

/** Of procps; Debian builds busybox without. */
const PGREP = "/usr/bin/pgrep";

const ARCHITECTURE = process.arch === "arm64" ? "arm64" : "amd64";

export function critestImages(): readonly ImageSource[] {
  const busybox = busyboxLayer();
  const web = [...busybox, ...nginxEntries(80)];
  const pause = compileProgram("pause");
  const small = (name: string, content: string): ImageSource =>
    image(`${CRI_TOOLS}/${name}`, [...busybox, { name: "content", content }]);
  const ofUser = (suffix: string, user: string): ImageSource =>
    image(`${CRI_TOOLS}/test-image-user-${suffix}:latest`, busybox, { ...SHELL, User: user });

  return [
    image(`${E2E}/busybox:1.29-2`, busybox),
    image(`${E2E}/nginx:1.14-2`, web, { Env: [PATH], Cmd: ["nginx", "-g", "daemon off;"] }),
    image(`${E2E}/httpd:2.4.39-4`, web, {
      Env: [PATH],
      Cmd: ["sh", "-c", "echo httpd: ready; exec nginx -g 'daemon off;'"],
    }),
    image(`${CRI_TOOLS}/hostnet-nginx-${ARCHITECTURE}:latest`, [...busybox, ...nginxEntries(12_003)], {
      Env: [PATH],
      Cmd: ["nginx", "-g", "daemon off;"],
    }),
    image(
      `${E2E}/nonewprivs:1.3`,
      [...busybox, { name: "usr/bin/nnp", mode: 0o4755, content: compileProgram("nnp") }],
      { Env: [PATH], Cmd: ["nnp"] },
    ),
    image("registry.k8s.io/pause:3.9", [{ name: "pause", mode: 0o755, content: pause }], { Entrypoint: ["/pause"] }),
    small("test-image-latest:latest", "latest"),
    small("test-image-tag:test", "test"),
    small("test-image-tag:all", "all"),
    ...[1, 2, 3].map((number) => small(`test-image-${number}:latest`, `image ${number}`)),
    ...[1, 2, 3].map((number) => small(`test-image-tags:${number}`, "the same")),
    ofUser("uid", "1002"),
    ofUser("username", "www-data"),
    ofUser("uid-group", "1003:1004"),
    ofUser("username-group", "www-data:1004"),
    image(
      `${CRI_TOOLS}/test-image-predefined-group:latest`,
      [
        ...busybox,
        appended(busybox, "etc/passwd", "default-user:x:1000:1000::/home/default-user:/bin/sh\n"),
        appended(busybox, "etc/group", "default-user:x:1000:\ngroup-defined-in-image:x:50000:default-user\n"),
        { name: "home/default-user/", mode: 0o755, uid: 1000, gid: 1000 },
      ],
      { ...SHELL, User: "1000" },
    ),
  ];
}

function image(ref: string, entries: readonly TarEntry[], config: ImageProcess = SHELL): ImageSource {
  return { ref, layers: [{ tar: withParents(entries) }], config };
}

/** The dynamic busybox, whose shell runs the files in /bin and not its own applets; ipcs, pgrep and nmeter as Debian's lacks them. */
function busyboxLayer(): TarEntry[] {
  return [
    ...busyboxEntries(join(unpackedPackage("busybox"), "bin/busybox")),
    { name: "bin/ipcs", mode: 0o755, content: readFileSync(IPCS) },
    ...libraries(IPCS),
    { name: "bin/pgrep", mode: 0o755, content: readFileSync(PGREP) },
    ...libraries(PGREP),
    { name: "bin/nmeter", mode: 0o755, content: compileProgram("nmeter") },
  ];
}

function nginxEntries(port: number): TarEntry[] {
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
