// `nodelet pods`

import type { PodEvent, PodView } from "../pods/manager.ts";
import { NotRunningError } from "./client.ts";
import { defineCommand, EXIT, OUTPUT_OPTION, podName, UsageError, type Invocation, type OptionSpecs } from "./cli.ts";
import { LiveView } from "./live-view.ts";
import { formatOf, listOf, render, type Format } from "./output.ts";
import { summarizePod } from "./pod-summary.ts";
import { formatAge, formatTable, harmless } from "./table.ts";

const OPTIONS = {
  ...OUTPUT_OPTION,
  namespace: { kind: "string", short: "n", value: "NAMESPACE", help: "only the pods of this namespace" },
  watch: { kind: "flag", short: "w", help: "stay and show changes until Ctrl-C" },
} as const satisfies OptionSpecs;

/** In the live view, below the pods. */
const EVENTS_SHOWN = 6;

const HEADER = ["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "FROM"];

export const podsCommand = defineCommand({
  name: "pods",
  summary: "the pods of this node",
  usage: ["[POD] [-w] [-n NAMESPACE] [-o json|yaml]"],
  options: OPTIONS,
  args: { min: 0, max: 1 },
  async run(invocation) {
    const { options, args, client, print, warn } = invocation;
    const format = formatOf(options.output);
    const wanted = selector(args[0], options.namespace);
    if (options.watch) return watch(invocation, wanted, format);
    const { pods, problems } = await client.get<{ pods: PodView[]; problems: string[] }>("/nodelet/v1/pods");
    const views = sorted(pods.filter(wanted));
    if (args[0] !== undefined && views.length === 0) {
      warn(`there is no pod ${args[0]}; list them with \`nodelet pods\``);
      return EXIT.failure;
    }
    if (format !== undefined) {
      const items = views.map(({ pod }) => ({
        apiVersion: "v1",
        kind: "Pod",
        metadata: pod.metadata,
        spec: pod.spec,
        status: pod.status,
      }));
      await print(await render(args[0] === undefined ? listOf(items) : items[0], format));
      return EXIT.ok;
    }
    const remarks = args[0] === undefined && options.namespace === undefined ? problems : views.flatMap(problemOf);
    for (const remark of remarks) warn(remark);
    if (views.length === 0) {
      warn("there are no pods");
      return EXIT.ok;
    }
    const lines = formatTable(
      HEADER,
      views.map((view) => row(view, Date.now())),
    );
    await print(`${lines.join("\n")}\n`);
    return EXIT.ok;
  },
});

type Wanted = (view: PodView) => boolean;

function selector(word: string | undefined, namespace: string | undefined): Wanted {
  if (word === undefined) return ({ pod }) => namespace === undefined || pod.metadata?.namespace === namespace;
  const name = podName(word, namespace);
  return ({ pod }) => pod.metadata?.name === name.pod && pod.metadata.namespace === name.namespace;
}

function row(view: PodView, now: number): string[] {
  const { namespace, name, ready, containers, status, restarts, lastRestart, created, ip } = summarizePod(view);
  const ago = restarts > 0 && lastRestart !== undefined ? ` (${formatAge(lastRestart, now)} ago)` : "";
  return [
    namespace,
    name,
    `${ready}/${containers}`,
    status,
    `${restarts}${ago}`,
    formatAge(created, now),
    ip || "-",
    view.source,
  ];
}

/** Why the newest specification is not the one that runs. */
function problemOf(view: PodView): string[] {
  if (view.problem === undefined) return [];
  const { namespace, name } = view.pod.metadata ?? {};
  return [`${namespace}/${name} runs on as it was, its new specification was not taken: ${view.problem}`];
}

function sorted(views: readonly PodView[]): PodView[] {
  const key = ({ pod }: PodView): string => `${pod.metadata?.namespace}/${pod.metadata?.name}/${pod.metadata?.uid}`;
  return views.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

interface Change {
  readonly pod?: PodView;
  readonly removed?: PodView;
  readonly event?: PodEvent;
  readonly synced?: true;
}

async function watch(
  invocation: Invocation<typeof OPTIONS>,
  wanted: Wanted,
  format: Format | undefined,
): Promise<number> {
  const { client, signal, streams, print } = invocation;
  if (format === "yaml") throw new UsageError("-w prints JSON only, one line a change: write -o json");
  const changes = client.lines<Change>("GET", "/nodelet/v1/watch", { signal });
  const views = new Map<string, PodView>();
  const events: PodEvent[] = [];
  let synced = false;
  const keyOf = ({ pod }: PodView): string => pod.metadata?.uid ?? `${pod.metadata?.namespace}/${pod.metadata?.name}`;

  using live =
    format === undefined && LiveView.suits(streams)
      ? new LiveView(streams.stdout, (size) => {
          const all = sorted([...views.values()]);
          const now = Date.now();
          const lines =
            all.length === 0
              ? ["There are no pods."]
              : formatTable(
                  HEADER,
                  all.map((view) => row(view, now)),
                  { width: size.columns },
                );
          for (const problem of all.flatMap(problemOf)) lines.push("", harmless(problem));
          if (events.length > 0) lines.push("", ...events.slice(-EVENTS_SHOWN).map((event) => eventLine(event, now)));
          return lines;
        })
      : undefined;
  /** What was printed of each pod, where nothing can be drawn over. */
  const printed = new Map<string, string>();
  let headerPrinted = false;
  const printRow = async (view: PodView, gone: boolean): Promise<void> => {
    const cells = row(view, Date.now());
    if (gone) cells[3] = "Removed";
    const text = cells.filter((_, index) => index !== 5).join(" ");
    if (printed.get(keyOf(view)) === text) return;
    printed.set(keyOf(view), text);
    const [header = "", line = ""] = formatTable(HEADER, [
      cells.map((cell, index) => cell.padEnd(STREAM_WIDTHS[index] ?? 0)),
    ]);
    await print(headerPrinted ? `${line}\n` : `${header}\n${line}\n`);
    headerPrinted = true;
  };

  try {
    for await (const change of changes) {
      if (change.pod !== undefined && wanted(change.pod)) {
        views.set(keyOf(change.pod), change.pod);
        if (format !== undefined) await print(`${JSON.stringify({ pod: change.pod })}\n`);
        else if (live === undefined) await printRow(change.pod, false);
      }
      if (change.removed !== undefined && wanted(change.removed)) {
        views.delete(keyOf(change.removed));
        if (format !== undefined) await print(`${JSON.stringify({ removed: change.removed })}\n`);
        else if (live === undefined) await printRow(change.removed, true);
        printed.delete(keyOf(change.removed));
      }
      if (change.event !== undefined) {
        events.push(change.event);
        if (events.length > EVENTS_SHOWN) events.shift();
      }
      if (change.synced === true) synced = true;
      if (synced) live?.changed();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (signal.aborted) return EXIT.ok;
  live?.[Symbol.dispose]();
  throw new NotRunningError(client.socket);
}

/** Widths of the columns where rows are printed one by one. */
const STREAM_WIDTHS = [10, 24, 5, 17, 8, 6, 15, 5];

function eventLine(event: PodEvent, now: number): string {
  const where = event.container === undefined ? event.pod : `${event.pod}/${event.container}`;
  return harmless(
    `${formatAge(event.time, now).padStart(5)}  ${event.type === "Warning" ? "! " : "  "}${event.reason}  ${where}: ${event.message}`,
  );
}
