import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t from "tap";

import { ManualClock } from "../../../../agent/base/clock.ts";
import { silentLogger } from "../../../../agent/base/log.ts";
import type { PodView } from "../../../../agent/pods/manager.ts";
import { PodDisks } from "../../../../agent/server/kubelet/stats/pod-disk.ts";
import { setting } from "../../../fixtures/settings.ts";

const directory = mkdtempSync(join(tmpdir(), "nodelet-pod-disk-"));
t.teardown(() => rmSync(directory, { recursive: true, force: true }));

/** A first answer is waited for; a later one comes after the question that found the figures old. */
const FIRST_ANSWER_MS = 300;

const view = {
  pod: {
    metadata: { name: "web", namespace: "default", uid: "u-1" },
    spec: { containers: [{ name: "main" }], volumes: [{ name: "data", emptyDir: {} }] },
    status: {},
  },
} as unknown as PodView;

setting(t, "volumeStatsAggPeriod", "volumes are measured again after this time; below 0 not at all", async (t) => {
  mkdirSync(join(directory, "pods", "u-1", "volumes", "kubernetes.io~empty-dir", "data"), { recursive: true });
  let measured: string[] = [];
  const begin = (volumesMs: number) => {
    measured = [];
    const clock = new ManualClock();
    const disks = new PodDisks({
      layout: { rootDir: directory, podLogsDir: join(directory, "logs") },
      clock,
      log: silentLogger,
      volumesMs,
      usage: async (path) => {
        if (path.includes("/volumes/")) measured.push(path);
        return { bytes: BigInt(measured.length), inodes: 1n };
      },
    });
    const read = async (): Promise<bigint | undefined> => {
      const reading = disks.read([view]);
      await clock.advance(FIRST_ANSWER_MS);
      return (await reading).get("u-1")?.volumes.get("data")?.bytes;
    };
    return { clock, disks, read };
  };
  const { clock, disks, read } = begin(10_000);
  t.equal(await read(), 1n);
  await clock.advance(9_000);
  t.equal(await read(), 1n);
  await clock.advance(2_000);
  await read();
  t.equal(await read(), 2n);
  disks[Symbol.dispose]();

  const never = begin(-1);
  t.equal(await never.read(), undefined);
  t.strictSame(measured, []);
  never.disks[Symbol.dispose]();
});
