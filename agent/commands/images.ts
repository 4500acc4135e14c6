// `nodelet images`

import type { Image } from "../images/images.ts";
import { defineCommand, EXIT, OUTPUT_OPTION, type OptionSpecs, UsageError } from "./cli.ts";
import { formatOf, listOf, render } from "./output.ts";
import { shortId } from "./ps.ts";
import { formatAge, formatBytes, formatTable, parseDuration } from "./table.ts";

const OPTIONS = {
  ...OUTPUT_OPTION,
  quiet: { kind: "flag", short: "q", help: "ids only" },
  prune: { kind: "flag", help: "remove the images that no container has, running or not, and that are not pinned" },
  unused: { kind: "string", value: "DURATION", help: "with --prune: only those unused for so long, such as 12h or 7d" },
} as const satisfies OptionSpecs;

export const imagesCommand = defineCommand({
  name: "images",
  summary: "the images on this node",
  usage: ["[-q] [-o json|yaml]", "--prune [--unused DURATION]"],
  options: OPTIONS,
  args: { min: 0, max: 0 },
  async run({ options, client, print, warn }) {
    const format = formatOf(options.output);
    if (options.prune) {
      const { removed, bytes } = await client.post<{ removed: WireImage[]; bytes: string }>(
        "/nodelet/v1/images/prune",
        {
          query: { unusedSeconds: unusedSeconds(options.unused) },
        },
      );
      const lines = removed.map(({ id, tags }) => `${tags[0] ?? shortId(id)} removed\n`);
      await print(
        `${lines.join("")}${removed.length} image${removed.length === 1 ? "" : "s"}, ${formatBytes(Number(bytes))} freed\n`,
      );
      return EXIT.ok;
    }
    if (options.unused !== undefined) {
      throw new UsageError("--unused says which images --prune removes: add --prune");
    }
    const { images } = await client.get<{ images: WireImage[] }>("/nodelet/v1/images");
    if (format !== undefined) {
      await print(await render(listOf(images), format));
      return EXIT.ok;
    }
    if (options.quiet) {
      await print(images.map(({ id }) => `${id}\n`).join(""));
      return EXIT.ok;
    }
    if (images.length === 0) {
      warn("there are no images; load one with `nodelet load FILE`");
      return EXIT.ok;
    }
    const now = Date.now();
    const rows = images.flatMap((image) => {
      const names = image.tags.length > 0 ? image.tags : [image.digests[0]?.replace(/@.*$/, "") ?? "<none>"];
      return names.map((name) => [
        name,
        shortId(image.id),
        `${image.os}/${image.architecture}`,
        age(image.created, now),
        formatBytes(Number(image.size)),
      ]);
    });
    const sortedRows = rows.toSorted(([a = ""], [b = ""]) => (a < b ? -1 : a > b ? 1 : 0));
    await print(
      `${formatTable(["IMAGE", "ID", "PLATFORM", "AGE", "SIZE"], sortedRows, { right: new Set([4]) }).join("\n")}\n`,
    );
    return EXIT.ok;
  },
});

/** Numbers of 64 bits are texts in JSON. */
type WireImage = Omit<Image, "size"> & { readonly size: string };

function unusedSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  throw new UsageError(`${JSON.stringify(text)} is no duration: write it as 30m, 12h or 7d`);
}

/** Builds that are to be repeatable date their images to the beginning of time. */
function age(created: string | undefined, now: number): string {
  const time = created === undefined ? 0 : Date.parse(created);
  return time > 0 ? formatAge(time, now) : "-";
}
