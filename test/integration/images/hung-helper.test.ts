// A helper process that hangs before its own code runs, as Node.js does when it can have no more threads: it is found out, its caller is told,
// and it ends with the daemon.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { entryPath, type EntryName } from "../../../agent/base/entry.ts";
import { PullerProcess } from "../../../agent/images/registry/puller-process.ts";
import { UnpackerPool } from "../../../agent/images/unpacker-pool.ts";
import { scratch } from "./support.ts";

const LIMIT_MS = 500;
/** One that works has to say hello within this on the slowest machine. */
const LONG_LIMIT_MS = 20_000;
const HANG_MS = 60_000;

const SETTINGS = {
  configPaths: [],
  credentialFiles: [],
  stallMs: HANG_MS,
  retry: { attempts: 1, baseMs: 1, maxMs: 1, maxRetryAfterMs: 1 },
};

/** Neither its code goes on nor does it see that the channel closes. */
const BLOCK = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);";

interface Hanging {
  readonly entry: string;
  /** Of the processes that were started. */
  readonly pids: () => number[];
}

/** A program that hangs the first `times` that it is started, and then is the real one. */
function hanging(directory: string, name: EntryName, times: number): Hanging {
  const file = join(directory, `${name}-pids`);
  const entry = join(directory, `${name}.mjs`);
  writeFileSync(file, "");
  writeFileSync(
    entry,
    `import { appendFileSync, readFileSync } from "node:fs";
    appendFileSync(${JSON.stringify(file)}, process.pid + "\\n");
    const starts = readFileSync(${JSON.stringify(file)}, "utf8").split("\\n").length - 1;
    if (starts <= ${times}) ${BLOCK}
    await import(${JSON.stringify(pathToFileURL(entryPath(name)).href)});`,
  );
  return { entry, pids: () => readFileSync(file, "utf8").split("\n").slice(0, -1).map(Number) };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (const limit = performance.now() + HANG_MS; !condition(); await sleep(20))
    if (performance.now() > limit) throw new Error(`not within a minute: ${what}`);
}

/** One that nobody has waited for yet does not count. */
function exists(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

const resolveRequest = {
  op: "resolve",
  // Nobody listens there: an answer of the process itself.
  reference: "127.0.0.1:1/a/b:1",
  auth: undefined,
  platform: { os: "linux", architecture: "amd64", variant: undefined },
  known: [],
} as const;

void t.test("the caller is told, after another process was tried", async (t) => {
  const directory = scratch(t);
  const unpacker = hanging(directory, "unpacker", Infinity);
  const pool = new UnpackerPool({ processes: 1, entry: unpacker.entry, helloLimitMs: LIMIT_MS });
  const puller = hanging(directory, "puller", Infinity);
  const pulls = new PullerProcess(SETTINGS, { entry: puller.entry, helloLimitMs: LIMIT_MS });
  await t.rejects(pool.run<"sync">({ op: "sync", path: directory }), {
    code: "unavailable",
    message: /unpacker process hung at its start/,
  });
  await t.rejects(pulls.run<"resolve">(resolveRequest), {
    code: "unavailable",
    message: /puller process hung at its start/,
  });
  t.strictSame([pool.pids, pulls.pids], [[], []]);
  t.strictSame([...unpacker.pids(), ...puller.pids()].filter(exists), [], "none of them is left");
  await pool.close();
  await pulls.close();
});

void t.test("what another process can do is done", async (t) => {
  const directory = scratch(t);
  const options = { helloLimitMs: LONG_LIMIT_MS };
  const unpacker = hanging(directory, "unpacker", 1);
  const pool = new UnpackerPool({ processes: 1, entry: unpacker.entry, ...options });
  const puller = hanging(directory, "puller", 1);
  const pulls = new PullerProcess(SETTINGS, { entry: puller.entry, ...options });
  t.teardown(() => Promise.all([pool.close(), pulls.close()]));
  const [synced, resolved] = await Promise.allSettled([
    pool.run<"sync">({ op: "sync", path: directory }),
    pulls.run<"resolve">(resolveRequest),
  ]);
  t.equal(synced.status, "fulfilled");
  t.match(resolved, { reason: { message: /127\.0\.0\.1:1/ } }, "the second puller's own answer");
  t.strictSame([unpacker.pids().length, puller.pids().length], [2, 2]);
});

void t.test("a caller that gives up does not wait for the limit", async (t) => {
  const directory = scratch(t);
  const unpacker = hanging(directory, "unpacker", Infinity);
  const pool = new UnpackerPool({ processes: 1, entry: unpacker.entry, helloLimitMs: 2 ** 30 });
  const puller = hanging(directory, "puller", Infinity);
  const pulls = new PullerProcess(SETTINGS, { entry: puller.entry, helloLimitMs: 2 ** 30 });
  t.teardown(() => Promise.all([pool.close(), pulls.close()]));
  const given = new AbortController();
  const work = [
    pool.run<"sync">({ op: "sync", path: directory }, { signal: given.signal }),
    pulls.run<"resolve">(resolveRequest, { signal: given.signal }),
  ];
  given.abort(new Error("not any more"));
  for (const end of await Promise.allSettled(work)) t.match(end, { reason: { message: "not any more" } });
});

void t.test("it ends with the daemon that was killed", async (t) => {
  const directory = scratch(t);
  const helpers = [hanging(directory, "unpacker", Infinity), hanging(directory, "puller", Infinity)];
  const program = `
    import { PullerProcess } from ${JSON.stringify(resolve("agent/images/registry/puller-process.ts"))};
    import { UnpackerPool } from ${JSON.stringify(resolve("agent/images/unpacker-pool.ts"))};
    const [unpacker, puller] = ${JSON.stringify(helpers.map(({ entry }) => entry))};
    new UnpackerPool({ entry: unpacker }).run({ op: "sync", path: "/" });
    new PullerProcess(${JSON.stringify(SETTINGS)}, { entry: puller }).run(${JSON.stringify(resolveRequest)});
  `;
  const daemon = spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: "inherit" });
  const exit = once(daemon, "exit");
  t.teardown(() => daemon.kill("SIGKILL"));
  const pids = (): number[] => helpers.flatMap((helper) => helper.pids());
  t.teardown(() => {
    for (const pid of pids()) if (exists(pid)) process.kill(pid, "SIGKILL");
  });
  await until(() => pids().length === helpers.length, "both processes");
  t.ok(pids().every(exists));
  daemon.kill("SIGKILL");
  await exit;
  await until(() => !pids().some(exists), "the end of both");
  t.pass("both ended");
});
