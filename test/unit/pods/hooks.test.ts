import { test } from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import type { Cri } from "../../../agent/cri/runtime.ts";
import { runHook } from "../../../agent/pods/hooks.ts";

test("a hook that takes longer than its limit is not waited for, and not ended", async (t) => {
  const asked: { timeout?: bigint | undefined; aborted: () => boolean }[] = [];
  const execSync = ({ timeout }: { timeout?: bigint }, { signal }: { signal: AbortSignal }): Promise<never> => {
    asked.push({ timeout, aborted: () => signal.aborted });
    return new Promise(() => undefined);
  };
  const context = {
    cri: { execSync } as unknown as Cri,
    clock: new ManualClock(),
    containerId: "c",
    container: { name: "c" },
    podIp: "",
    limitMs: 10,
    signal: new AbortController().signal,
  };
  await t.rejects(runHook({ exec: { command: ["sleep"] } }, context), { code: "timeout" });
  t.equal(asked.length, 1);
  t.equal(asked[0]?.timeout, 0n, "the runtime gives it no limit either");
  t.equal(asked[0]?.aborted(), false);
});
