// time limit: 2700 s
// One run of the whole of critest against `nodelet cri`, and one in which the daemon is killed twice. Building critest for the first
// time takes minutes. NODELET_SOAK=1: ten runs and twenty kills.

import t from "tap";

import { critest } from "./critest.ts";

const soak = process.env["NODELET_SOAK"] === "1";

t.test("critest: nothing fails, is skipped or is left but for a reason that is known", async (t) => {
  for (let run = 0; run < (soak ? 10 : 1); run++) t.ok(await critest({ procs: 4 }));
});

t.test(
  "kill -9 of the daemon in the middle of it: no container is lost, what is shown is true, nothing is left",
  async (t) => {
    t.ok(await critest({ procs: 4, kills: soak ? 20 : 2, focus: "Container runtime should support|Streaming" }));
  },
);
