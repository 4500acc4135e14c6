// `nodelet version`

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { packageRoot } from "../base/paths.ts";
import { NotRunningError } from "./client.ts";
import { defineCommand, EXIT, OUTPUT_OPTION } from "./cli.ts";
import { formatOf, render } from "./output.ts";
import type { DaemonInfo } from "../server/deps.ts";

/** The bundle has it built in. */
export function ownVersion(): string {
  const built = process.env.NODELET_VERSION;
  if (built !== undefined) return built;
  return (JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string }).version;
}

export const versionCommand = defineCommand({
  name: "version",
  summary: "versions of the command and of the daemon, if it runs",
  usage: ["[-o json|yaml]"],
  options: OUTPUT_OPTION,
  args: { min: 0, max: 0 },
  async run({ options, client, print }) {
    const format = formatOf(options.output);
    const daemon = await client.get<DaemonInfo>("/nodelet/v1/info").catch((error: unknown) => {
      if (error instanceof NotRunningError) return undefined;
      throw error;
    });
    const versions = { command: ownVersion(), daemon: daemon?.version, node: process.versions.node };
    if (format !== undefined) await print(await render(versions, format));
    else
      await print(
        `nodelet ${versions.command}, Node.js ${versions.node}\ndaemon ${versions.daemon ?? "not running"}\n`,
      );
    return EXIT.ok;
  },
});
