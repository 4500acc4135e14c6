// The network that CNI plugins would make: which configuration counts, and whether its plugins are installed.

import { accessSync, constants } from "node:fs";
import { join } from "node:path";

import { ConfigDirectory } from "../../../cni/plugins/config-directory.ts";
import { describeError } from "../../base/errors.ts";
import { Findings, type Finding } from "./finding.ts";
import type { Host } from "./host.ts";

const NOT_READY = "With --network=auto or cni the node is not ready, and pods without hostNetwork are not started.";

export async function checkCni(host: Host): Promise<readonly Finding[]> {
  const found = new Findings("CNI plugins");
  const configuration = await new ConfigDirectory(host.cniConfDir).read();
  if (configuration.kind === "none") {
    found.ok("configuration", `none in ${host.cniConfDir}: a standalone node uses the built-in network`);
    return found.list;
  }
  if (configuration.kind === "broken") {
    const fix = "Correct the file, move it away, or start with --network=builtin.";
    found.missing("configuration", describeError(configuration.error), NOT_READY, fix);
    return found.list;
  }
  const { config, file } = configuration.network;
  const types = config.plugins.map(({ type }) => type);
  found.ok(
    "configuration",
    `${file}: network ${config.name}, CNI ${config.versions[0] || "0.1.0"}: ${types.join(", ")}`,
  );
  for (const type of new Set(types)) {
    const path = host.cniBinDir.map((directory) => join(directory, type)).find((candidate) => host.exists(candidate));
    if (path === undefined) {
      found.missing(
        type,
        `not in ${host.cniBinDir.join(", ")}`,
        NOT_READY,
        "Install it, or name its directory with --cni-bin-dir.",
      );
    } else if (isExecutable(path)) found.ok(type, path);
    else found.missing(type, `${path} cannot be executed`, NOT_READY, `Make it executable: \`chmod +x ${path}\`.`);
  }
  return found.list;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
