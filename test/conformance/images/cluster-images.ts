// The images that the conformance specs of a cluster pull: those of the node suite, and what specs of others than the node need.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { ImageSource } from "../../../scripts/lib/oci-layout.ts";
import type { TarEntry } from "../../../scripts/lib/tar.ts";
import { buildTools, TOOLS_DIR } from "../tools/build.ts";
import { kubernetesImages } from "./kubernetes-images.ts";
import { busyboxLayer, E2E, image, PATH } from "./layers.ts";

/** Builds etcd, agnhost and the API server that specs put behind the cluster's own, with Go. */
export function clusterImages(): readonly ImageSource[] {
  for (const family of ["etcd", "sample-apiserver"]) buildTools(family);
  const withProgram = (name: string, at: string): TarEntry[] => [
    ...busyboxLayer(),
    { name: at, mode: 0o755, content: readFileSync(join(TOOLS_DIR, name)) },
  ];
  return [
    ...kubernetesImages(),
    image("registry.k8s.io/etcd:3.6.8-0", withProgram("etcd", "usr/local/bin/etcd"), {
      Env: [PATH],
      Entrypoint: ["/usr/local/bin/etcd"],
    }),
    image(`${E2E}/sample-apiserver:1.29.2`, withProgram("sample-apiserver", "sample-apiserver"), {
      Env: [PATH],
      Entrypoint: ["/sample-apiserver"],
    }),
  ];
}
