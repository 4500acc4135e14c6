// `nodelet run`

import type { PodView } from "../pods/manager.ts";
import { NodeletError } from "../base/errors.ts";
import { defineCommand, EXIT, OUTPUT_OPTION, UsageError, type OptionSpecs } from "./cli.ts";
import { formatOf, listOf, render } from "./output.ts";

const OPTIONS = {
  ...OUTPUT_OPTION,
  file: { kind: "string", short: "f", value: "FILE", help: "the same as FILE without an option" },
} as const satisfies OptionSpecs;

export const runCommand = defineCommand({
  name: "run",
  summary: "run the pods of a file, now",
  usage: ["POD.yaml"],
  notes:
    "FILE (`-`: standard input) may hold several pods, and ConfigMaps and Secrets for them. They are kept over restarts of the daemon until `nodelet rm`.",
  options: OPTIONS,
  args: { min: 0, max: 1 },
  async run({ options, args, client, print, streams }) {
    const format = formatOf(options.output);
    const file = args[0] ?? options.file;
    if (file === undefined || (args[0] !== undefined && options.file !== undefined))
      throw new UsageError("name one file: `nodelet run POD.yaml`");
    const { readManifest } = await import("./manifest.ts");
    const { pods, objects } = await readManifest(file, streams);
    if (pods.length === 0) throw new NodeletError("invalid", "the file has no pod", { where: file });
    const views: PodView[] = [];
    for (const { written } of pods) {
      try {
        views.push(
          await client.post<PodView>("/nodelet/v1/pods", {
            body: objects.length === 0 ? written : { apiVersion: "v1", kind: "List", items: [written, ...objects] },
          }),
        );
      } catch (error) {
        if (views.length === 0 || !(error instanceof NodeletError)) throw error;
        const done = views.map(({ pod }) => `${pod.metadata?.namespace}/${pod.metadata?.name}`).join(", ");
        throw new NodeletError(error.code, `${error.message}; ${done} before it runs`, {
          where: error.where,
          fix: error.fix,
        });
      }
    }
    if (format !== undefined) await print(await render(listOf(views.map(({ pod }) => pod)), format));
    else
      for (const { pod } of views)
        await print(`pod ${pod.metadata?.namespace}/${pod.metadata?.name} runs; follow it with \`nodelet pods -w\`\n`);
    return EXIT.ok;
  },
});
