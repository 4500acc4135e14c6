import t from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import { SteadyTime } from "../../../agent/base/steady-time.ts";

const HOUR_MS = 3_600_000;
const wall = (clock: ManualClock): number => Number(clock.now() / 1_000_000n);
const set = (clock: ManualClock, byMs: number): void => clock.setWallClock(clock.now() + BigInt(byMs) * 1_000_000n);

t.test("it goes on as it did when the wall clock is set", async (t) => {
  const clock = new ManualClock();
  const steady = new SteadyTime(clock);
  const start = wall(clock);
  t.equal(steady.now(), start);
  await clock.advance(5_000);
  set(clock, HOUR_MS);
  t.equal(steady.now(), start + 5_000);
  set(clock, -2 * HOUR_MS);
  await clock.advance(1_000);
  t.equal(steady.now(), start + 6_000);
});

t.test("times that the wall clock told are placed where they were", async (t) => {
  const clock = new ManualClock();
  const steady = new SteadyTime(clock);
  const start = wall(clock);
  t.equal(steady.of(start - 10 * HOUR_MS), start - 10 * HOUR_MS, "of before this process");
  await clock.advance(60_000);
  const before = wall(clock) - 20_000;
  t.equal(steady.of(before), start + 40_000);
  for (const step of [HOUR_MS, -2 * HOUR_MS]) {
    set(clock, step);
    const told = wall(clock);
    const at = steady.now();
    await clock.advance(30_000);
    t.equal(steady.of(told), at, "told after the clock was set");
    t.equal(steady.of(before), start + 40_000, "told before");
    t.ok(steady.of(told + 10 * HOUR_MS) <= steady.now(), "nothing has happened in the future");
  }
});
