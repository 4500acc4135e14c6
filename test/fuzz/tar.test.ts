// The tar reader over damaged and hostile archives: whatever the chunks, the same answer.

import { isNodeletError } from "../../agent/base/errors.ts";
import { TarReader } from "../../agent/images/tar.ts";
import { randomLayers } from "../integration/images/random-image.ts";
import { buildTar, type TarEntry } from "../../scripts/lib/tar.ts";
import { type Random, seeded } from "../fixtures/soak.ts";
import { fuzz } from "./harness.ts";
import { TAR_WORDS, sealHeaders } from "./tar-input.ts";

const LIMITS = { maxEntries: 500, maxHeaderBytes: 8192, maxSparseSegments: 1000 };

/** Everything that a reader tells of an archive, and how it ends. */
function told(archive: Buffer, chunkSize: () => number): { events: string[]; error: Error | undefined } {
  const events: string[] = [];
  let size = 0;
  let end = 0;
  const reader = new TarReader(
    {
      entry(entry) {
        ({ size } = entry);
        end = 0;
        events.push(JSON.stringify({ ...entry, xattrs: [...(entry.xattrs ?? [])] }));
        if (entry.name === "" || entry.name.includes("\0")) throw new Error("an entry without a proper name");
        if (entry.stored > entry.size && !entry.sparse) throw new Error("more data than the file has");
        for (const number of [entry.size, entry.stored, entry.mtimeSeconds, entry.uid, entry.gid]) {
          if (!Number.isSafeInteger(number)) throw new Error(`${number} is no whole number`);
        }
        if (entry.mtimeNanos < 0 || entry.mtimeNanos >= 1e9) throw new Error("nanoseconds out of range");
      },
      data(chunk, start, stop, position) {
        if (position < end || position + stop - start > size) throw new Error("data outside of the file");
        end = position + stop - start;
        const last = events.at(-1) ?? "";
        const text = chunk.toString("latin1", start, stop);
        // Data in pieces is one piece.
        if (last.startsWith(`data to ${position}:`))
          events[events.length - 1] = `data to ${end}:${last.slice(last.indexOf(":") + 1)}${text}`;
        else events.push(`data to ${end}:${position} ${text}`);
      },
      end() {
        events.push("end");
      },
    },
    LIMITS,
  );
  try {
    for (let at = 0; at < archive.length;) {
      const next = at + Math.max(1, chunkSize());
      // The chunk is only lent: what the reader keeps of it must be a copy.
      const chunk = Buffer.from(archive.subarray(at, next));
      reader.push(chunk);
      chunk.fill(0xaa);
      at = next;
    }
    reader.finish();
    return { events, error: undefined };
  } catch (error) {
    return { events, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

function run(input: Buffer, random: Random): string {
  const whole = told(input, () => input.length);
  const parts = told(input, () => 1 + random(random(2) === 0 ? 20 : 1500));
  if (JSON.stringify(whole.events) !== JSON.stringify(parts.events)) throw new Error("chunks make a difference");
  if (whole.error !== undefined && !isNodeletError(whole.error)) throw whole.error;
  if (String(whole.error) !== String(parts.error)) {
    throw new Error(`chunks make a difference: ${String(whole.error)} or ${String(parts.error)}`);
  }
  if (whole.error !== undefined) throw whole.error;
  return whole.events
    .map((event) => event.slice(0, 12))
    .join(" ")
    .slice(0, 300);
}

const entries: TarEntry[][] = [1, 2, 3, 4].flatMap((seed) => randomLayers(seeded(seed)));
fuzz([
  {
    name: "tar",
    run,
    seeds: entries.map((layer) => buildTar(layer)),
    dictionary: TAR_WORDS,
    repair: sealHeaders,
    count: 4000,
  },
]);
