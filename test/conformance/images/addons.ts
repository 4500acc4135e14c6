// Images of what clusters run beside the control plane, from the programs of the tools modules: an OCI layout each, below
// build/conformance.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { packageRoot } from "../../../agent/base/paths.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { buildTools, TOOLS_DIR } from "../tools/build.ts";

export type Addon = "coredns" | "metrics-server";

/** Builds what is not there yet. The layout's directory; the image is `localhost/nodelet/NAME:1`. */
export async function addonImage(name: Addon): Promise<string> {
  buildTools(name);
  const layout = join(packageRoot(), "build", "conformance", "addons", name);
  const stamp = `${layout}.stamp`;
  const wanted = readFileSync(join(TOOLS_DIR, "stamps", name), "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return layout;
  for (const path of [stamp, layout]) rmSync(path, { recursive: true, force: true });
  const program = { name, mode: 0o755, content: readFileSync(join(TOOLS_DIR, name)) };
  await writeOciLayout(layout, {
    ref: `localhost/nodelet/${name}:1`,
    layers: [{ tar: [program], compression: "zstd" }],
    config: { Entrypoint: [`/${name}`], WorkingDir: "/" },
  });
  writeFileSync(stamp, wanted);
  return layout;
}
