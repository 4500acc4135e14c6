import t from "tap";

import { compileContainerPlan, type ContainerPlanInput } from "../../../../agent/runtime/plan/container-plan.ts";
import { CLONE, MOUNT_ATTR, MS } from "../../../../agent/runtime/plan/constants.ts";
import type { Plan, Step } from "../../../../agent/runtime/plan/operations.ts";
import type { OciSpec } from "../../../../agent/runtime/oci/types.ts";
import { errorOf, specInput, specOf, specWith, specWithMounts } from "../spec-input.ts";
import { indexOf, planProblems } from "./check-plan.ts";
import { golden, planText } from "./golden.ts";

const SNAPSHOT = {
  directory: "/var/lib/nodelet/snapshots/s1",
  lower: ["../../layers/b", "../../layers/a"],
  upper: "upper",
  work: "work",
};

function input(spec: OciSpec, changes: Partial<ContainerPlanInput> = {}): ContainerPlanInput {
  return {
    spec,
    snapshot: SNAPSHOT,
    cgroupDir: "/sys/fs/cgroup/kubepods/c",
    exitDir: "/run/nodelet/containers/c0ffee",
    io: { tty: false, stdin: false, stdinOnce: false },
    logPath: "/var/log/pods/p/c/0.log",
    kernel: { fsconfigLowerdirPlus: true },
    ...changes,
  };
}

function compile(spec: OciSpec, changes: Partial<ContainerPlanInput> = {}): Plan {
  return compileContainerPlan(input(spec, changes));
}

const steps = (plan: Plan, op: Step["op"]): Step[] => plan.steps.filter((step) => step.op === op);
const FILTER = { filter: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 200]), flags: 0 };

const USER_NAMESPACE = {
  namespaces: { ...specInput().namespaces, user: "/run/nodelet/sandboxes/s/user" },
  idMappings: {
    uids: [{ containerId: 0, hostId: 65536, size: 65536 }],
    gids: [{ containerId: 0, hostId: 131072, size: 65536 }],
  },
};

t.test("plans as they were reviewed", async (t) => {
  const mapping = [{ containerId: 0, hostId: 65536, length: 65536 }];
  const group = [{ containerId: 0, hostId: 131072, length: 65536 }];
  const cases: Record<string, Plan> = {
    "container-plain": compile(specOf({}), { deviceProgram: new Uint8Array([0xb7, 0, 0, 0, 1, 0, 0, 0]) }),
    "container-restricted": compile(
      specOf({
        workingDir: "/srv",
        mounts: [
          { containerPath: "/data", hostPath: "/var/lib/data", readonly: true },
          { containerPath: "/deep", hostPath: "/var/lib/deep", readonly: true, recursiveReadOnly: true },
          { containerPath: "/shared", hostPath: "/var/lib/shared", propagation: 2 },
        ],
        linux: {
          securityContext: {
            runAsUser: { value: 1000n },
            noNewPrivs: true,
            readonlyRootfs: true,
            capabilities: { dropCapabilities: ["ALL"] },
            seccomp: { profileType: 0 },
            maskedPaths: ["/proc/kcore", "/sys/firmware"],
            readonlyPaths: ["/proc/sys"],
          },
        },
      }),
      { seccompFilter: FILTER },
    ),
    "container-privileged": compile(
      specWith(
        { privileged: true, namespaceOptions: { network: 2, pid: 2, ipc: 2 } },
        {
          namespaces: {},
          shmPath: undefined,
          hostDevices: [{ path: "/dev/dri/card0", type: "c", major: 226, minor: 0, mode: 0o660, uid: 0, gid: 44 }],
        },
      ),
    ),
    "container-user-namespace": compile(
      specOf(
        {
          mounts: [{ containerPath: "/data", hostPath: "/var/lib/data", uidMappings: mapping, gidMappings: group }],
          linux: { securityContext: { runAsUser: { value: 1000n } } },
        },
        USER_NAMESPACE,
      ),
    ),
    "container-terminal": compile(
      specOf({ tty: true, stdin: true, linux: { securityContext: { namespaceOptions: { pid: 1 } } } }),
      {
        io: { tty: true, stdin: true, stdinOnce: true, columns: 80, rows: 24 },
        logPath: "",
      },
    ),
    "container-hooks": compile({
      ...specOf({}),
      hooks: {
        prestart: [{ path: "/usr/bin/pre" }],
        createRuntime: [{ path: "/usr/bin/runtime", args: ["runtime", "x"], env: ["A=1"], timeout: 5 }],
        createContainer: [{ path: "/usr/bin/container" }],
        startContainer: [{ path: "/bin/start" }],
        poststart: [{ path: "/usr/bin/post" }],
        poststop: [{ path: "/usr/bin/stop" }],
      },
    }),
  };
  for (const [name, plan] of Object.entries(cases)) {
    const text = planText(plan);
    t.equal(text, golden(name, text), name);
    t.same(planProblems(plan), [], name);
  }
});

t.test("the same input gives the same plan", async (t) => {
  t.same(compile(specOf({})), compile(specOf({})));
});

t.test("sources are cloned before the fork and attached after it", async (t) => {
  const plan = compile(specWithMounts([{ containerPath: "/x", hostPath: "/x" }]));
  const fork = indexOf(plan, ({ op }) => op === "fork");
  for (const [index, step] of plan.steps.entries()) {
    if (step.op === "open_tree") t.ok(index < fork && step.actor === "host");
    if (step.op === "move_mount") t.ok(index > fork && step.actor === "child");
  }
});

t.test("nothing that can fail comes between commit and the identity but the identity", async (t) => {
  const plan = compile(specOf({}));
  const commit = indexOf(plan, ({ op, actor }) => op === "wait" && actor === "inside");
  t.same(
    plan.steps
      .slice(commit + 1)
      .filter(({ actor }) => actor === "inside")
      .map(({ op }) => op),
    ["bounding", "ids", "capabilities", "exec"],
  );
});

t.test("seccomp is loaded as late as it can be", async (t) => {
  const order = (securityContext: object): string[] =>
    compile(specWith({ seccomp: { profileType: 0 }, ...securityContext }), { seccompFilter: FILTER })
      .steps.filter(({ op }) => ["seccomp", "ids", "capabilities", "no_new_privs", "exec"].includes(op))
      .map(({ op }) => op);
  t.same(order({}), ["seccomp", "ids", "capabilities", "exec"], "needs CAP_SYS_ADMIN, which the process will not have");
  t.same(order({ noNewPrivs: true }), ["ids", "capabilities", "no_new_privs", "seccomp", "exec"]);
  t.same(order({ capabilities: { addCapabilities: ["SYS_ADMIN"] } }), ["ids", "capabilities", "seccomp", "exec"]);
  t.match(
    errorOf(() => compile(specWith({ seccomp: { profileType: 0 } }))),
    { code: "internal", where: "linux.seccomp" },
    "never without its filter",
  );
});

t.test("namespaces", async (t) => {
  const flags = (spec: OciSpec) => steps(compile(spec), "fork").map((step) => (step.args as { flags: number }).flags);
  t.same(flags(specOf({})), [CLONE.NEWNS]);
  t.same(flags(specWith({ namespaceOptions: { pid: 1 } })), [CLONE.NEWNS | CLONE.NEWPID]);
  const own = {
    ...specOf({}),
    linux: {
      ...specOf({}).linux,
      namespaces: [
        { type: "mount" as const },
        { type: "network" as const },
        { type: "uts" as const },
        { type: "ipc" as const },
        { type: "pid" as const },
      ],
    },
  };
  t.same(flags(own), [(CLONE.NEWNS | CLONE.NEWPID | CLONE.NEWNET | CLONE.NEWUTS | CLONE.NEWIPC) >>> 0]);
  t.match(
    steps(compile(specOf({})), "unshare"),
    [{ actor: "child", args: { flags: CLONE.NEWCGROUP } }],
    "after the fork, or it would be rooted at the shim's",
  );
  const set = steps(compile(specOf({})), "setns").map(({ actor, args }) => [actor, (args as { types: number }).types]);
  t.same(
    set,
    [
      ["host", CLONE.NEWPID],
      ["host", CLONE.NEWPID],
      ["child", CLONE.NEWIPC],
      ["child", CLONE.NEWUTS],
      ["child", CLONE.NEWNET],
    ],
    "the host goes back",
  );
  const bad = (namespaces: NonNullable<OciSpec["linux"]>["namespaces"]) =>
    errorOf(() => compile({ ...specOf({}), linux: { namespaces } }));
  t.match(bad([]), { code: "unsupported" });
  t.match(bad([{ type: "mount", path: "/x" }]), { code: "unsupported" });
  t.match(bad([{ type: "mount" }, { type: "user" }]), { code: "unsupported" });
  t.match(bad([{ type: "mount" }, { type: "time" }]), { code: "unsupported" });
  t.match(bad([{ type: "mount" }, { type: "mount" }]), { code: "invalid", where: "linux.namespaces[1]" });
  t.match(bad([{ type: "mount" }, { type: "ipc", path: "x" }]), { code: "invalid" });
  t.match(bad([{ type: "mount" }, { type: "x" as "ipc" }]), { code: "invalid" });
});

t.test("a mount over /proc by way of a link is refused, the files of lxcfs are not", async (t) => {
  const plan = compile(
    specWithMounts([
      { containerPath: "/a", hostPath: "/a" },
      { containerPath: "/proc/meminfo", hostPath: "/b" },
    ]),
  );
  const checked = new Set(steps(plan, "refuse_fs").map(({ cause }) => cause));
  const { mounts = [] } = specWithMounts([
    { containerPath: "/a", hostPath: "/a" },
    { containerPath: "/proc/meminfo", hostPath: "/b" },
  ]);
  for (const [index, { destination }] of mounts.entries()) {
    t.equal(checked.has(`mounts[${index}].destination`), !destination.startsWith("/proc"), destination);
  }
  t.match(
    steps(plan, "check_fs").map(({ args }) => (args as { magic: number }).magic),
    [0x9fa0, 0x62656572],
  );
});

t.test("many layers", async (t) => {
  const lower = Array.from({ length: 40 }, (_, index) => `../../layers/${index}`);
  const options = (plan: Plan) => (steps(plan, "new_mount")[0]!.args as { options: string[] }).options;
  const snapshot = { ...SNAPSHOT, lower };
  t.match(options(compile(specOf({}), { snapshot }))[1], "lowerdir+=../../layers/0");
  t.equal(options(compile(specOf({}), { snapshot })).filter((option) => option.startsWith("lowerdir+=")).length, 40);
  const old = compile(specOf({}), { snapshot, kernel: { fsconfigLowerdirPlus: false } });
  t.same(planProblems(old), []);
  t.match(steps(old, "mount"), [
    { args: { target: "/" } },
    { actor: "child", args: { fstype: "overlay", target: ".", data: /^lowerdir=.*,volatile/ } },
  ]);
  const short = { ...SNAPSHOT, lower: lower.slice(0, 10) };
  t.match(options(compile(specOf({}), { snapshot: short }))[1], /^lowerdir=/, "one string while it fits");
  const long = { ...SNAPSHOT, lower: Array.from({ length: 200 }, (_, index) => `../../layers/${index}`) };
  const userns = { snapshot: long, kernel: { fsconfigLowerdirPlus: false } };
  t.match(
    errorOf(() => compile(specOf({}, USER_NAMESPACE), userns)),
    { code: "unsupported", where: "root.path" },
  );
  const endless = { ...SNAPSHOT, lower: Array.from({ length: 500 }, (_, index) => `../../layers/${index}`) };
  t.match(
    errorOf(() => compile(specOf({}), { snapshot: endless, kernel: { fsconfigLowerdirPlus: false } })),
    { code: "unsupported" },
  );
  t.match(
    errorOf(() => compile(specOf({}), { snapshot: { ...SNAPSHOT, lower: ["a:b"] } })),
    { code: "internal" },
  );
});

t.test("a user namespace", async (t) => {
  const plan = compile(specOf({}, USER_NAMESPACE));
  t.same(planProblems(plan), []);
  t.equal(steps(plan, "mknod").length, 0, "no device can be made there");
  t.ok(steps(plan, "check_node").length >= 6, "the host's are verified");
  const idmaps = steps(plan, "mount_setattr").filter(
    ({ args }) => ((args as { set: number }).set & MOUNT_ATTR.IDMAP) !== 0,
  );
  t.equal(idmaps.length, 1, "all layers at once");
  const shared = indexOf(plan, ({ op, actor }) => op === "setns" && actor === "joined");
  const overlay = indexOf(
    plan,
    ({ op, args }) => op === "new_mount" && (args as { fstype: string }).fstype === "overlay",
  );
  t.ok(overlay < shared, "the overlay is made with the host's rights");
  t.match(steps(plan, "io_owner"), [{ args: { uid: 65536, gid: 131072 } }]);
  const unmapped = {
    ...USER_NAMESPACE,
    idMappings: { uids: [{ containerId: 0, hostId: 65536, size: 10 }], gids: USER_NAMESPACE.idMappings.gids },
  };
  t.match(
    errorOf(() => compile(specWith({ runAsUser: { value: 1000n } }, unmapped))),
    { code: "invalid", where: "process.user.uid" },
  );
  const other = [{ containerId: 0, hostId: 7, length: 65536 }];
  t.match(
    errorOf(() =>
      compile(
        specWithMounts(
          [{ containerPath: "/x", hostPath: "/x", uidMappings: other, gidMappings: other }],
          USER_NAMESPACE,
        ),
      ),
    ),
    { code: "unsupported", where: /^mounts\[/ },
  );
  t.match(
    errorOf(() =>
      compile(specWithMounts([{ containerPath: "/x", hostPath: "/x", uidMappings: other, gidMappings: other }])),
    ),
    { code: "unsupported" },
  );
  const { process: _process, ...without } = specOf({});
  t.match(
    errorOf(() => compile(without)),
    { code: "invalid", where: "process" },
  );
});

t.test("propagation and attributes of binds", async (t) => {
  const calls = (mount: object) => {
    const spec = specWithMounts([{ containerPath: "/x", hostPath: "/x", ...mount }]);
    const index = spec.mounts?.findIndex(({ destination }) => destination === "/x");
    return steps(compile(spec), "mount_setattr")
      .filter(({ cause }) => cause === `mounts[${index}].options`)
      .map(({ args }) => {
        const { set, propagation, recursive } = args as { set: number; propagation: number; recursive: number };
        return [set, propagation, recursive];
      });
  };
  t.same(calls({}), [[0, MS.PRIVATE, 1]]);
  t.same(calls({ propagation: 1 }), [[0, MS.SLAVE, 1]]);
  t.same(calls({ propagation: 2 }), [[0, MS.SHARED, 1]]);
  t.same(calls({ readonly: true }), [
    [MOUNT_ATTR.RDONLY, 0, 0],
    [0, MS.PRIVATE, 1],
  ]);
  t.same(calls({ readonly: true, recursiveReadOnly: true }), [[MOUNT_ATTR.RDONLY, MS.PRIVATE, 1]]);
});

t.test("an image as a volume, and a part of it", async (t) => {
  const volume = (lower: string[]) => ({ imageVolumes: { "/v": { directory: "/state", lower } } });
  const mount = { containerPath: "/v", image: { image: "x" } };
  for (const lower of [["a"], ["a", "b"]]) {
    for (const imageSubPath of ["", "etc/conf"]) {
      const plan = compile(specWithMounts([{ ...mount, imageSubPath }], volume(lower)));
      t.same(planProblems(plan), [], `${lower.length} layers, ${imageSubPath}`);
      const parts = plan.steps.filter(
        ({ op, args }) => op === "open" && (args as { path: string }).path === "etc/conf",
      );
      t.equal(parts.length, imageSubPath === "" ? 0 : 1);
      for (const part of parts)
        t.equal((part.args as { resolve: number }).resolve, 2 | 16, "in the image, no magic links");
    }
  }
});

t.test("devices in places of their own", async (t) => {
  const device = (path: string) => ({
    ...specOf({}),
    linux: { ...specOf({}).linux, devices: [{ path, type: "c" as const, major: 10, minor: 200 }] },
  });
  const made = (path: string) => {
    const plan = compile(device(path));
    t.same(planProblems(plan), []);
    return plan.steps
      .filter(({ cause }) => cause === "linux.devices[0]")
      .map(({ op, args }) => [op, (args as { path?: string }).path]);
  };
  t.same(made("/dev/fuse"), [["mknod", "fuse"]]);
  t.same(made("/dev/net/tun"), [
    ["ensure", "net"],
    ["mknod", "tun"],
    ["close", undefined],
  ]);
  t.same(made("/srv/tun"), [
    ["ensure", "/srv"],
    ["mknod", "tun"],
    ["close", undefined],
  ]);
  t.equal(steps(compile(device("/dev/null")), "mknod").length, 6, "the spec's wins over the default one");
});

t.test("a /dev of the host is left as it is", async (t) => {
  const plan = compile(specWith({ privileged: true, maskedPaths: [] }, {}));
  t.ok(steps(plan, "mknod").length > 0);
  const host = compile(specWithMounts([{ containerPath: "/dev", hostPath: "/dev" }]));
  t.equal(steps(host, "mknod").length, 0);
  t.equal(steps(host, "symlink").length, 0);
  t.same(planProblems(host), []);
});

t.test("hostile specs", async (t) => {
  const spec = specOf({});
  const bad: [OciSpec, object][] = [
    [
      { ...spec, mounts: [{ destination: "/x", type: "bind", source: "relative", options: ["bind"] }] },
      { where: "mounts[0].source" },
    ],
    [{ ...spec, mounts: [{ destination: "/x", source: "/y" }] }, { where: "mounts[0]" }],
    [{ ...spec, mounts: [{ destination: "/x", type: "tmpfs", options: ["tmpcopyup"] }] }, { code: "unsupported" }],
    [
      { ...spec, process: { ...spec.process!, rlimits: [{ type: "RLIMIT_X", soft: 1, hard: 1 }] } },
      { where: "process.rlimits[0].type" },
    ],
    [
      { ...spec, process: { ...spec.process!, capabilities: { bounding: ["CAP_X"] } } },
      { where: "process.capabilities.bounding" },
    ],
    [{ ...spec, process: { ...spec.process!, cwd: "srv" } }, { where: "process.cwd" }],
    [{ ...spec, linux: { ...spec.linux, devices: [{ path: "/dev/x", type: "x" as "c" }] } }, { code: "invalid" }],
    [{ ...spec, linux: { ...spec.linux, personality: { domain: "X" } } }, { where: "linux.personality.domain" }],
    [
      { ...spec, linux: { ...spec.linux, namespaces: [{ type: "mount" }, { type: "cgroup", path: "/x" }] } },
      { code: "unsupported" },
    ],
  ];
  for (const [each, expected] of bad)
    t.match(
      errorOf(() => compile(each)),
      expected,
    );
  t.match(
    errorOf(() => compile(spec, { cgroupDir: undefined, deviceProgram: new Uint8Array(8) })),
    { code: "internal" },
  );
  const mounts = Array.from({ length: 300 }, (_, index) => ({ containerPath: `/m${index}`, hostPath: "/x" }));
  t.match(
    errorOf(() => compile(specWithMounts(mounts))),
    { code: "unsupported", message: /descriptors/ },
  );
  t.same(planProblems(compile(specWithMounts(mounts.slice(0, 200)))), []);
});

t.test("limits", async (t) => {
  const plan = compile({
    ...specOf({}),
    process: { ...specOf({}).process!, rlimits: [{ type: "RLIMIT_NOFILE", soft: 1024, hard: 2 ** 64 }] },
  });
  t.match(steps(plan, "rlimit"), [{ actor: "inside", args: { resource: 7, soft: 1024, hard: -1 } }]);
});
