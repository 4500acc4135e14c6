// Log files that a pod may have written itself.

import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "tap";
import { systemClock } from "../../agent/base/clock.ts";
import { parseLogRecord, parseTime, readLog } from "../../agent/server/logs.ts";
import { createLinuxSystem } from "../../agent/system/linux.ts";
import { fuzz } from "./harness.ts";

const system = createLinuxSystem();
const base = mkdtempSync(join(tmpdir(), "nodelet-fuzz-logs-"));
after(() => rmSync(base, { recursive: true, force: true }));
mkdirSync(join(base, "pod", "container"), { recursive: true });
const path = join(base, "pod", "container", "0.log");

const line = (stream: string, tag: string, text: string, time = "2024-01-02T03:04:05.123456789Z"): string =>
  `${time} ${stream} ${tag} ${text}\n`;
const seeds = [
  line("stdout", "F", "hello") + line("stderr", "P", "half ") + line("stdout", "F", "") + line("stderr", "F", "whole"),
  line("stdout", "P", "x".repeat(17000)) + line("stdout", "F", "end", "2024-01-02T03:04:05+01:00"),
  line("stdout", "F:tag", "tagged") + "no log line\n" + line("stdout", "P", "never finished"),
];

async function output(options: Parameters<typeof readLog>[2]): Promise<Buffer> {
  const context = { clock: systemClock, signal: new AbortController().signal };
  const parts: Buffer[] = [];
  for await (const part of readLog(system, path, options, undefined, context)) parts.push(part);
  return Buffer.concat(parts);
}

fuzz([
  {
    name: "log-record",
    run(input) {
      const record = parseLogRecord(input);
      if (record === undefined) return "none";
      if (record.content.length > input.length) throw new Error("more content than there is");
      return `${record.stream} ${record.full} ${parseTime(record.time) === undefined}`;
    },
    seeds: seeds.flatMap((text) => text.split("\n")),
    dictionary: ["stdout", "stderr", " ", "F", "P", ":", "T", "Z", "+01:00", "\0"],
    count: 20_000,
  },
  {
    name: "log-file",
    async run(input, random) {
      writeFileSync(path, input);
      const all = await output({});
      const wanted = random(5);
      const tail = await output({ tailLines: wanted });
      if (!all.subarray(all.length - tail.length).equals(tail)) throw new Error("the tail is not the end");
      const limited = await output({ limitBytes: 10 });
      if (!all.subarray(0, 10).equals(limited)) throw new Error("the limit is not the beginning");
      await output({ timestamps: true, since: parseTime("2024-01-02T03:04:05Z"), stream: "stderr" });
      return `${all.length > 0} ${tail.toString("latin1").split("\n").length}`;
    },
    seeds,
    dictionary: ["stdout", "stderr", " F ", " P ", "\n", line("stdout", "F", "x"), line("stderr", "P", "y")],
    count: 1000,
  },
]);
