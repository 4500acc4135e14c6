import { test } from "tap";
import { ManualClock, systemClock } from "../../../agent/base/clock.ts";

test("the system's clock tells the time of day in nanoseconds, and never goes back", async (t) => {
  const difference = Number(systemClock.now() / 1_000_000n) - Date.now();
  t.ok(Math.abs(difference) < 1_000, `${difference} ms beside Date.now`);
  const first = systemClock.monotonic();
  await systemClock.sleep(5);
  t.ok(systemClock.monotonic() - first >= 4_000_000n);
});

test("sleep ends early with the signal's reason", async (t) => {
  const reason = new Error("enough");
  const controller = new AbortController();
  const sleeping = systemClock.sleep(60_000, { signal: controller.signal });
  controller.abort(reason);
  await t.rejects(sleeping, reason);
  await t.rejects(systemClock.sleep(0, { signal: AbortSignal.abort(reason) }), reason);
  await systemClock.sleep(-5);
});

test("a manual clock wakes sleepers in the order of their times", async (t) => {
  const clock = new ManualClock(1_000n);
  const woken: string[] = [];
  const sleeper = async (name: string, milliseconds: number): Promise<void> => {
    await clock.sleep(milliseconds);
    woken.push(`${name}@${clock.monotonic() / 1_000_000n}`);
  };
  const all = Promise.all([
    sleeper("late", 30),
    sleeper("early", 10),
    sleeper("twice", 5).then(() => sleeper("again", 10)),
  ]);
  await clock.advance(9);
  t.strictSame(woken, ["twice@5"]);
  await clock.advance(50);
  await all;
  t.strictSame(woken, ["twice@5", "early@10", "again@15", "late@30"]);
  t.equal(clock.now(), 1_000n + 59_000_000n);
  t.equal(clock.sleeping, 0);
});

test("setting a manual clock's time of day wakes nobody; an aborted sleeper is forgotten", async (t) => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const sleeping = clock.sleep(10, { signal: controller.signal });
  clock.setWallClock(9_999_999_999_000_000_000n);
  t.equal(clock.monotonic(), 0n);
  t.equal(clock.sleeping, 1);
  controller.abort(new Error("gone"));
  await t.rejects(sleeping, /gone/);
  t.equal(clock.sleeping, 0);
});
