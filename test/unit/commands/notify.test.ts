import { test } from "tap";

import { silentLogger } from "../../../agent/base/log.ts";
import { connectServiceManager, watchdogInterval } from "../../../agent/commands/runtime/notify.ts";

test("the watchdog's interval", async (t) => {
  t.equal(watchdogInterval({ WATCHDOG_USEC: "60000000" }, 1), 30_000, "twice in what is allowed");
  t.equal(watchdogInterval({ WATCHDOG_USEC: "60000000", WATCHDOG_PID: "7" }, 7), 30_000);
  t.equal(watchdogInterval({ WATCHDOG_USEC: "60000000", WATCHDOG_PID: "8" }, 7), undefined, "another process's");
  t.equal(watchdogInterval({ WATCHDOG_USEC: "1" }, 7), 1);
  for (const value of [undefined, "", "0", "-1", "x"])
    t.equal(watchdogInterval({ WATCHDOG_USEC: value }, 7), undefined);
});

test("what the service manager is told", async (t) => {
  const said: [string, string][] = [];
  const send = (path: string, data: Uint8Array): number => said.push([path, Buffer.from(data).toString()]);
  {
    using manager = connectServiceManager({ NOTIFY_SOCKET: "/run/notify", WATCHDOG_USEC: "2000" }, send, silentLogger);
    t.equal(manager.present, true);
    t.same(said, [], "nothing before it is ready");
    manager.ready("node a");
    t.same(said.shift(), ["/run/notify", "READY=1\nSTATUS=node a"]);
    const timer = setInterval(() => undefined, 1);
    while (said.length < 2) await new Promise((done) => setImmediate(done));
    clearInterval(timer);
    t.same(said[0], ["/run/notify", "WATCHDOG=1"]);
    manager.stopping();
    t.same(said.pop(), ["/run/notify", "STOPPING=1"]);
  }
  const count = said.length;
  await new Promise((done) => setTimeout(done, 20));
  t.equal(said.length, count, "disposed, it says nothing more");
});

test("without a service manager nothing is sent", async (t) => {
  using manager = connectServiceManager({ WATCHDOG_USEC: "1000" }, () => t.fail("sent"), silentLogger);
  t.equal(manager.present, false);
  manager.ready("x");
  manager.stopping();
});

test("a service manager that does not hear us harms nothing", async (t) => {
  const send = (): never => {
    throw Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" });
  };
  using manager = connectServiceManager({ NOTIFY_SOCKET: "@x" }, send, silentLogger);
  t.doesNotThrow(() => manager.ready("x"));
});
