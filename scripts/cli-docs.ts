// Writes docs/cli.md from the commands' own help texts. With --check it fails when the file is not what would be written.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { helpCommand } from "../agent/commands/help.ts";
import { helpText } from "../agent/commands/cli.ts";
import { COMMANDS } from "../agent/commands/index.ts";
import { agentHelp } from "../agent/config/options.ts";
import { packageRoot } from "../agent/base/paths.ts";

const INTRO = `# The command line

<!-- Written by scripts/cli-docs.ts from the commands' own help. Do not edit. -->

\`nodelet agent\` is the daemon, \`nodelet cri\` the runtime in it alone. All other commands but \`doctor\` talk to it over its socket \`RUN_DIR/nodelet.sock\`, which
answers root and the daemon's own user only. \`--run-dir\` or the environment variable \`NODELET_RUN_DIR\` says which daemon is meant.

Output is for people; \`-o json\` and \`-o yaml\` print the objects. Errors are one sentence on standard error that says what is
wrong, where, and what to do.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | failed; \`doctor\`: no container can be made on this host |
| 2 | wrong usage |
| 3 | the daemon is not running |
| others | \`exec\` and \`attach\` end with the code of the process inside; 127: the container has no such program, 126: it cannot be run |

A pod is named as \`POD\`, in namespace \`default\` unless \`-n\` says otherwise, or as \`NAMESPACE/POD\`. Ids of containers and
sandboxes may be shortened to their first digits, four at least.
`;

const SOCKET = `
## The socket

HTTP, with kubelet's routes \`/healthz\`, \`/pods\`, \`/containerLogs/{namespace}/{pod}/{container}\`,
\`/exec/{namespace}/{pod}/{container}\` and \`/attach/{namespace}/{pod}/{container}\` (both over WebSocket, \`v5.channel.k8s.io\` or
\`v4.channel.k8s.io\`), and nodelet's own under \`/nodelet/v1/\`, which may change with the version. An error is JSON:
\`{"code", "message", "where", "fix"}\`.

    curl --unix-socket /run/nodelet/nodelet.sock http://localhost/pods
`;

export async function cliDocs(): Promise<string> {
  const parts = [INTRO];
  for (const load of [...Object.values(COMMANDS), async () => helpCommand]) {
    const command = await load();
    const text =
      command.rawArguments === true ? agentHelp(command.name === "cri" ? "cri" : "agent") : helpText(command);
    parts.push(`\n## nodelet ${command.name}\n\n\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`);
  }
  return parts.join("") + SOCKET;
}

if (import.meta.main) {
  const file = join(packageRoot(), "docs", "cli.md");
  const wanted = await cliDocs();
  if (!process.argv.includes("--check")) writeFileSync(file, wanted);
  else if (readFileSync(file, "utf8") !== wanted) {
    console.error("cli-docs: docs/cli.md is out of date: run `node scripts/cli-docs.ts` and commit it");
    process.exit(1);
  }
}
