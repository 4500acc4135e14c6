// How the pods of a run are connected.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { CritestRequest } from "./request.ts";

const DIRECTORY = "/run/critest-cni";

/** The configuration that containerd's own documentation gives: bridge, host-local, portmap. */
const CONFIGURATION = {
  cniVersion: "1.0.0",
  name: "critest",
  plugins: [
    {
      type: "bridge",
      bridge: "critest0",
      isGateway: true,
      ipMasq: true,
      ipam: {
        type: "host-local",
        dataDir: join(DIRECTORY, "addresses"),
        ranges: [[{ subnet: "10.216.0.0/16" }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

/** Flags of the daemon, over and above the fixture's. */
export function networkFlags(network: CritestRequest["network"]): string[] {
  if (network === "builtin") return [];
  const configurations = join(DIRECTORY, "net.d");
  mkdirSync(configurations, { recursive: true });
  writeFileSync(join(configurations, "10-critest.conflist"), JSON.stringify(CONFIGURATION));
  return ["--network=cni", `--cni-conf-dir=${configurations}`, `--cni-cache-dir=${join(DIRECTORY, "cache")}`];
}
