// `nodelet events`

import type { PodEvent } from "../pods/manager.ts";
import { NotRunningError } from "./client.ts";
import { defineCommand, EXIT, OUTPUT_OPTION, podName, UsageError, type OptionSpecs } from "./cli.ts";
import { formatOf, listOf, render } from "./output.ts";
import { formatAge, formatTable } from "./table.ts";

const OPTIONS = {
  ...OUTPUT_OPTION,
  namespace: { kind: "string", short: "n", value: "NAMESPACE", help: "only of pods in this namespace" },
  follow: { kind: "flag", short: "f", help: "stay and print new ones until Ctrl-C" },
} as const satisfies OptionSpecs;

const HEADER = ["AGE", "TYPE", "REASON", "OBJECT", "MESSAGE"];

export const eventsCommand = defineCommand({
  name: "events",
  summary: "what happened to pods, and how pulls of images go on",
  usage: ["[POD] [-f] [-n NAMESPACE] [-o json|yaml]"],
  options: OPTIONS,
  args: { min: 0, max: 1 },
  async run({ options, args, client, print, warn, signal }) {
    const format = formatOf(options.output);
    const pod = args[0] === undefined ? undefined : podName(args[0], options.namespace);
    const query = { pod: pod === undefined ? undefined : `${pod.namespace}/${pod.pod}` };
    const { namespace } = options;
    const wanted = (event: PodEvent): boolean =>
      namespace === undefined || pod !== undefined || event.pod.startsWith(`${namespace}/`);
    if (options.follow) {
      if (format === "yaml") throw new UsageError("-f prints JSON only, one line an event: write -o json");
      try {
        for await (const event of client.lines<PodEvent>("GET", "/nodelet/v1/events", {
          query: { ...query, follow: true },
          signal,
        })) {
          if (wanted(event)) await print(format === "json" ? `${JSON.stringify(event)}\n` : `${line(event)}\n`);
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
      if (signal.aborted) return EXIT.ok;
      throw new NotRunningError(client.socket);
    }
    const { events } = await client.get<{ events: PodEvent[] }>("/nodelet/v1/events", { query });
    const shown = events.filter(wanted);
    if (format !== undefined) await print(await render(listOf(shown), format));
    else if (shown.length === 0) warn("there are no events");
    else
      await print(
        `${formatTable(
          HEADER,
          shown.map((event) => cells(event, formatAge(event.time, Date.now()))),
        ).join("\n")}\n`,
      );
    return EXIT.ok;
  },
});

function cells(event: PodEvent, time: string): string[] {
  const where =
    event.pod === "" ? "node" : event.container === undefined ? event.pod : `${event.pod}/${event.container}`;
  const times = event.count > 1 ? ` (${event.count} times)` : "";
  return [time, event.type, event.reason, where, `${event.message}${times}`];
}

/** While following, each has its own time and columns of a fixed width. */
function line(event: PodEvent): string {
  const [time = "", type = "", reason = "", where = "", message = ""] = cells(
    event,
    new Date(event.time).toISOString(),
  );
  return formatTable([], [[time, type.padEnd(7), reason.padEnd(16), where, message]])[1] ?? "";
}
