import { setImmediate as turn } from "node:timers/promises";
import { test } from "tap";
import { LatestQueue, SerialQueue } from "../../../agent/base/queue.ts";

test("tasks of one key run in order, those of two keys side by side", async (t) => {
  const queue = new SerialQueue<string>();
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const task = (name: string, wait?: Promise<void>) => async (): Promise<string> => {
    log.push(`+${name}`);
    await wait;
    log.push(`-${name}`);
    return name;
  };
  const first = queue.run("a", task("a1", gate.promise));
  const second = queue.run("a", task("a2"));
  const other = queue.run("b", task("b1"));
  t.equal(await other, "b1");
  t.strictSame(log, ["+a1", "+b1", "-b1"]);
  gate.resolve();
  t.strictSame(await Promise.all([first, second]), ["a1", "a2"]);
  t.strictSame(log.slice(3), ["-a1", "+a2", "-a2"]);
  await queue.idle();
  t.equal(queue.size, 0);
});

test("a task that fails rejects its own promise and lets the next one run", async (t) => {
  const queue = new SerialQueue<string>();
  const failing = queue.run("a", () => Promise.reject(new Error("no")));
  const next = queue.run("a", async () => "yes");
  await t.rejects(failing, /no/);
  t.equal(await next, "yes");
});

test("of values that come while one is handled only the latest is handled", async (t) => {
  const handled: string[] = [];
  const errors: unknown[] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const queue = new LatestQueue<string, string>({
    handle: async (key, value) => {
      handled.push(`${key}=${value}`);
      await gates.get(value)?.promise;
      if (value === "bad") throw new Error("bad value");
    },
    onError: (key, error) => errors.push([key, (error as Error).message]),
  });
  gates.set("1", Promise.withResolvers());
  queue.push("pod", "1");
  await turn();
  for (const value of ["2", "3", "4"]) queue.push("pod", value);
  queue.push("other", "bad");
  await turn();
  t.strictSame(handled, ["pod=1", "other=bad"]);
  t.strictSame(errors, [["other", "bad value"]]);
  t.ok(queue.has("pod"));
  gates.get("1")?.resolve();
  await queue.idle();
  t.strictSame(handled, ["pod=1", "other=bad", "pod=4"]);
  t.equal(queue.size, 0);
  queue.push("other", "again");
  await queue.idle();
  t.equal(handled.at(-1), "other=again");
});

test("closing tells the handler to end, drops what waits and takes nothing more", async (t) => {
  const handled: string[] = [];
  const queue = new LatestQueue<string, string>({
    handle: async (_key, value, signal) => {
      handled.push(value);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
    onError: () => t.fail("no error is expected"),
  });
  queue.push("a", "1");
  await turn();
  queue.push("a", "2");
  await queue.close();
  queue.push("a", "3");
  await turn();
  t.strictSame(handled, ["1"]);
});
