// `nodelet load`

import { resolve } from "node:path";

import type { Image, LoadProgress } from "../images/images.ts";
import { defineCommand, EXIT, OUTPUT_OPTION, type OptionSpecs } from "./cli.ts";
import { fromErrorBody, type ErrorLike } from "./client.ts";
import { LiveView } from "./live-view.ts";
import { formatOf, listOf, render } from "./output.ts";
import { shortId } from "./ps.ts";
import { formatBytes } from "./table.ts";

const OPTIONS = {
  ...OUTPUT_OPTION,
  name: { kind: "string", value: "NAME", help: "for an image that the archive does not name" },
  quiet: { kind: "flag", short: "q", help: "no progress" },
} as const satisfies OptionSpecs;

type Line = { readonly progress: LoadProgress } | { readonly images: readonly Image[] } | { readonly error: ErrorLike };

export const loadCommand = defineCommand({
  name: "load",
  summary: "load images from an OCI layout, an OCI archive or a docker archive",
  usage: ["PATH [--name NAME]"],
  notes:
    "PATH is a directory, or a tar file that may be compressed with gzip or zstd. All images in it are loaded, or none.",
  options: OPTIONS,
  args: { min: 1, max: 1 },
  async run({ options, args, client, print, streams, signal }) {
    const format = formatOf(options.output);
    const layers = new Map<string, LoadProgress>();
    using live =
      !options.quiet && format === undefined && LiveView.suits({ stdout: streams.stderr, env: streams.env })
        ? new LiveView(streams.stderr, () => [...layers.values()].map(progressLine))
        : undefined;
    const lines = client.lines<Line>("POST", "/nodelet/v1/images/load", {
      query: { path: resolve(args[0] ?? ""), name: options.name },
      signal,
    });
    for await (const line of lines) {
      if ("progress" in line) {
        layers.set(line.progress.layer, line.progress);
        live?.changed();
      } else if ("error" in line) {
        throw fromErrorBody(line.error);
      } else {
        live?.[Symbol.dispose]();
        if (format !== undefined) await print(await render(listOf(line.images), format));
        else
          for (const image of line.images)
            await print(`${image.tags[0] ?? image.id} (${shortId(image.id)}, ${formatBytes(Number(image.size))})\n`);
        return EXIT.ok;
      }
    }
    if (signal.aborted) return EXIT.failure;
    throw new Error("the daemon ended while it was loading; nothing was loaded");
  },
});

function progressLine({ layer, phase, bytes, total }: LoadProgress): string {
  const of = total === undefined ? "" : ` of ${formatBytes(total)}`;
  return `${shortId(layer)}  ${phase.padEnd(6)}  ${phase === "done" ? "" : `${formatBytes(bytes)}${of}`}`.trimEnd();
}
