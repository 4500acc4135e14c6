import t from "tap";

import { parseSysctl } from "../../../../agent/runtime/oci/sysctl.ts";
import {
  validateContainerConfig,
  validateDestination,
  validateHostname,
  validateId,
  validateSandboxConfig,
  validateSpec,
} from "../../../../agent/runtime/oci/validate.ts";
import { errorOf, specInput, specOf } from "../spec-input.ts";

t.test("ids", async (t) => {
  for (const id of ["a", "A1-b_c.d:e", "0".repeat(64)]) t.equal(validateId(id, "id"), id);
  for (const id of ["", ".", "..", "a/b", "../a", "a..b", "-a", "a\n", "a\0", "a b", "a=b", "a+b", "x".repeat(65536)]) {
    t.match(
      errorOf(() => validateId(id, "id")),
      { code: "invalid", where: "id" },
      JSON.stringify(id.slice(0, 10)),
    );
  }
});

t.test("host names", async (t) => {
  for (const name of ["a", "pod-1", "pod.example.org", "a.pod.", "A_b"])
    t.equal(validateHostname(name, "hostname"), name);
  for (const name of ["", "-a", "a-", "a..b", ".a", "a.", "a b", "a\n", "a\0b", "a/b", "a=b", "x".repeat(65)]) {
    t.match(
      errorOf(() => validateHostname(name, "hostname")),
      { code: "invalid", where: "hostname" },
      JSON.stringify(name.slice(0, 10)),
    );
  }
});

t.test("sysctls", async (t) => {
  const fine: [name: string, path: string, namespace: string][] = [
    ["kernel.shm_rmid_forced", "kernel/shm_rmid_forced", "ipc"],
    ["kernel.msgmax", "kernel/msgmax", "ipc"],
    ["kernel.sem", "kernel/sem", "ipc"],
    ["fs.mqueue.queues_max", "fs/mqueue/queues_max", "ipc"],
    ["net.ipv4.ip_forward", "net/ipv4/ip_forward", "network"],
    ["net/ipv4/conf/eth0.100/forwarding", "net/ipv4/conf/eth0.100/forwarding", "network"],
    ["net.ipv4.conf.eth0/100.forwarding", "net/ipv4/conf/eth0.100/forwarding", "network"],
    ["kernel.domainname", "kernel/domainname", "uts"],
  ];
  for (const [name, path, namespace] of fine) t.match(parseSysctl(name, "1", "x"), { path, namespace }, name);
  const hostile = [
    "kernel.core_pattern",
    "kernel.panic",
    "vm.swappiness",
    "fs.file-max",
    "net",
    "net.ipv4",
    "kernel",
    "",
    ".",
    "net..ipv4.x",
    "net.ipv4.../../x",
    "net/../kernel/core_pattern",
    "net/ipv4//x",
    "/net/ipv4/x",
    "net.ipv4.x+kernel.core_pattern",
    "kernel.shm/../core_pattern",
    "kernel.shmmax/../core_pattern",
    "net.ipv4.x\n",
    "net.ipv4.x=1",
    "net.ipv4.\0",
    "kernel.sem.x",
    "fs.mqueue",
    "net.ipv4.-x",
    `net.ipv4.${"x".repeat(65536)}`,
  ];
  for (const name of hostile)
    t.match(
      errorOf(() => parseSysctl(name, "1", "x")),
      { code: "invalid" },
      JSON.stringify(name.slice(0, 40)),
    );
  for (const value of ["1\n2", "1\0", "x".repeat(65536), "é"])
    t.match(
      errorOf(() => parseSysctl("kernel.sem", value, "x")),
      { code: "invalid" },
    );
  t.match(parseSysctl("kernel.sem", "32000 1024000000\t500 32000", "x"), { value: "32000 1024000000\t500 32000" });
});

t.test("a pod's sysctls need a namespace of the pod", async (t) => {
  const sysctls = { "net.ipv4.ip_forward": "1" };
  validateSandboxConfig({ linux: { sysctls } });
  t.match(
    errorOf(() => validateSandboxConfig({ linux: { sysctls, securityContext: { namespaceOptions: { network: 2 } } } })),
    {
      code: "invalid",
      message: /host's network/,
    },
  );
  t.match(
    errorOf(() =>
      validateSandboxConfig({
        linux: { sysctls: { "kernel.sem": "1" }, securityContext: { namespaceOptions: { ipc: 2 } } },
      }),
    ),
    { code: "invalid" },
  );
});

t.test("sandbox configs", async (t) => {
  validateSandboxConfig({
    metadata: { name: "web-0", uid: "0b9c", namespace: "default" },
    hostname: "web-0",
    logDirectory: "/var/log/pods/x",
    labels: { a: "b\nc" },
    dnsConfig: { servers: ["10.0.0.10"], searches: ["a.b."], options: ["ndots:5"] },
    linux: { cgroupParent: "/kubepods/burstable/podx" },
  });
  const hostile: [Parameters<typeof validateSandboxConfig>[0], string][] = [
    [{ metadata: { name: "../x" } }, "metadata.name"],
    [{ metadata: { uid: "a/b" } }, "metadata.uid"],
    [{ metadata: { namespace: "a\n" } }, "metadata.namespace"],
    [{ hostname: "a\nb" }, "hostname"],
    [{ logDirectory: "relative" }, "log_directory"],
    [{ logDirectory: "/a\n" }, "log_directory"],
    [{ labels: { "a\nb": "" } }, "labels"],
    [{ annotations: { a: "\0" } }, "annotations"],
    [{ annotations: { a: "x".repeat(512 * 1024) } }, "annotations"],
    [{ dnsConfig: { servers: ["1.1.1.1\noptions debug"] } }, "dns_config.servers[0]"],
    [{ dnsConfig: { searches: ["a b"] } }, "dns_config.searches[0]"],
    [{ linux: { cgroupParent: "/a/../.." } }, "linux.cgroup_parent"],
  ];
  for (const [config, where] of hostile)
    t.match(
      errorOf(() => validateSandboxConfig(config)),
      { code: "invalid", where },
      where,
    );
});

t.test("mount destinations", async (t) => {
  t.equal(validateDestination("/a//b/./c/", "x"), "/a/b/c");
  t.equal(validateDestination("/proc/meminfo", "x"), "/proc/meminfo");
  t.equal(validateDestination("/proc/sys/kernel/ns_last_pid", "x"), "/proc/sys/kernel/ns_last_pid");
  t.equal(validateDestination("/process", "x"), "/process");
  for (const path of [
    "",
    "a",
    "/",
    "//",
    "/a/..",
    "/proc",
    "/proc/",
    "/a/../proc/self",
    "/proc/sys",
    "/proc/self/attr",
    "/a\n",
    "/a\0",
    `/${"x".repeat(5000)}`,
  ]) {
    t.match(
      errorOf(() => validateDestination(path, "x")),
      { code: "invalid", where: "x" },
      JSON.stringify(path.slice(0, 20)),
    );
  }
});

t.test("container configs", async (t) => {
  validateContainerConfig({
    metadata: { name: "web" },
    logPath: "web/0.log",
    mounts: [{ containerPath: "/a", hostPath: "/b" }],
  });
  const hostile: [Parameters<typeof validateContainerConfig>[0], string][] = [
    [{ metadata: { name: "a/b" } }, "metadata.name"],
    [{ logPath: "../../etc/passwd" }, "log_path"],
    [{ logPath: "a\n" }, "log_path"],
    [{ workingDir: "a" }, "working_dir"],
    [{ command: ["\0"] }, "command[0]"],
    [{ mounts: [{ containerPath: "/proc/self", hostPath: "/x" }] }, "mounts[0].container_path"],
    [{ mounts: [{ containerPath: "/x", hostPath: "relative" }] }, "mounts[0].host_path"],
    [{ devices: [{ containerPath: "/dev/x", hostPath: "/dev/x", permissions: "rwx" }] }, "devices[0].permissions"],
  ];
  for (const [config, where] of hostile)
    t.match(
      errorOf(() => validateContainerConfig(config)),
      { code: "invalid", where },
      where,
    );
});

t.test("specs", async (t) => {
  const spec = specOf({});
  validateSpec(spec);
  validateSpec({ ...spec, hooks: { createRuntime: [{ path: "/usr/bin/hook", args: ["hook", "x"] }] } });
  t.match(
    errorOf(() => validateSpec({ ...spec, hooks: { createRuntime: [{ path: "hook" }] } })),
    { where: "hooks.createRuntime[0].path" },
  );
  t.match(
    errorOf(() => validateSpec({ ...spec, hooks: { poststop: [{ path: "/x", env: ["A\0"] }] } })),
    { where: "hooks.poststop[0].env" },
  );
  t.match(
    errorOf(() => validateSpec({ ...spec, mounts: [{ destination: "/proc", type: "tmpfs", source: "tmpfs" }] })),
    { code: "invalid" },
  );
  t.match(
    errorOf(() =>
      validateSpec({ ...spec, mounts: [{ destination: "/proc", type: "bind", source: "/srv", options: ["rbind"] }] }),
    ),
    { code: "invalid" },
  );
  t.match(
    errorOf(() => validateSpec({ ...spec, linux: { ...spec.linux, sysctl: { "kernel.core_pattern": "|/x" } } })),
    { code: "invalid" },
  );
  t.match(
    errorOf(() => validateSpec({ ...spec, linux: { ...spec.linux, maskedPaths: ["proc"] } })),
    { code: "invalid" },
  );
  t.ok(specInput());
});
