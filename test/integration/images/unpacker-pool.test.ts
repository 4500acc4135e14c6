// The pool and its processes: ends that nobody asked for, at the moments that matter.

import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "tap";
import { UnpackerPool } from "../../../agent/images/unpacker-pool.ts";
import { scratch } from "./support.ts";

test("a process killed while idle costs no job", async (t) => {
  const path = scratch(t);
  const pool = new UnpackerPool({ processes: 1 });
  t.teardown(() => pool.close());
  for (let round = 0; round < 8; round++) {
    await pool.run<"sync">({ op: "sync", path });
    const [pid] = pool.pids;
    process.kill(pid!, "SIGKILL");
    // In the same turn the daemon cannot know yet; a little later it may be in the middle of learning it.
    if (round >= 4) await sleep(round - 4);
    await pool.run<"sync">({ op: "sync", path });
    t.not(pool.pids[0], pid, "another process did it");
  }
});

test("several jobs given to processes that are dead", async (t) => {
  const path = scratch(t);
  const pool = new UnpackerPool({ processes: 3 });
  t.teardown(() => pool.close());
  const all = (): Promise<unknown> =>
    Promise.all(Array.from({ length: 6 }, () => pool.run<"sync">({ op: "sync", path })));
  await all();
  for (const pid of pool.pids) process.kill(pid, "SIGKILL");
  await all();
  const cancelled = new AbortController();
  for (const pid of pool.pids) process.kill(pid, "SIGKILL");
  const late = pool.run<"sync">({ op: "sync", path }, { signal: cancelled.signal });
  cancelled.abort(new Error("not any more"));
  await t.rejects(late, { message: "not any more" });
});

test("a job that waits for a process to leave keeps the daemon alive", async (t) => {
  const path = scratch(t);
  const program = `
    import { UnpackerPool } from ${JSON.stringify(resolve("agent/images/unpacker-pool.ts"))};
    const pool = new UnpackerPool({ processes: 1 });
    const path = ${JSON.stringify(path)};
    await pool.run({ op: "sync", path });
    // Past the time that an idle process has: it is told to leave, and has not left yet.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
    setTimeout(() => pool.run({ op: "sync", path }).then(() => console.log("done")), 0);
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  t.equal(output, "done\n");
});

test("processes end when there is no work, and close ends those at work", async (t) => {
  const path = scratch(t);
  const pool = new UnpackerPool();
  await pool.run<"sync">({ op: "sync", path });
  const [pid] = pool.pids;
  t.match(readFileSync(`/proc/${pid}/comm`, "utf8"), /nodelet-unpack/);
  while (pool.pids.length > 0) await sleep(50);
  t.throws(() => statSync(`/proc/${pid}`), { code: "ENOENT" });
  await pool.run<"sync">({ op: "sync", path });
  await pool.close();
  t.strictSame(pool.pids, []);
  await t.rejects(pool.run<"sync">({ op: "sync", path }), { code: "unavailable" });
});
