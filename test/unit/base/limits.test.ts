import { test } from "tap";
import { Semaphore, withTimeout } from "../../../agent/base/limits.ts";

test("a task that ends in time gives its result", async (t) => {
  t.equal(await withTimeout({ milliseconds: 1_000, what: "adding" }, async () => 3), 3);
  await t.rejects(
    withTimeout({ milliseconds: 1_000, what: "adding" }, () => Promise.reject(new Error("own"))),
    /own/,
  );
});

test("a task that takes too long is told so, and the caller gets a timeout at once", async (t) => {
  let seen: unknown;
  const late = withTimeout({ milliseconds: 10, what: "pulling busybox" }, async (signal) => {
    signal.addEventListener("abort", () => (seen = signal.reason));
    await new Promise(() => undefined);
  });
  await t.rejects(late, { code: "timeout", message: "pulling busybox took longer than 0.01 s" });
  t.match(seen, { code: "timeout" });
});

test("the caller's signal ends it with its own reason", async (t) => {
  const controller = new AbortController();
  const waiting = withTimeout(
    { milliseconds: 60_000, what: "waiting", signal: controller.signal },
    () => new Promise(() => undefined),
  );
  controller.abort(new Error("stopping"));
  await t.rejects(waiting, /stopping/);
  await t.rejects(
    withTimeout({ milliseconds: 1, what: "waiting", signal: controller.signal }, async () => t.fail("must not start")),
    /stopping/,
  );
});

test("a semaphore lets so many in, in order, and skips those that gave up", async (t) => {
  const semaphore = new Semaphore(2);
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const started: number[] = [];
  const controller = new AbortController();
  const runs = gates.map((gate, index) =>
    semaphore.run(
      async () => {
        started.push(index);
        await gate.promise;
      },
      { signal: index === 2 ? controller.signal : undefined },
    ),
  );
  const outcomes = Promise.allSettled(runs);
  await Promise.resolve();
  t.strictSame(started, [0, 1]);
  controller.abort(new Error("tired"));
  for (const gate of gates) gate.resolve();
  t.strictSame(
    (await outcomes).map((outcome) => outcome.status),
    ["fulfilled", "fulfilled", "rejected", "fulfilled"],
  );
  t.strictSame(started, [0, 1, 3]);
  await t.rejects(
    semaphore.run(async () => Promise.reject(new Error("inside"))),
    /inside/,
  );
  t.equal(await semaphore.run(async () => "free again"), "free again");
  t.throws(() => new Semaphore(0), RangeError);
});
