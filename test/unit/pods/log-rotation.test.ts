import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";

import t, { type Test } from "tap";

import { silentLogger } from "../../../agent/base/log.ts";
import { rotateOnce, rotationSuffix, type LogRotationOptions } from "../../../agent/pods/log-rotation.ts";
import { setting } from "../../fixtures/settings.ts";

const SECOND = 1_000_000_000n;

function setUp(t: Test, change: Partial<LogRotationOptions> = {}) {
  const directory = join(t.testdir(), "pod", "app");
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "0.log");
  let now = 1_700_000_000n * SECOND;
  const state = { reopened: 0, fail: false };
  const options = {
    cri: {
      listContainers: async () => ({ containers: [{ id: "c" }] }),
      containerStatus: async () => ({ status: { logPath: path } }),
      reopenContainerLog: async () => {
        if (state.fail) throw new Error("the runtime is away");
        state.reopened++;
        writeFileSync(path, "");
        return {};
      },
    },
    clock: { now: () => now, monotonic: () => now, sleep: async () => undefined },
    log: silentLogger,
    maxSize: 10n,
    maxFiles: 4,
    intervalMs: 1,
    ...change,
  };
  const rotate = async (text: string): Promise<void> => {
    writeFileSync(path, text);
    await rotateOnce(options, new AbortController().signal);
    now += SECOND;
  };
  return {
    path,
    state,
    options,
    rotate,
    directory,
    names: () => readdirSync(directory).toSorted((a, b) => (a < b ? -1 : 1)),
  };
}

t.test("a log that is long enough makes way; older ones are compressed, the oldest removed", async (t) => {
  const { rotate, names, directory, state } = setUp(t);
  await rotate("short");
  t.same(names(), ["0.log"]);
  for (const text of ["first log...", "second log..", "third log...", "fourth log.."]) await rotate(text);
  t.equal(state.reopened, 4);
  const suffix = (second: number): string => rotationSuffix((1_700_000_000n + BigInt(second)) * SECOND);
  t.same(names(), ["0.log", `0.log.${suffix(2)}.gz`, `0.log.${suffix(3)}.gz`, `0.log.${suffix(4)}`]);
  t.equal(gunzipSync(readFileSync(join(directory, `0.log.${suffix(2)}.gz`))).toString(), "second log..");
  t.equal(rotationSuffix(1_700_000_000n * SECOND), "20231114-221320");
});

t.test("a runtime that does not reopen: the log has its name back", async (t) => {
  const { rotate, names, path, state } = setUp(t);
  state.fail = true;
  await rotate("a long log..");
  t.same(names(), ["0.log"]);
  t.equal(readFileSync(path, "utf8"), "a long log..");
});

t.test("leftovers of a compression go, and links are left alone", async (t) => {
  const { rotate, directory, names } = setUp(t);
  writeFileSync(join(directory, "0.log.20200101-000000.tmp"), "half");
  writeFileSync(join(directory, "other"), "kept");
  await rotate("a long log..");
  t.notOk(names().includes("0.log.20200101-000000.tmp"));
  t.ok(names().includes("other"));
});

t.test("a link is left alone", async (t) => {
  const { directory, path, options, names } = setUp(t);
  writeFileSync(join(directory, "target"), "long enough to be rotated");
  symlinkSync(join(directory, "target"), path);
  await rotateOnce(options, new AbortController().signal);
  t.same(names(), ["0.log", "target"]);
});

setting(t, "containerLogMaxWorkers", "so many logs are rotated at a time", async (t) => {
  const { options } = setUp(t);
  const most = async (workers: number): Promise<number> => {
    let [now, top] = [0, 0];
    const containers = Array.from({ length: 6 }, (_, index) => ({ id: `c${index}` }));
    const cri = {
      ...options.cri,
      listContainers: async () => ({ containers }),
      containerStatus: async () => {
        top = Math.max(top, ++now);
        await sleep(1);
        now--;
        return { status: { logPath: "" } };
      },
    };
    await rotateOnce({ ...options, cri, workers }, new AbortController().signal);
    return top;
  };
  t.equal(await most(1), 1);
  t.equal(await most(3), 3);
});
