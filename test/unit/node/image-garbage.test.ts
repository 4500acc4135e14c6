import t from "tap";

import { systemClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { collectImages, type ImageGarbageOptions } from "../../../agent/node/image-garbage.ts";

/** One look at a disk of 1,000 blocks: with what `prune` is called, and what is reported. */
async function look(
  settings: Partial<ImageGarbageOptions>,
  { available, freed }: { available: bigint; freed: bigint },
): Promise<{ asked: object[]; reports: string[] }> {
  const asked: object[] = [];
  const reports: string[] = [];
  const stop = new AbortController();
  await collectImages(
    {
      images: {
        usage: () => Promise.resolve({ mountpoint: "/state", bytesUsed: 0n, inodesUsed: 0n }),
        prune: (given = {}) => {
          const { signal: _signal, ...options } = given;
          asked.push(options);
          return Promise.resolve({ removed: [], bytes: freed });
        },
      },
      system: {
        statfs: () =>
          Promise.resolve({ type: 0, blockSize: 4096n, blocks: 1000n, free: 0n, available, files: 0n, filesFree: 0n }),
      },
      clock: {
        ...systemClock,
        sleep: () => {
          stop.abort();
          return Promise.resolve();
        },
      },
      log: silentLogger,
      highPercent: 85,
      lowPercent: 80,
      minAgeMs: 120_000,
      maxAgeMs: 0,
      report: ({ reason, message }) => reports.push(`${reason}: ${message}`),
      ...settings,
    },
    stop.signal,
  );
  return { asked, reports };
}

await t.test("a disk below the threshold is left as it is", async (t) => {
  t.strictSame(await look({}, { available: 160n, freed: 0n }), { asked: [], reports: [] });
});

await t.test("from the high threshold on, as much is freed as the low one wants", async (t) => {
  const { asked, reports } = await look({}, { available: 150n, freed: 50n * 4096n });
  t.strictSame(asked, [{ minAgeMs: 120_000, bytes: 50n * 4096n }]);
  t.strictSame(reports, []);
});

await t.test("what could not be freed is told", async (t) => {
  const { reports } = await look({}, { available: 100n, freed: 40n * 4096n });
  t.match(reports, [/^FreeDiskSpaceFailed: .*85%.*Wanted to free 400 KiB, but unused images gave 160 KiB$/]);
});

await t.test("100 percent: never for the sake of room", async (t) => {
  t.strictSame((await look({ highPercent: 100 }, { available: 0n, freed: 0n })).asked, []);
});

await t.test("images that nothing used for long go whatever room there is", async (t) => {
  const { asked } = await look({ maxAgeMs: 3_600_000 }, { available: 900n, freed: 0n });
  t.strictSame(asked, [{ minAgeMs: 120_000, unusedMs: 3_600_000 }]);
});
