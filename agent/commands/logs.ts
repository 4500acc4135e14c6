// `nodelet logs`

import type { IncomingMessage } from "node:http";

import { isErrno } from "../base/errors.ts";
import { segments } from "./client.ts";
import { defineCommand, EXIT, NAMESPACE_OPTION, podName, UsageError, write, type OptionSpecs } from "./cli.ts";
import { chooseContainer } from "./containers.ts";
import { parseDuration } from "./table.ts";

const OPTIONS = {
  ...NAMESPACE_OPTION,
  container: {
    kind: "string",
    short: "c",
    value: "CONTAINER",
    help: "default: the first, or the one the pod's annotation names",
  },
  follow: { kind: "flag", short: "f", help: "go on until the container ends" },
  previous: { kind: "flag", short: "p", help: "of the run before this one" },
  tail: { kind: "number", value: "LINES", help: "only the last so many lines" },
  since: {
    kind: "string",
    value: "TIME",
    help: "only newer lines: a duration (30s, 5m, 1h30m, 2d) or a time (2026-01-31T12:00:00Z)",
  },
  timestamps: { kind: "flag", short: "t", help: "each line with its time" },
  "limit-bytes": { kind: "number", value: "BYTES", help: "no more than this" },
  stream: { kind: "string", value: "stdout|stderr", help: "only one of the two" },
} as const satisfies OptionSpecs;

export const logsCommand = defineCommand({
  name: "logs",
  summary: "what a container has written",
  usage: ["POD [CONTAINER] [-f] [--previous] [--tail LINES] [--since TIME]"],
  options: OPTIONS,
  args: { min: 1, max: 2 },
  async run({ options, args, client, warn, signal, streams }) {
    const { namespace, pod } = podName(args[0] ?? "", options.namespace);
    if (args[1] !== undefined && options.container !== undefined) throw new UsageError("the container is named twice");
    if (options.tail !== undefined && options.tail < 0) throw new UsageError("--tail is at least 0");
    if (options["limit-bytes"] !== undefined && options["limit-bytes"] < 1)
      throw new UsageError("--limit-bytes is at least 1");
    const query = {
      follow: options.follow,
      previous: options.previous,
      timestamps: options.timestamps,
      tailLines: options.tail,
      limitBytes: options["limit-bytes"],
      stream: streamName(options.stream),
      ...sinceQuery(options.since),
    };
    const container = await chooseContainer(client, namespace, pod, args[1] ?? options.container, warn);
    let response: IncomingMessage | undefined;
    try {
      response = await client.stream("GET", `/containerLogs${segments(namespace, pod, container)}`, { query, signal });
      for await (const chunk of response as AsyncIterable<Buffer>) await write(streams.stdout, chunk);
    } catch (error) {
      if (signal.aborted) return EXIT.ok;
      if (response !== undefined && isErrno(error, "ECONNRESET"))
        throw new Error("the daemon ended the answer before it was whole", { cause: error });
      throw error;
    }
    return EXIT.ok;
  },
});

function streamName(option: string | undefined): string | undefined {
  if (option === undefined) return undefined;
  if (option === "stdout") return "Stdout";
  if (option === "stderr") return "Stderr";
  throw new UsageError(`${JSON.stringify(option)} is no stream: write --stream stdout or --stream stderr`);
}

export function sinceQuery(option: string | undefined): { sinceSeconds?: number; sinceTime?: string } {
  if (option === undefined) return {};
  const sinceSeconds = parseDuration(option);
  if (sinceSeconds !== undefined) return { sinceSeconds };
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(option)) return { sinceTime: option };
  throw new UsageError(
    `--since needs a duration such as 5m or a time such as 2026-01-31T12:00:00Z, not ${JSON.stringify(option)}`,
  );
}
