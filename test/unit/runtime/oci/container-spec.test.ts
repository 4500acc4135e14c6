import t from "tap";

import type { LinuxContainerSecurityContext } from "../../../../agent/cri/types.gen.ts";
import { buildContainerSpec, type ContainerSpecInput } from "../../../../agent/runtime/oci/container-spec.ts";
import { errorOf, specInput, specOf, specWith } from "../spec-input.ts";

const NULL = { path: "/dev/null", type: "c" as const, major: 1, minor: 3, mode: 0o666, uid: 0, gid: 0 };
const FUSE = { path: "/dev/fuse", type: "c" as const, major: 10, minor: 229, mode: 0o666, uid: 0, gid: 0 };
const CARD = { path: "/dev/dri/card0", type: "c" as const, major: 226, minor: 0, mode: 0o660, uid: 0, gid: 44 };

t.test("a spec is plain data", async (t) => {
  const spec = specOf({ tty: true });
  t.same(JSON.parse(JSON.stringify(spec)), spec);
  t.equal(spec.process?.terminal, true);
  t.equal(spec.annotations?.["io.kubernetes.cri.image-name"], "localhost/web:1");
  t.equal(spec.annotations?.["io.kubernetes.cri.sandbox-name"], "pod");
});

t.test("the same input gives the same spec", async (t) => {
  t.same(buildContainerSpec(specInput()), buildContainerSpec(specInput()));
});

t.test("namespaces", async (t) => {
  const types = (options: object, namespaces = specInput().namespaces) =>
    specWith({ namespaceOptions: options }, { namespaces }).linux?.namespaces?.map(({ type, path }) =>
      path === undefined ? type : `${type}=${path.slice(path.lastIndexOf("/") + 1)}`,
    );
  t.same(types({}), ["pid=pid", "ipc=ipc", "uts=uts", "mount", "network=nodelet-s", "cgroup"]);
  t.same(types({ pid: 1 }), ["pid", "ipc=ipc", "uts=uts", "mount", "network=nodelet-s", "cgroup"]);
  t.same(types({ pid: 2, network: 2, ipc: 2 }, {}), ["mount", "cgroup"]);
  t.same(types({ pid: 3 }, { pid: "/proc/42/ns/pid" }), ["pid=pid", "mount", "cgroup"]);
  t.match(
    errorOf(() => types({ pid: 0 }, {})),
    { code: "invalid", where: /namespace_options\.pid$/ },
  );
  t.match(
    errorOf(() => types({ pid: 7 })),
    { code: "invalid" },
  );
  t.notOk(specWith({ privileged: true }).linux?.namespaces?.some(({ type }) => type === "cgroup"));
});

t.test("user, groups and home", async (t) => {
  const spec = specWith({ runAsUser: { value: 1000n }, runAsGroup: { value: 3n }, supplementalGroups: [9n] });
  t.same(spec.process?.user, { uid: 1000, gid: 3, additionalGids: [3, 50, 63, 9] });
  t.ok(spec.process?.env?.includes("HOME=/srv/web"));
  t.same(
    specWith({ runAsUser: { value: 1000n }, supplementalGroups: [9n], supplementalGroupsPolicy: 1 }).process?.user
      .additionalGids,
    [2000, 9],
  );
  t.match(
    errorOf(() => specWith({ runAsUser: { value: 2n ** 32n } })),
    { code: "invalid" },
  );
  t.match(
    errorOf(() => specWith({ runAsUser: { value: -1n } })),
    { code: "invalid" },
  );
  t.equal(
    specWith({ runAsUser: {} }, { imageConfig: { User: "web" } }).process?.user.uid,
    0,
    "an empty Int64Value is 0",
  );
});

t.test("seccomp", async (t) => {
  const profile = (seccomp: object | undefined, more: object = {}) =>
    specWith({ ...(seccomp === undefined ? {} : { seccomp }), ...more }).linux?.seccomp;
  t.equal(profile(undefined), undefined);
  t.equal(profile({ profileType: 1 }), undefined);
  t.equal(profile({ profileType: 0 })?.defaultAction, "SCMP_ACT_ERRNO");
  t.equal(profile({})?.defaultAction, "SCMP_ACT_ERRNO", "0 is left out on the wire");
  t.equal(profile({ profileType: 0 }, { privileged: true }), undefined);
  t.equal(profile(undefined, { seccompProfilePath: "runtime/default" })?.defaultAction, "SCMP_ACT_ERRNO");
  t.equal(profile(undefined, { seccompProfilePath: "unconfined" }), undefined);
  t.match(
    errorOf(() => profile({ profileType: 2 })),
    { code: "invalid", where: /localhost_ref/ },
  );
  t.match(
    errorOf(() => profile({ profileType: 9 })),
    { code: "invalid" },
  );
  t.match(
    errorOf(() => profile(undefined, { seccompProfilePath: "foo" })),
    { code: "invalid" },
  );
  const seccompProfile = (name: string): string =>
    JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: [name], action: "SCMP_ACT_ERRNO" }] });
  const named = specWith({ seccomp: { profileType: 2, localhostRef: "localhost/a/b.json" } }, { seccompProfile });
  t.same(named.linux?.seccomp?.syscalls?.[0]?.names, ["a/b.json"]);
  t.throws(
    () => specWith({ seccomp: { profileType: 2, localhostRef: "x" } }),
    /no profile x/,
    "a missing profile fails the container",
  );
});

t.test("AppArmor and SELinux are given or refused", async (t) => {
  t.equal(specWith({ apparmor: { profileType: 1 } }).process?.apparmorProfile, undefined);
  t.match(
    errorOf(() => specWith({ apparmor: { profileType: 0 } })),
    { code: "unsupported" },
  );
  t.match(
    errorOf(() => specWith({ apparmorProfile: "localhost/x" })),
    { code: "unsupported" },
  );
  const kernel = { release: "6.12", apparmor: true, selinux: false };
  t.equal(specWith({ apparmor: { profileType: 2, localhostRef: "web" } }, { kernel }).process?.apparmorProfile, "web");
  const withDefault = { kernel: { ...kernel, apparmorDefaultProfile: "nodelet" } };
  const given = (context: LinuxContainerSecurityContext, changes: Partial<ContainerSpecInput>): string | undefined =>
    specWith(context, changes).process?.apparmorProfile;
  t.equal(given({ apparmor: { profileType: 0 } }, withDefault), "nodelet");
  t.equal(given({}, withDefault), "nodelet", "who names none has it too");
  t.equal(given({ apparmor: { profileType: 1 } }, withDefault), undefined);
  t.equal(given({ apparmorProfile: "localhost/web" }, withDefault), "web");
  t.equal(given({ privileged: true }, withDefault), undefined);
  t.equal(given({}, { kernel }), undefined);
  t.equal(given({}, { kernel: { ...withDefault.kernel, apparmor: false } }), undefined, "a host without AppArmor");
  t.match(
    errorOf(() => specWith({ apparmor: { profileType: 0 } }, { kernel })),
    { code: "unsupported" },
  );
  t.match(
    errorOf(() => specWith({ apparmor: { profileType: 2, localhostRef: "" } }, { kernel })),
    { code: "invalid" },
  );
  t.match(
    errorOf(() => specWith({ apparmor: { profileType: 2, localhostRef: "a b" } }, { kernel })),
    { code: "invalid" },
  );
  t.ok(specWith({ selinuxOptions: { type: "t", level: "s0:c1" } }), "labels say nothing without SELinux");
  t.match(
    errorOf(() =>
      specWith({ selinuxOptions: { level: "s0:c1" } }, { kernel: { release: "6.12", apparmor: false, selinux: true } }),
    ),
    { code: "unsupported" },
  );
  t.ok(specWith({ selinuxOptions: {} }));
});

t.test("devices", async (t) => {
  const config = { devices: [{ containerPath: "/dev/fuse", hostPath: "/dev/fuse", permissions: "rw" }] };
  const spec = specOf(config, { hostDevices: [NULL, FUSE, CARD] });
  t.same(spec.linux?.devices, [
    { path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 0o666, uid: 0, gid: 0 },
  ]);
  t.same(spec.linux?.resources?.devices?.[0], { allow: false, access: "rwm" });
  t.same(spec.linux?.resources?.devices?.at(-1), { allow: true, type: "c", major: 10, minor: 229, access: "rw" });
  const directory = specOf({ devices: [{ containerPath: "/dev/gpu", hostPath: "/dev/dri" }] }, { hostDevices: [CARD] });
  t.match(directory.linux?.devices, [{ path: "/dev/gpu/card0", hostPath: "/dev/dri/card0" }]);
  t.match(
    errorOf(() => specOf(config)),
    { code: "invalid", where: "devices[0].host_path" },
  );
  for (const containerPath of ["/", "/proc/x", "/dev/../proc/kcore"]) {
    t.match(
      errorOf(() => specOf({ devices: [{ containerPath, hostPath: "/dev/fuse" }] }, { hostDevices: [FUSE] })),
      { code: "invalid" },
      containerPath,
    );
  }
  const privileged = specWith({ privileged: true }, { hostDevices: [NULL, FUSE, CARD] });
  t.same(
    privileged.linux?.devices?.map(({ path }) => path),
    ["/dev/fuse", "/dev/dri/card0"],
  );
  t.same(privileged.linux?.resources?.devices, [{ allow: true, access: "rwm" }]);
});

t.test("resources", async (t) => {
  const of = (resources: object, controllers = ["cpu", "memory"]) =>
    specOf({ linux: { resources } }, { cgroup: { version2: true, path: "/x", controllers } });
  const { devices: _, ...plain } = of({}).linux?.resources ?? {};
  t.same(plain, {});
  t.match(of({ cpuShares: 512n, cpuQuota: 50000n, cpuPeriod: 100000n, cpusetCpus: "0-1,3" }).linux?.resources?.cpu, {
    shares: 512,
    quota: 50000,
    period: 100000,
    cpus: "0-1,3",
  });
  t.same(of({ memoryLimitInBytes: 1000n }).linux?.resources?.memory, { limit: 1000, swap: 1000 });
  t.same(of({ memoryLimitInBytes: 1000n, memorySwapLimitInBytes: 3000n }).linux?.resources?.memory, {
    limit: 1000,
    swap: 3000,
  });
  t.same(of({ memoryLimitInBytes: 2n ** 63n - 1n }).linux?.resources?.memory, { limit: -1, swap: -1 });
  t.same(of({ hugepageLimits: [{ pageSize: "2MB", limit: 4n }] }).linux?.resources?.hugepageLimits, undefined);
  t.same(of({ hugepageLimits: [{ pageSize: "2MB", limit: 4n }] }, ["hugetlb"]).linux?.resources?.hugepageLimits, [
    { pageSize: "2MB", limit: 4 },
  ]);
  t.same(of({ unified: { "memory.high": "1" } }).linux?.resources?.unified, { "memory.high": "1" });
  for (const unified of [{ "../cgroup.procs": "1" }, { memory: "1" }, { "a.b/c": "1" }, { "memory.high": "1\0" }]) {
    t.match(
      errorOf(() => of({ unified })),
      { code: "invalid" },
      JSON.stringify(unified),
    );
  }
  t.match(
    errorOf(() => of({ cpusetCpus: "0;1" })),
    { code: "invalid" },
  );
  t.equal(of({ oomScoreAdj: -998n }).process?.oomScoreAdj, -998);
  t.equal(specOf({}).process?.oomScoreAdj, 0, "never the shim's");
  t.match(
    errorOf(() => of({ oomScoreAdj: 1001n })),
    { code: "invalid" },
  );
});

t.test("limits and no_new_privs", async (t) => {
  const rlimits = [{ type: "RLIMIT_NOFILE", soft: 1024, hard: 4096 }];
  t.same(specOf({}, { rlimits }).process?.rlimits, rlimits);
  t.equal(specOf({}).process?.rlimits, undefined);
  t.equal(specWith({ noNewPrivs: true }).process?.noNewPrivileges, true);
  t.equal(specWith({ readonlyRootfs: true }).root?.readonly, true);
});

t.test("masked and read-only paths are those of the request", async (t) => {
  const spec = specWith({ maskedPaths: ["/proc/kcore/", "/sys//firmware"], readonlyPaths: ["/proc/sys"] });
  t.same(spec.linux?.maskedPaths, ["/proc/kcore", "/sys/firmware"]);
  t.same(spec.linux?.readonlyPaths, ["/proc/sys"]);
  t.same(specOf({}).linux?.maskedPaths, []);
  t.match(
    errorOf(() => specWith({ maskedPaths: ["proc"] })),
    { code: "invalid", where: "linux.security_context.masked_paths[0]" },
  );
});

t.test("a hostile host name", async (t) => {
  for (const hostname of ["a\nb", "a=b", "", "../x"])
    t.match(
      errorOf(() => specOf({}, { hostname })),
      { code: "invalid", where: "hostname" },
    );
});
