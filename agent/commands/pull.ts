// `nodelet pull`

import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";

import { NodeletError } from "../base/errors.ts";
import type { Image, PullCredentials, PullView } from "../images/images.ts";
import {
  defineCommand,
  EXIT,
  OUTPUT_OPTION,
  UsageError,
  type Invocation,
  type OptionSpecs,
  type Streams,
} from "./cli.ts";
import { fromErrorBody, segments, type ErrorLike } from "./client.ts";
import { LiveView } from "./live-view.ts";
import { formatOf, listOf, render } from "./output.ts";
import { PullProgress, type LayerProgress } from "./pull-progress.ts";
import { shortId } from "./ps.ts";
import { formatAge, formatBytes, formatTable } from "./table.ts";

const OPTIONS = {
  ...OUTPUT_OPTION,
  creds: {
    kind: "string",
    short: "u",
    value: "USER:PASSWORD",
    help: "for the registry; others can see it in the list of processes",
  },
  "creds-file": {
    kind: "string",
    value: "FILE",
    help: "the same, as the first line of a file; - is the standard input",
  },
  platform: {
    kind: "string",
    value: "OS/ARCH",
    help: "of an image for several (default the host's), such as linux/arm64/v8",
  },
  cancel: { kind: "flag", help: "end the pull of IMAGE that is under way" },
  list: { kind: "flag", help: "show the pulls under way" },
  quiet: { kind: "flag", short: "q", help: "no progress" },
} as const satisfies OptionSpecs;

type Line = { readonly progress: LayerProgress } | { readonly image: Image } | { readonly error: ErrorLike };

export const pullCommand = defineCommand({
  name: "pull",
  summary: "pull an image from a registry",
  usage: ["IMAGE [--creds-file FILE] [--platform OS/ARCH]", "--cancel IMAGE", "--list"],
  notes:
    "A pull goes on when this command is killed, and the same command joins it again. Ctrl-C ends it, unless others wait for\n" +
    "it, as pods do. Registries are configured by hosts.toml files, see --registry-config-path of `nodelet agent`.",
  options: OPTIONS,
  args: { min: 0, max: 1 },
  async run(invocation) {
    const { options, args, client, print, warn } = invocation;
    const [image] = args;
    if (options.list) {
      const { pulls } = await client.get<{ pulls: PullView[] }>("/nodelet/v1/images/pulls");
      const format = formatOf(options.output);
      if (format !== undefined) await print(await render(listOf(pulls), format));
      else if (pulls.length === 0) warn("nothing is being pulled");
      else await print(`${formatTable(["IMAGE", "AGE", "WAITING", "DOWNLOADED"], pulls.map(row)).join("\n")}\n`);
      return EXIT.ok;
    }
    if (image === undefined) throw new UsageError("which image? It is `nodelet pull IMAGE`");
    if (options.cancel) {
      if ((await cancel(invocation, image)) > 0) return EXIT.ok;
      throw new NodeletError("not-found", `${image} is not being pulled`, { fix: "See nodelet pull --list" });
    }
    return pull(invocation, image);
  },
});

async function pull(invocation: Invocation<typeof OPTIONS>, reference: string): Promise<number> {
  const { options, client, print, streams, signal, warn } = invocation;
  const format = formatOf(options.output);
  const auth = await credentials(options.creds, options["creds-file"], streams);
  const shows = !options.quiet && format === undefined;
  const progress = new PullProgress();
  using live =
    shows && LiveView.suits({ stdout: streams.stderr, env: streams.env })
      ? new LiveView(streams.stderr, ({ columns }) => progress.bars(columns, Date.now()))
      : undefined;
  const left = new AbortController();
  // Ctrl-C ends the pull while this command still counts as the one that waits for it.
  const interrupted = Promise.withResolvers<number>();
  interrupted.promise.catch(() => undefined);
  signal.addEventListener("abort", () => {
    const leave = (): void => left.abort();
    if (signal.reason !== "SIGINT") return leave();
    cancel(invocation, reference, 1).then(interrupted.resolve, interrupted.reject).finally(leave);
  });
  try {
    const lines = client.lines<Line>("POST", "/nodelet/v1/images/pull", {
      body: { reference, platform: options.platform, auth },
      signal: left.signal,
    });
    for await (const line of lines) {
      if ("progress" in line) {
        const news = progress.add(line.progress, Date.now());
        if (live !== undefined) live.changed();
        else if (shows && news !== undefined) streams.stderr.write(`${news}\n`);
      } else if ("error" in line) {
        throw fromErrorBody(line.error);
      } else {
        live?.[Symbol.dispose]();
        if (format !== undefined) await print(await render(line.image, format));
        else await print(summary(line.image));
        return EXIT.ok;
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  live?.[Symbol.dispose]();
  if (!signal.aborted) {
    throw new NodeletError("unavailable", "the daemon ended while it was pulling", { fix: "Start it and pull again" });
  }
  if (signal.reason === "SIGINT") {
    warn(
      (await interrupted.promise) > 0
        ? "the pull was cancelled"
        : "the pull goes on, as others wait for it; --cancel ends it",
    );
  }
  return EXIT.failure;
}

async function cancel(
  { client }: Pick<Invocation<typeof OPTIONS>, "client">,
  reference: string,
  maxWaiting?: number,
): Promise<number> {
  const path = `/nodelet/v1/images/pulls${segments(reference)}`;
  const answer = await client.text("DELETE", path, { query: { maxWaiting } });
  return (JSON.parse(answer) as { cancelled: number }).cancelled;
}

async function credentials(
  given: string | undefined,
  file: string | undefined,
  streams: Streams,
): Promise<PullCredentials | undefined> {
  if (given !== undefined && file !== undefined) throw new UsageError("give --creds or --creds-file, not both");
  if (given === undefined && file === undefined) return undefined;
  const whole = given ?? (file === "-" ? await readAll(streams.stdin) : await readFile(file ?? "", "utf8"));
  const text = whole.split(/\r?\n/)[0] ?? "";
  const colon = text.indexOf(":");
  if (colon <= 0) throw new UsageError(`${given === undefined ? "--creds-file" : "--creds"} must be USER:PASSWORD`);
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

function summary(image: Image): string {
  const name = image.tags[0] ?? image.digests[0] ?? image.id;
  return `${name} (${shortId(image.id)}, ${formatBytes(Number(image.size))})\n`;
}

function row(pull: PullView): string[] {
  const known = pull.layers.filter((layer) => layer.total !== undefined && layer.total > 0);
  const total = known.reduce((sum, layer) => sum + (layer.total ?? 0), 0);
  const done = known.reduce(
    (sum, layer) => sum + (layer.phase === "download" ? layer.bytes : layer.phase === "read" ? 0 : (layer.total ?? 0)),
    0,
  );
  const share = known.length === 0 ? "-" : `${formatBytes(done)} of ${formatBytes(total)}`;
  return [pull.reference, formatAge(pull.startedAt, Date.now()), String(pull.waiting), share];
}
