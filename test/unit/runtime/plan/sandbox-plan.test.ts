import t from "tap";

import { compileSandboxPlan, type SandboxPlanInput } from "../../../../agent/runtime/plan/sandbox-plan.ts";
import { CLONE } from "../../../../agent/runtime/plan/constants.ts";
import type { Plan, Step } from "../../../../agent/runtime/plan/operations.ts";
import { errorOf } from "../spec-input.ts";
import { planProblems } from "./check-plan.ts";
import { golden, planText } from "./golden.ts";

const PINS = { network: "/run/netns/n", ipc: "/run/s/ipc", uts: "/run/s/uts", pid: "/run/s/pid", user: "/run/s/user" };

function input(changes: Partial<SandboxPlanInput> = {}): SandboxPlanInput {
  return {
    hostname: "pod",
    namespaces: { network: true, ipc: true, uts: true, pid: false, user: false },
    pins: PINS,
    sysctls: {},
    shm: { path: "/run/s/shm", size: 65536 },
    cgroupDir: undefined,
    ...changes,
  };
}

const compile = (changes: Partial<SandboxPlanInput> = {}): Plan => compileSandboxPlan(input(changes));
const steps = (plan: Plan, op: Step["op"]): Step[] => plan.steps.filter((step) => step.op === op);
const sysctls = (plan: Plan) =>
  steps(plan, "write").map(({ args }) => {
    const { path, data } = args as { path: string; data: Uint8Array };
    return `${path.slice("/proc/sys/".length)}=${Buffer.from(data).toString()}`;
  });
const MAPPINGS = {
  uids: [{ containerId: 0, hostId: 65536, size: 65536 }],
  gids: [{ containerId: 0, hostId: 131072, size: 65536 }],
};

t.test("plans as they were reviewed", async (t) => {
  const cases: Record<string, Plan> = {
    "sandbox-plain": compile({ sysctls: { "net.ipv4.ip_forward": "1", "kernel.shm_rmid_forced": "1" } }),
    "sandbox-shared-pid": compile({
      namespaces: { network: true, ipc: true, uts: true, pid: true, user: false },
      cgroupDir: "/sys/fs/cgroup/p",
    }),
    "sandbox-user-namespace": compile({
      namespaces: { network: true, ipc: true, uts: true, pid: true, user: true },
      idMappings: MAPPINGS,
    }),
    "sandbox-host": compile({
      namespaces: { network: false, ipc: false, uts: false, pid: false, user: false },
      hostname: undefined,
      shm: undefined,
    }),
  };
  for (const [name, plan] of Object.entries(cases)) {
    const text = planText(plan);
    t.equal(text, golden(name, text), name);
    t.same(planProblems(plan), [], name);
  }
});

t.test("only what is wanted", async (t) => {
  const ipc = compile({ namespaces: { network: false, ipc: true, uts: false, pid: false, user: false } });
  t.match(steps(ipc, "fork"), [{ args: { flags: CLONE.NEWIPC } }]);
  t.same(
    steps(ipc, "pin").map(({ args }) => (args as { namespace: string }).namespace),
    ["ipc"],
  );
  t.same(sysctls(ipc), []);
  t.same(steps(ipc, "hostname"), []);
  t.same(steps(ipc, "link_up"), []);
});

t.test("sysctls", async (t) => {
  t.same(sysctls(compile()), ["net/ipv4/ip_unprivileged_port_start=0", "net/ipv4/ping_group_range=0 2147483647"]);
  t.same(sysctls(compile({ namespaces: { ...input().namespaces, user: true }, idMappings: MAPPINGS })), [
    "net/ipv4/ip_unprivileged_port_start=0",
  ]);
  t.same(
    sysctls(compile({ sysctls: { "net.ipv4.ip_unprivileged_port_start": "1024" } })),
    ["net/ipv4/ip_unprivileged_port_start=1024", "net/ipv4/ping_group_range=0 2147483647"],
    "the pod's wins",
  );
  const host = { ...input().namespaces, network: false };
  t.match(
    errorOf(() => compile({ namespaces: host, sysctls: { "net.ipv4.ip_forward": "1" } })),
    { code: "invalid", message: /host's network/ },
  );
  t.match(
    errorOf(() => compile({ sysctls: { "kernel.core_pattern": "|/x" } })),
    { code: "invalid" },
  );
});

t.test("the pod's first process holds nothing of the host", async (t) => {
  const plan = compile({ namespaces: { ...input().namespaces, pid: true } });
  const order = plan.steps.filter(({ actor, op }) => actor === "inside" || op === "pivot_root").map(({ op }) => op);
  t.same(order, ["pivot_root", "close", "bounding", "capabilities", "no_new_privs", "pause"]);
  t.match(steps(plan, "bounding"), [{ args: { keep: 0 } }]);
  const flags = (steps(plan, "fork")[0]!.args as { flags: number }).flags;
  t.ok((flags & CLONE.NEWNS) !== 0, "nor its mounts");
});

t.test("what others can see comes after what can fail", async (t) => {
  const plan = compile({ namespaces: { ...input().namespaces, pid: true }, cgroupDir: "/c" });
  const last = plan.steps.findLastIndex(({ op, actor }) => actor === "host" && op === "pin");
  const mounted = plan.steps.findIndex(({ op, actor }) => actor === "host" && op === "move_mount");
  t.ok(mounted > last);
});

t.test("bad input", async (t) => {
  const user = { ...input().namespaces, user: true };
  t.match(
    errorOf(() => compile({ namespaces: user })),
    { code: "invalid" },
  );
  t.match(
    errorOf(() => compile({ namespaces: user, idMappings: { uids: [], gids: [] } })),
    { code: "invalid" },
  );
  for (const mapping of [
    { containerId: -1, hostId: 0, size: 1 },
    { containerId: 0, hostId: 2 ** 32, size: 1 },
    { containerId: 0, hostId: 0, size: 0 },
    { containerId: 0, hostId: 2 ** 32 - 1, size: 2 },
    { containerId: 0.5, hostId: 0, size: 1 },
  ]) {
    t.match(
      errorOf(() => compile({ namespaces: user, idMappings: { uids: [mapping], gids: MAPPINGS.gids } })),
      { code: "invalid" },
      JSON.stringify(mapping),
    );
  }
  const noRoot = [{ containerId: 1, hostId: 65536, size: 1 }];
  t.match(
    errorOf(() => compile({ namespaces: user, idMappings: { uids: noRoot, gids: noRoot } })),
    { code: "invalid" },
  );
  t.match(
    errorOf(() => compile({ pins: {} })),
    { code: "internal" },
  );
});
