import t from "tap";

import { CAPABILITIES } from "../../../../agent/runtime/oci/capabilities.ts";
import { ALWAYS, WITH_CAPABILITY } from "../../../../agent/runtime/oci/seccomp-default.ts";
import { defaultSeccomp, parseSeccomp } from "../../../../agent/runtime/oci/seccomp.ts";
import { errorOf } from "../spec-input.ts";

const allowedOutright = (capabilities: string[]) =>
  new Set(defaultSeccomp(capabilities, "x64").syscalls?.find((rule) => rule.args === undefined)?.names);

t.test("the table is in order", async (t) => {
  t.equal(new Set(ALWAYS).size, ALWAYS.length, "no call twice");
  for (const name of ALWAYS) t.match(name, /^[a-z0-9_]+$/);
  for (const { capabilities, names } of WITH_CAPABILITY) {
    for (const capability of capabilities) t.ok(CAPABILITIES.includes(capability), capability);
    for (const name of names) t.notOk(ALWAYS.includes(name), `${name} needs ${capabilities.join(" or ")}`);
  }
  t.ok(ALWAYS.length > 340 && ALWAYS.length < 400, `${ALWAYS.length} calls`);
});

t.test("what ordinary programs use is allowed, what escapes use is not", async (t) => {
  const allowed = allowedOutright([]);
  for (const name of [
    "read",
    "write",
    "openat",
    "execve",
    "fork",
    "vfork",
    "mmap",
    "futex",
    "epoll_wait",
    "statx",
    "getrandom",
    "rseq",
    "prctl",
    "setresuid",
    "close_range",
  ]) {
    t.ok(allowed.has(name), name);
  }
  const dangerous = [
    "mount",
    "umount2",
    "fsopen",
    "open_tree",
    "move_mount",
    "mount_setattr",
    "pivot_root",
    "setns",
    "unshare",
    "clone",
    "clone3",
    "bpf",
    "perf_event_open",
    "keyctl",
    "add_key",
    "request_key",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "init_module",
    "finit_module",
    "kexec_load",
    "open_by_handle_at",
    "reboot",
    "swapon",
    "settimeofday",
    "clock_settime",
    "acct",
    "iopl",
    "chroot",
    "socket",
    "personality",
    "quotactl",
    "syslog",
    "nfsservctl",
  ];
  for (const name of dangerous) t.notOk(allowed.has(name), name);
});

t.test("a capability brings its calls", async (t) => {
  t.ok(allowedOutright(["CAP_SYS_ADMIN"]).has("mount"));
  t.ok(allowedOutright(["CAP_SYS_ADMIN"]).has("clone3"));
  t.ok(allowedOutright(["CAP_SYS_CHROOT"]).has("chroot"));
  t.ok(allowedOutright(["CAP_BPF"]).has("bpf"));
  t.notOk(allowedOutright(["CAP_BPF"]).has("mount"));
});

t.test("conditions", async (t) => {
  const { syscalls = [], defaultErrnoRet, architectures } = defaultSeccomp([], "x64");
  t.equal(defaultErrnoRet, 1);
  t.same(architectures, ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]);
  t.match(
    syscalls.find(({ names }) => names.includes("clone")),
    { args: [{ index: 0, value: 0x7e020000, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }] },
  );
  t.match(
    syscalls.find(({ names }) => names.includes("clone3")),
    { action: "SCMP_ACT_ERRNO", errnoRet: 38 },
  );
  const families = (family: number): boolean =>
    syscalls
      .filter(({ names }) => names.includes("socket"))
      .some(({ args = [] }) =>
        args.every(({ value, op }) =>
          op === "SCMP_CMP_LT" ? family < value : op === "SCMP_CMP_GT" ? family > value : family === value,
        ),
      );
  for (const family of [1, 2, 10, 16, 17, 37, 39, 41, 45]) t.ok(families(family), `AF ${family}`);
  for (const family of [38, 40]) t.notOk(families(family), `AF ${family}`);
  t.same(defaultSeccomp([], "arm64").architectures, ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]);
  t.ok(defaultSeccomp([], "arm64").syscalls?.[0]?.names.includes("sync_file_range2"));
  t.notOk(defaultSeccomp([], "arm64").syscalls?.[0]?.names.includes("arch_prctl"));
});

t.test("profile files", async (t) => {
  const parse = (profile: unknown) =>
    parseSeccomp(typeof profile === "string" ? profile : JSON.stringify(profile), "x.json");
  t.match(
    parse({
      defaultAction: "SCMP_ACT_ERRNO",
      defaultErrnoRet: 2,
      flags: ["SECCOMP_FILTER_FLAG_LOG"],
      syscalls: [{ names: ["read"], action: "SCMP_ACT_ALLOW" }],
    }),
    {
      defaultErrnoRet: 2,
      syscalls: [{ names: ["read"] }],
    },
  );
  t.match(parse({ defaultAction: "SCMP_ACT_LOG" }), { syscalls: [] });
  const bad: unknown[] = [
    "",
    "{",
    "[]",
    "null",
    "1",
    {},
    { defaultAction: "ALLOW" },
    { defaultAction: "" },
    { defaultAction: "SCMP_ACT_ALLOW", flags: ["NO_SUCH"] },
    { defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/run/x" },
    { defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: -1 },
    { defaultAction: "SCMP_ACT_ALLOW", architectures: "x" },
    { defaultAction: "SCMP_ACT_ALLOW", syscalls: {} },
    ...[
      null,
      {},
      { names: [], action: "SCMP_ACT_ALLOW" },
      { names: ["a"] },
      { names: ["a"], action: "x" },
      { names: [1], action: "SCMP_ACT_ALLOW" },
    ].map((rule) => ({
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [rule],
    })),
    ...[
      { index: 6, value: 1, op: "SCMP_CMP_EQ" },
      { index: 0, value: -1, op: "SCMP_CMP_EQ" },
      { index: 0, value: 1, op: "EQ" },
      5,
    ].map((arg) => ({
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [{ names: ["a"], action: "SCMP_ACT_ERRNO", args: [arg] }],
    })),
  ];
  for (const profile of bad)
    t.match(
      errorOf(() => parse(profile)),
      { code: "invalid", where: "x.json" },
      JSON.stringify(profile),
    );
});
