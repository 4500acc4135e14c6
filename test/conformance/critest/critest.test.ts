// time limit: 1500 s
// One run of the whole of critest against `nodelet cri`, and one in which the daemon is killed twice. Building critest for the first
// time takes minutes.

import t from "tap";

import { critest } from "./critest.ts";

t.test("critest: nothing fails, is skipped or is left but for a reason that is known", async (t) => {
  t.ok(await critest({ procs: 4 }));
});
