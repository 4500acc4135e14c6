import t from "tap";

import { PlanBuilder } from "../../../../agent/runtime/plan/builder.ts";
import { NO_REG, REGISTER_COUNT } from "../../../../agent/runtime/plan/operations.ts";
import { errorOf } from "../spec-input.ts";

const OPEN = { at: NO_REG, path: "/", flags: 0, mode: 0, resolve: 0 };

t.test("registers", async (t) => {
  const plan = new PlanBuilder();
  const a = plan.open("host", "open", OPEN, "x");
  const b = plan.open("host", "open", OPEN, "x");
  t.same([a, b], [0, 1]);
  plan.close("host", a, "x");
  t.equal(plan.open("host", "open", OPEN, "x"), 0, "a closed one is used again");
  t.match(
    errorOf(() => plan.add("host", "close", { reg: 7 }, "x")),
    { code: "internal" },
  );
});

t.test("a process has its own after a fork", async (t) => {
  const plan = new PlanBuilder();
  const before = plan.open("host", "open", OPEN, "x");
  const pidfd = plan.open("host", "fork", { who: 2, flags: 0, cgroup: NO_REG }, "x");
  plan.close("host", before, "x");
  plan.add("child", "chdir_fd", { reg: before }, "x");
  t.match(
    errorOf(() => plan.add("child", "chdir_fd", { reg: pidfd }, "x")),
    { code: "internal" },
    "the pidfd is the parent's",
  );
  t.not(plan.open("child", "open", OPEN, "x"), before, "the child still holds it");
  t.match(
    errorOf(() => plan.add("joined", "setsid", {}, "x")),
    { code: "internal" },
    "not started",
  );
  plan.add("inside", "chdir_fd", { reg: before }, "x");
});

t.test("as many as there are", async (t) => {
  const plan = new PlanBuilder();
  for (let count = 0; count < REGISTER_COUNT; count++) plan.open("host", "open", OPEN, "x");
  t.match(
    errorOf(() => plan.open("host", "open", OPEN, "mounts[250]")),
    { code: "unsupported", where: "mounts[250]" },
  );
});
