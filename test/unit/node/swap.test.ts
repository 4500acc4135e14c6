import t from "tap";

import { DEFAULT_RESERVATIONS } from "../../../agent/node/capacity.ts";
import { readMachine } from "../../../agent/node/machine.ts";
import { NO_PRESSURE, nodeStatus } from "../../../agent/node/status.ts";
import { checkSwap, swapTotal } from "../../../agent/node/swap.ts";
import { setting } from "../../fixtures/settings.ts";

const HEAD = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

setting(t, "failSwapOn", "with it the agent does not start on a host with swap", async (t) => {
  t.doesNotThrow(() => checkSwap(() => HEAD));
  t.doesNotThrow(() => checkSwap(() => undefined));
  const line = (device: string): string => `${device}                               partition\t2097148\t\t0\t\t-2\n`;
  t.throws(() => checkSwap(() => HEAD + line("/dev/sda2") + line("/swapfile")), {
    code: "conflict",
    where: "failSwapOn",
    message: /swaps to \/dev\/sda2, \/swapfile$/,
  });
});

t.test("how much there is", async (t) => {
  t.equal(swapTotal("MemTotal:        8000 kB\nSwapTotal:       2048 kB\nSwapFree:        1024 kB\n"), 2_097_152n);
  t.equal(swapTotal("MemTotal:        8000 kB\n"), 0n, "a kernel without any");
});

t.test("the Node tells of it", async (t) => {
  const told = (swap: bigint): unknown =>
    nodeStatus({
      machine: { ...readMachine("/"), swap },
      reservations: { ...DEFAULT_RESERVATIONS },
      hostname: "a",
      addresses: [],
      version: "0.1.0",
      port: 0,
      runtime: new Error("none"),
      images: [],
      imagesLimit: 0,
      problems: [],
      remarks: [],
      pressure: NO_PRESSURE,
      devices: new Map(),
      formerDevices: new Set(),
      known: {},
      previous: [],
      now: 0,
    }).nodeInfo?.swap;
  t.strictSame(told(1024n), { capacity: 1024 });
  t.equal(told(0n), undefined);
});
