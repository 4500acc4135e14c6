import t from "tap";

import { runtimeHandlers } from "../../../agent/runtime/sandboxes.ts";

t.test("each name of the runtime is listed once", async (t) => {
  t.same(runtimeHandlers({ cgroupParent: "kubepods" }), ["", "nodelet"]);
  const named = { cgroupParent: "kubepods", runtimeHandlers: ["runc", "nodelet", "runc"] };
  t.same(runtimeHandlers(named), ["", "nodelet", "runc"]);
});
