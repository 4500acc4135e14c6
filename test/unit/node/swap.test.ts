import t from "tap";

import { checkSwap } from "../../../agent/node/swap.ts";
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
