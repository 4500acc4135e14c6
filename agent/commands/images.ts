// `nodelet images`

import type { Image } from "../images/images.ts";
import { defineCommand, EXIT, OUTPUT_OPTION, type OptionSpecs } from "./cli.ts";
import { formatOf, listOf, render } from "./output.ts";
import { shortId } from "./ps.ts";
import { formatAge, formatBytes, formatTable } from "./table.ts";

const OPTIONS = {
  ...OUTPUT_OPTION,
  quiet: { kind: "flag", short: "q", help: "ids only" },
} as const satisfies OptionSpecs;

export const imagesCommand = defineCommand({
  name: "images",
  summary: "the images on this node",
  usage: ["[-q] [-o json|yaml]"],
  options: OPTIONS,
  args: { min: 0, max: 0 },
  async run({ options, client, print, warn }) {
    const format = formatOf(options.output);
    const { images } = await client.get<{ images: (Omit<Image, "size"> & { size: string })[] }>("/nodelet/v1/images");
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

/** Builds that are to be repeatable date their images to the beginning of time. */
function age(created: string | undefined, now: number): string {
  const time = created === undefined ? 0 : Date.parse(created);
  return time > 0 ? formatAge(time, now) : "-";
}
