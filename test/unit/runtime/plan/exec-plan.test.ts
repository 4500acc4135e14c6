import t from "tap";

import { compileExecPlan, type ExecPlanInput } from "../../../../agent/runtime/plan/exec-plan.ts";
import { CLONE } from "../../../../agent/runtime/plan/constants.ts";
import type { Plan, Step } from "../../../../agent/runtime/plan/operations.ts";
import { errorOf, specInput, specOf, specWith } from "../spec-input.ts";
import { planProblems } from "./check-plan.ts";
import { golden, planText } from "./golden.ts";

const compile = (changes: Partial<ExecPlanInput> = {}): Plan =>
  compileExecPlan({
    spec: specOf({}),
    argv: ["ls", "-l"],
    tty: false,
    stdin: false,
    stdout: true,
    stderr: true,
    cgroupDir: "/sys/fs/cgroup/c",
    ...changes,
  });
const steps = (plan: Plan, op: Step["op"]): Step[] => plan.steps.filter((step) => step.op === op);
const FILTER = { filter: new Uint8Array(8), flags: 0 };
const USER_NAMESPACE = {
  namespaces: { ...specInput().namespaces, user: "/u" },
  idMappings: {
    uids: [{ containerId: 0, hostId: 65536, size: 65536 }],
    gids: [{ containerId: 0, hostId: 65536, size: 65536 }],
  },
};

t.test("plans as they were reviewed", async (t) => {
  const cases: Record<string, Plan> = {
    "exec-plain": compile(),
    "exec-terminal": compile({
      tty: true,
      stdin: true,
      columns: 80,
      rows: 24,
      spec: specWith({ noNewPrivs: true, seccomp: { profileType: 0 } }),
      seccompFilter: FILTER,
    }),
    "exec-user-namespace": compile({ spec: specOf({}, USER_NAMESPACE) }),
  };
  for (const [name, plan] of Object.entries(cases)) {
    const text = planText(plan);
    t.equal(text, golden(name, text), name);
    t.same(planProblems(plan), [], name);
  }
});

t.test("all namespaces at once, those of the host left out", async (t) => {
  const types = (plan: Plan) => steps(plan, "setns").map(({ args }) => (args as { types: number }).types);
  const all = (CLONE.NEWNS | CLONE.NEWPID | CLONE.NEWNET | CLONE.NEWIPC | CLONE.NEWUTS | CLONE.NEWCGROUP) >>> 0;
  t.same(types(compile()), [all]);
  t.same(types(compile({ spec: specOf({}, USER_NAMESPACE) })), [(all | CLONE.NEWUSER) >>> 0]);
  const host = specWith({ namespaceOptions: { network: 2, pid: 2, ipc: 2 } }, { namespaces: {} });
  t.same(types(compile({ spec: host })), [(CLONE.NEWNS | CLONE.NEWCGROUP) >>> 0]);
});

t.test("not to be traced before it is inside", async (t) => {
  const order = compile()
    .steps.filter(({ actor }) => actor === "joined")
    .map(({ op }) => op);
  t.ok(order.indexOf("dumpable") < order.indexOf("setns"));
});

t.test("the command has the container's identity", async (t) => {
  const plan = compile({
    spec: specWith({ runAsUser: { value: 1000n }, capabilities: { dropCapabilities: ["ALL"] } }),
  });
  t.match(steps(plan, "ids"), [{ args: { uid: 1000, gid: 2000 } }]);
  t.match(steps(plan, "capabilities"), [{ args: { effective: 0, permitted: 0, inheritable: 0, ambient: 0 } }]);
  t.match(steps(plan, "exec"), [{ args: { argv: ["ls", "-l"] } }]);
  t.match(steps(plan, "io_owner"), []);
  t.match(steps(compile({ spec: specOf({}, USER_NAMESPACE) }), "io_owner"), [{ args: { uid: 65536, gid: 65536 } }]);
});

t.test("bad input", async (t) => {
  t.match(
    errorOf(() => compile({ argv: [] })),
    { code: "invalid" },
  );
  t.match(
    errorOf(() => compile({ argv: [""] })),
    { code: "invalid" },
  );
  t.match(
    errorOf(() => compile({ spec: specWith({ seccomp: { profileType: 0 } }) })),
    { code: "internal" },
  );
});
