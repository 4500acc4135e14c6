// The images that critest pulls: what each must hold is what the specs look for in it.

import { appended } from "../../../scripts/busybox-image.ts";
import type { ImageSource } from "../../../scripts/lib/oci-layout.ts";
import { busyboxLayer, E2E, image, nginxEntries, PATH, SHELL } from "./layers.ts";
import { compileProgram } from "./programs.ts";

const CRI_TOOLS = "gcr.io/k8s-staging-cri-tools";

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
