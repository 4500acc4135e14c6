// Logs of a real container that are rotated while it writes and while somebody reads: no line torn, none missing.

import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t from "tap";

import { systemClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { rotateOnce } from "../../../agent/pods/log-rotation.ts";
import { readLog, type LogOptions } from "../../../agent/server/logs.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { containerConfig, sandboxConfig, startRuntime } from "../../fixtures/runtime.ts";

const LINES = 12_000;

/** Long enough that a line is split in two records now and then. */
const SCRIPT = `
i=0
long=$(printf '%020000d' 7)
while [ $i -lt ${LINES} ]; do
  if [ $((i % 500)) = 0 ]; then echo "$i $long"; sleep 0.4; else echo "$i"; fi
  i=$((i+1))
done`;

const before = await takePicture(ownProcesses);
const node = await startRuntime("rota");
t.teardown(() => node.remove());
const { runtime, system } = node;

t.test("rotation while the container writes and a slow reader follows", async (t) => {
  const config = sandboxConfig(node.logs);
  const { podSandboxId = "" } = await runtime.runPodSandbox({ config });
  const { containerId = "" } = await runtime.createContainer({
    podSandboxId,
    config: containerConfig(["sh", "-c", SCRIPT], { logPath: "app/0.log" }),
    sandboxConfig: config,
  });
  await runtime.startContainer({ containerId });
  const { status } = await runtime.containerStatus({ containerId });
  const path = status?.logPath ?? join(config.logDirectory ?? "", "app/0.log");
  const ended = async (): Promise<boolean> => (await runtime.containerStatus({ containerId })).status?.state === 2;
  const { signal } = new AbortController();

  const collect = async (options: LogOptions, follow: boolean, pauseMs: number): Promise<string[]> => {
    const chunks: Buffer[] = [];
    for await (const chunk of readLog(system, path, options, follow ? { ended } : undefined, {
      clock: systemClock,
      signal,
    })) {
      chunks.push(chunk);
      if (pauseMs > 0) await sleep(pauseMs);
    }
    return Buffer.concat(chunks).toString().trimEnd().split("\n");
  };
  const numbers = (lines: readonly string[]): number[] => lines.map((line) => Number(line.split(" ")[0]));

  const fast = collect({}, true, 0);
  const slow = collect({}, true, 300);
  while (!(await ended())) {
    await rotateOnce(
      { cri: runtime, clock: systemClock, log: silentLogger, maxSize: 50_000n, maxFiles: 1_000, intervalMs: 1 },
      signal,
    );
    await sleep(300);
  }
  const files = readdirSync(dirname(path));
  t.ok(files.filter((name) => name.endsWith(".gz")).length >= 2, `${files.length} files`);

  const all = Array.from({ length: LINES }, (_, index) => index);
  const complete = (name: string, lines: readonly string[]): void => {
    const got = numbers(lines);
    const wrong = got.findIndex((number, index) => number !== index);
    t.ok(got.length === LINES && wrong === -1, `${name}: ${got.length} lines, first wrong at ${wrong}`);
    t.ok(
      lines.every((line, index) => (index % 500 === 0 ? line.length > 20_000 : line === String(index))),
      `${name}: none is torn`,
    );
  };
  complete("a follower", await fast);
  complete("a slow follower", await slow);
  complete("a reader afterwards", await collect({}, false, 0));
  for (const tailLines of [1, 700, 6_000, LINES, LINES + 5]) {
    t.same(numbers(await collect({ tailLines }, false, 0)), all.slice(-tailLines), `the last ${tailLines}`);
  }
});

t.test("what was made is gone", async (t) => {
  await node.remove();
  t.strictSame(await settledDifference(before, ownProcesses), [], "nothing is left");
});
