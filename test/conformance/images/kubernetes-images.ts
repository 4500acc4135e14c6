// The images that the suites of Kubernetes itself pull, the node suite above all: what each must hold is what the specs look for in it.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { appended } from "../../../scripts/busybox-image.ts";
import type { ImageProcess, ImageSource } from "../../../scripts/lib/oci-layout.ts";
import type { TarEntry } from "../../../scripts/lib/tar.ts";
import { buildTools, TOOLS_DIR } from "../tools/build.ts";
import { busyboxLayer, E2E, image, nginxEntries, packageEntries, PATH, SHELL } from "./layers.ts";
import { compileProgram } from "./programs.ts";

const AGNHOST: ImageProcess = { Env: [PATH], Entrypoint: ["/agnhost"], Cmd: ["pause"], WorkingDir: "/" };
const WEB: ImageProcess = { ...AGNHOST, Cmd: ["test-webserver"] };
const NGINX: ImageProcess = { Env: [PATH], Cmd: ["nginx", "-g", "daemon off;"] };
const PAUSE: ImageProcess = { Entrypoint: ["/pause"] };

/** For `getent`, which asks glibc's resolver. */
const RESOLVER: TarEntry = {
  name: "etc/nsswitch.conf",
  content: "passwd: files\ngroup: files\nhosts: files dns\n",
};

/** Builds agnhost first, with Go. */
export function kubernetesImages(): readonly ImageSource[] {
  const busybox = busyboxLayer();
  const pause: TarEntry[] = [{ name: "pause", mode: 0o755, content: compileProgram("pause") }];
  const nnp = { name: "usr/bin/nnp", mode: 0o4755, content: compileProgram("nnp") };
  const agnhost = agnhostEntries(busybox);
  const web = [...busybox, ...nginxEntries(80)];
  return [
    image(`${E2E}/busybox:1.37.0-1`, [...busybox, { name: "bin/sh", mode: 0o755, content: compileProgram("sh") }]),
    image(`${E2E}/agnhost:2.55`, agnhost, AGNHOST),
    image(`${E2E}/agnhost:2.63.0`, agnhost, AGNHOST),
    ...["kitten", "nautilus"].map((name) => image(`${E2E}/${name}:1.8`, [...agnhost, ...picture(name)], WEB)),
    image(`${E2E}/nginx:1.15-4`, web, NGINX),
    image(`${E2E}/nginx:1.27-0`, web, NGINX),
    image(`${E2E}/httpd:2.4.39-4`, web, {
      ...NGINX,
      Cmd: ["sh", "-c", "echo httpd: ready; exec nginx -g 'daemon off;'"],
    }),
    image(`${E2E}/nonewprivs:1.4`, [...busybox, nnp], { Env: [PATH], Cmd: ["nnp"] }),
    image(`${E2E}/nonroot:1.5`, busybox, { ...SHELL, User: "1234" }),
    image(`${E2E}/perl:5.26`, [...busybox, ...packageEntries("perl-base")]),
    image(`${E2E}/ipc-utils:1.4`, busybox),
    image(`${E2E}/glibc-dns-testing:2.0.0`, glibcEntries(busybox)),
    image("registry.k8s.io/pause:3.10.2", pause, PAUSE),
  ];
}

function agnhostEntries(busybox: readonly TarEntry[]): TarEntry[] {
  buildTools("kubernetes", ["agnhost"]);
  const content = readFileSync(join(TOOLS_DIR, "agnhost"));
  const porter = join(sourceDirectory(), "porter");
  return [
    ...busybox,
    ...packageEntries("bash", "bind9-dnsutils", "curl", "iproute2", "libc-bin", "netcat-openbsd"),
    RESOLVER,
    { name: "bin/nc", type: "symlink", linkname: "nc.openbsd" },
    { name: "agnhost", mode: 0o755, content },
    { name: "agnhost-2", type: "symlink", linkname: "agnhost" },
    ...["localhost.crt", "localhost.key"].map((name) => ({ name, content: readFileSync(join(porter, name)) })),
    { name: "uploads/", mode: 0o755 },
    appended(busybox, "etc/passwd", "user-defined-in-image:x:1000:1000::/home/user-defined-in-image:/bin/sh\n"),
    appended(
      busybox,
      "etc/group",
      "user-defined-in-image:x:1000:\ngroup-defined-in-image:x:50000:user-defined-in-image\n",
    ),
  ];
}

/** A page of data that names a picture, and the base of the image that a spec looks for in it. */
function picture(name: string): TarEntry[] {
  return [
    { name: "data.json", content: `{"image": "${name}.jpg"}\n` },
    { name: "etc/os-release", content: 'NAME="Alpine Linux"\n' },
  ];
}

/** Of agnhost, in Go's cache of modules. */
function sourceDirectory(): string {
  return execFileSync("go", ["list", "-f", "{{.Dir}}", "k8s.io/kubernetes/test/images/agnhost"], {
    cwd: join(import.meta.dirname, "..", "tools", "kubernetes"),
    encoding: "utf8",
  }).trim();
}

/** `hostname -f` and `getent` ask glibc's resolver; dig asks name servers itself. */
function glibcEntries(busybox: readonly TarEntry[]): TarEntry[] {
  return [...busybox, ...packageEntries("bind9-dnsutils", "hostname", "libc-bin", "libc6"), RESOLVER];
}
