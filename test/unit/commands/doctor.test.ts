import { chmodSync } from "node:fs";

import t from "tap";

import { examine, report } from "../../../agent/commands/doctor.ts";
import { moduleState, nearestExisting, type Host } from "../../../agent/commands/doctor/host.ts";
import { FakeSystem } from "../../../agent/system/fake.ts";

/** A host that has all, but what the test takes away. */
function host(changes: Partial<Host> = {}, files: Record<string, string | undefined> = {}): Host {
  const present: Record<string, string | undefined> = {
    "/proc/sys/kernel/seccomp/actions_avail": "kill allow",
    "/proc/sys/user/max_user_namespaces": "1000",
    "/proc/sys/kernel/unprivileged_bpf_disabled": "2",
    "/proc/sys/net/ipv4/ip_forward": "1",
    "/proc/sys/fs/inotify/max_user_instances": "8192",
    "/proc/sys/fs/inotify/max_user_watches": "100000",
    "/proc/self/limits": "Max open files            1024                 1048576              files     \n",
    "/sys/module/bridge": "",
    "/sys/module/veth": "",
    ...Object.fromEntries(
      ["mnt", "pid", "net", "ipc", "uts", "cgroup", "user"].map((name) => [`/proc/self/ns/${name}`, ""]),
    ),
    ...files,
  };
  const fake = new FakeSystem();
  fake.answer("capabilities", () => ({
    last: 40,
    bounding: (1n << 41n) - 1n,
    permitted: (1n << 41n) - 1n,
    effective: (1n << 41n) - 1n,
  }));
  return {
    system: fake.system,
    nativeProblem: undefined,
    shim: "/x/nodelet-shim",
    root: false,
    release: "6.12.1",
    stateDir: "/var/lib/nodelet",
    runDir: "/run/nodelet",
    cniConfDir: "/nonexistent/net.d",
    cniBinDir: ["/nonexistent/bin"],
    path: "/usr/bin",
    mounts: () => [],
    read: (path) => present[path],
    exists: (path) => present[path] !== undefined || path.startsWith("/usr/bin/") || path === "/",
    writable: () => true,
    kernelConfig: () => undefined,
    ...changes,
  };
}

const find = async (changes: Partial<Host>, files: Record<string, string | undefined>, name: string) =>
  (await examine(host(changes, files))).find((finding) => finding.name === name);

t.test("what is there is ok", async (t) => {
  const findings = await examine(host());
  for (const name of [
    "version",
    "namespaces",
    "seccomp",
    "user namespaces",
    "device rules",
    "bridge",
    "veth",
    "forwarding",
    "native addon",
    "shim",
    "open files",
  ]) {
    t.match(
      findings.find((finding) => finding.name === name),
      { state: "ok" },
      name,
    );
  }
});

t.test("what is missing says what follows and what to do", async (t) => {
  const cases: readonly (readonly [string, Partial<Host>, Record<string, string | undefined>, object])[] = [
    ["version", { release: "5.10.0-generic" }, {}, { state: "warning", fix: /6\.1 or later/ }],
    [
      "seccomp",
      {},
      { "/proc/sys/kernel/seccomp/actions_avail": undefined },
      { state: "missing", consequence: /Unconfined/ },
    ],
    ["user namespaces", {}, { "/proc/sys/user/max_user_namespaces": "0\n" }, { state: "warning", fix: /sysctl/ }],
    ["user namespaces", { release: "6.1.0-9" }, {}, { state: "warning", consequence: /hostUsers/ }],
    ["namespaces", {}, { "/proc/self/ns/net": undefined }, { state: "missing", fatal: true }],
    ["namespaces", {}, { "/proc/self/ns/user": undefined }, { state: "warning" }],
    ["device rules", { kernelConfig: () => "n" }, {}, { state: "warning", consequence: /CAP_MKNOD/ }],
    [
      "bridge",
      {},
      {
        "/sys/module/bridge": undefined,
        "/lib/modules/6.12.1/modules.builtin": "",
        "/lib/modules/6.12.1/modules.dep": "",
      },
      { state: "missing", fix: /CONFIG_BRIDGE/ },
    ],
    [
      "forwarding",
      { root: true, writable: () => false },
      { "/proc/sys/net/ipv4/ip_forward": "0" },
      { state: "missing" },
    ],
    ["inotify instances", {}, { "/proc/sys/fs/inotify/max_user_instances": "16" }, { state: "warning", fix: /sysctl/ }],
    ["open files", {}, { "/proc/self/limits": "Max open files  1024  4096  files\n" }, { state: "warning" }],
    ["user", {}, {}, { state: "missing", fatal: true, fix: /as root/ }],
    [
      "native addon",
      { system: undefined, nativeProblem: "not built" },
      {},
      { state: "missing", fatal: true, detail: "not built" },
    ],
    ["shim", { shim: undefined }, {}, { state: "missing", fatal: true }],
    ["tools", { path: "" }, {}, { state: "warning", consequence: /itself needs none/ }],
    ["version 2", {}, {}, { state: "missing", fatal: true, fix: /mount -t cgroup2/ }],
  ];
  for (const [name, changes, files, expected] of cases) {
    const finding = await find(changes, files, name);
    t.match(finding, expected, name);
    t.ok(finding?.consequence !== undefined && finding.fix !== undefined, `${name}: a consequence and a fix`);
  }
});

t.test("capabilities by name", async (t) => {
  const without = (...bits: number[]): Host["system"] => {
    const fake = new FakeSystem();
    const all = bits.reduce((mask, bit) => mask & ~(1n << BigInt(bit)), (1n << 41n) - 1n);
    fake.answer("capabilities", () => ({ last: 40, bounding: all, permitted: all, effective: all }));
    return fake.system;
  };
  t.match(await find({ root: true, system: without(24) }, {}, "capabilities"), {
    state: "warning",
    detail: "no CAP_SYS_RESOURCE",
    consequence: /oom_score_adj/,
  });
  t.match(await find({ root: true, system: without(21) }, {}, "capabilities"), {
    state: "missing",
    fatal: true,
    detail: "no CAP_SYS_ADMIN",
  });
});

t.test("a system call that the kernel lacks", async (t) => {
  const fake = new FakeSystem();
  fake.fail("openat2", "ENOSYS");
  t.match(await find({ root: true, system: fake.system }, {}, "openat2"), {
    state: "missing",
    fatal: true,
    detail: "ENOSYS",
  });
});

t.test("a check that breaks is a finding, and the others go on", async (t) => {
  const fake = new FakeSystem();
  fake.fail("statfs", "EIO");
  const findings = await examine(host({ system: fake.system }));
  t.match(
    findings.find(({ area }) => area === "storage"),
    { state: "warning", detail: /EIO/ },
  );
  t.ok(findings.some(({ area }) => area === "network"));
});

t.test("report", async (t) => {
  const text = report([
    { area: "kernel", name: "version", state: "ok", detail: "6.12" },
    {
      area: "kernel",
      name: "seccomp",
      state: "missing",
      detail: "none\u001b[2J",
      consequence: "This follows.",
      fix: "Do that.",
    },
  ]);
  t.equal(
    text,
    "kernel\n  ok       version  6.12\n  missing  seccomp  none�[2J\n                    This follows.\n                    Do that.\n\n" +
      "1 ok, 0 warnings, 1 missing: containers can be made here.\n",
  );
  t.match(
    report([{ area: "x", name: "y", state: "missing", detail: "", fatal: true }]),
    /containers cannot be made here/,
  );
});

t.test("modules", async (t) => {
  const files: Record<string, string> = {
    "/proc/modules": "nf_tables 1 2 - Live 0x0\n",
    "/lib/modules/1/modules.builtin": "kernel/net/bridge/bridge.ko\n",
    "/lib/modules/1/modules.dep": "kernel/drivers/net/veth.ko.zst:\nkernel/net/netfilter/nft-nat.ko: kernel/x.ko\n",
  };
  const of = {
    release: "1",
    read: (path: string) => files[path],
    exists: (path: string) => path === "/sys/module/overlay",
  };
  t.equal(moduleState(of, "overlay"), "loaded");
  t.equal(moduleState(of, "nf_tables"), "loaded");
  t.equal(moduleState(of, "bridge"), "loaded");
  t.equal(moduleState(of, "veth"), "loadable");
  t.equal(moduleState(of, "nft_nat"), "loadable");
  t.equal(moduleState(of, "ipvlan"), "absent");
  t.equal(moduleState({ ...of, release: "2" }, "ipvlan"), "unknown");
});

t.test("the nearest directory that exists", async (t) => {
  t.equal(nearestExisting({ exists: (path) => path === "/var" }, "/var/lib/nodelet"), "/var");
  t.equal(nearestExisting({ exists: () => false }, "/var/lib"), "/");
});

t.test("the CNI configuration that counts, and its plugins", async (t) => {
  const directory = t.testdir({
    "net.d": {
      "10-net.conflist": '{"cniVersion":"1.0.0","name":"net","plugins":[{"type":"bridge"},{"type":"portmap"}]}',
    },
    "broken.d": { "10-net.conflist": "{" },
    bin: { bridge: "" },
  });
  const bin = `${directory}/bin`;
  const areas = async (changes: Partial<Host>): Promise<unknown> =>
    (await examine(host(changes)))
      .filter(({ area }) => area === "CNI plugins")
      .map(({ name, state, detail }) => ({ name, state, detail }));
  t.match(await areas({}), [{ name: "configuration", state: "ok", detail: /none in .*built-in network/ }]);
  t.match(await areas({ cniConfDir: `${directory}/broken.d` }), [
    { name: "configuration", state: "missing", detail: /10-net\.conflist: .*not JSON/ },
  ]);
  const exists = (path: string): boolean => path === `${bin}/bridge` || path === "/";
  chmodSync(`${bin}/bridge`, 0o755);
  t.match(await areas({ cniConfDir: `${directory}/net.d`, cniBinDir: ["/nowhere", bin], exists }), [
    { name: "configuration", state: "ok", detail: /network net, CNI 1\.0\.0: bridge, portmap/ },
    { name: "bridge", state: "ok", detail: `${bin}/bridge` },
    { name: "portmap", state: "missing", detail: /not in \/nowhere, / },
  ]);
});
