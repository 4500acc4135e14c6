// `nodelet rm`

import { describeError } from "../base/errors.ts";
import { NotRunningError, segments } from "./client.ts";
import { defineCommand, EXIT, NAMESPACE_OPTION, podName, UsageError, type OptionSpecs } from "./cli.ts";

const OPTIONS = {
  ...NAMESPACE_OPTION,
  file: { kind: "string", short: "f", value: "FILE", help: "the pods of this file" },
  "grace-period": { kind: "number", value: "SECONDS", help: "instead of the pod's own terminationGracePeriodSeconds" },
} as const satisfies OptionSpecs;

export const rmCommand = defineCommand({
  name: "rm",
  summary: "end pods that `nodelet run` started, and forget them",
  usage: ["POD...", "-f POD.yaml"],
  notes: "Returns when they are gone. A pod that comes from a manifest ends when its file is taken away.",
  options: OPTIONS,
  args: { min: 0, max: Number.POSITIVE_INFINITY },
  async run({ options, args, client, print, warn, signal, streams }) {
    const graceSeconds = options["grace-period"];
    if (graceSeconds !== undefined && graceSeconds < 0) throw new UsageError("--grace-period is at least 0");
    if ((args.length === 0) === (options.file === undefined)) throw new UsageError("name pods, or a file with -f");
    const names =
      options.file === undefined
        ? args.map((word) => podName(word, options.namespace))
        : (await (await import("./manifest.ts")).readManifest(options.file, streams)).pods.map(({ pod }) => ({
            namespace: pod.metadata.namespace,
            pod: pod.metadata.name,
          }));
    const remove = async ({ namespace, pod }: { namespace: string; pod: string }): Promise<number> => {
      try {
        await client.delete(`/nodelet/v1/pods${segments(namespace, pod)}`, { query: { graceSeconds }, signal });
        await print(`pod ${namespace}/${pod} is gone\n`);
        return EXIT.ok;
      } catch (error) {
        if (error instanceof NotRunningError || signal.aborted) throw error;
        warn(describeError(error));
        return EXIT.failure;
      }
    };
    // Together: each may take its grace period.
    return Math.max(...(await Promise.all(names.map(remove))));
  },
});
