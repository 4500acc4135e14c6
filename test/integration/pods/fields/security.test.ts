// time limit: 400 s
// Fields that say what a container may do and what it shares.

import { existsSync, mkdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { V1PodSecurityContext, V1SecurityContext } from "@kubernetes/client-node";
import t from "tap";

import { appended, busyboxEntries, busyboxImage, withParents } from "../../../../scripts/busybox-image.ts";
import { writeOciLayout } from "../../../../scripts/lib/oci-layout.ts";
import { containerStatus, field, FieldNode, FOREVER, sh, type Spec } from "../../../fixtures/fields.ts";

const node = await FieldNode.create(13, ["--allowed-unsafe-sysctls=net.ipv4.conf.*"]);
t.teardown(() => node[Symbol.asyncDispose]());

const IDS = "id -u; id -g; id -G";
const status = (name: string): string => `sed -n 's/^${name}:\\s*//p' /proc/self/status`;

const output = (script: string, container: V1SecurityContext, pod: V1PodSecurityContext = {}): Promise<string> =>
  node.output(sh(script, { securityContext: container }), { securityContext: pod });

/** The reason of a container that waits. */
async function waiting(container: V1SecurityContext, spec: Spec = {}): Promise<string | undefined> {
  const name = await node.run(sh(FOREVER, { securityContext: container }), spec);
  const pod = await node.until(name, "a reason", (found) =>
    /Error/.test(containerStatus(found)?.state?.waiting?.reason ?? ""),
  );
  const { reason, message } = containerStatus(pod)?.state?.waiting ?? {};
  await node.remove(name);
  return `${reason}: ${message}`;
}

field(
  t,
  [
    "spec.containers[].securityContext.{runAsUser,runAsGroup}",
    "spec.securityContext.{runAsUser,runAsGroup,supplementalGroups}",
  ],
  "user and groups; the container's stand before the pod's",
  async (t) => {
    t.equal(await output(IDS, { runAsUser: 5, runAsGroup: 6 }), "5\n6\n6\n");
    const pod = { runAsUser: 7, runAsGroup: 8, supplementalGroups: [9, 10] };
    t.equal(await output(IDS, {}, pod), "7\n8\n8 9 10\n");
    t.equal(await output(IDS, { runAsUser: 5 }, pod), "5\n8\n8 9 10\n");
  },
);

field(t, "spec.securityContext.fsGroup", "is a group of every container", async (t) => {
  t.equal(await output("id -G", { runAsUser: 5, runAsGroup: 6 }, { fsGroup: 2000 }), "6 2000\n");
});

field(
  t,
  "spec.securityContext.supplementalGroupsPolicy",
  "Strict leaves out the groups that the image's user has",
  async (t) => {
    const image = "localhost/nodelet/grouped:1";
    const base = busyboxEntries();
    const layout = join(node.directory, "grouped");
    const tar = withParents([...base, appended(base, "etc/group", "image-group:x:4711:www-data\n")]);
    await writeOciLayout(layout, { ...busyboxImage(image), layers: [{ tar }] });
    const { code, err } = await node.agent.command("load", layout);
    t.equal(code, 0, err);
    const pod = { runAsUser: 33, runAsGroup: 1000, supplementalGroups: [7] };
    const groups = (securityContext: V1PodSecurityContext): Promise<string> =>
      node.output(sh("id -G", { image }), { securityContext });
    t.equal(await groups({ ...pod, supplementalGroupsPolicy: "Strict" }), "1000 7\n");
    const merged = "1000 7 4711";
    const sorted = (text: string): string =>
      text
        .trim()
        .split(" ")
        .toSorted((x, y) => Number(x) - Number(y))
        .join(" ");
    t.equal(sorted(await groups({ ...pod, supplementalGroupsPolicy: "Merge" })), sorted(merged));
    t.equal(sorted(await groups(pod)), sorted(merged), "Merge unless told otherwise");
  },
);

field(
  t,
  ["spec.containers[].securityContext.runAsNonRoot", "spec.securityContext.runAsNonRoot"],
  "an image that would run as root is refused",
  async (t) => {
    const refusal = /^CreateContainerConfigError: .*image will run as root/;
    t.match(await waiting({ runAsNonRoot: true }), refusal);
    t.match(await waiting({}, { securityContext: { runAsNonRoot: true } }), refusal);
    t.match(await waiting({ runAsNonRoot: true, runAsUser: 0 }), /breaks non-root policy/);
    t.equal(await output("id -u", { runAsNonRoot: true, runAsUser: 5 }), "5\n");
  },
);

field(t, "spec.containers[].securityContext.capabilities.{add,drop}", "what root may do", async (t) => {
  const bits = async (capabilities: object): Promise<bigint> =>
    BigInt(`0x${(await output(status("CapEff"), { capabilities })).trim()}`);
  const [NET_RAW, SYS_TIME] = [13n, 25n];
  const has = (set: bigint, bit: bigint): boolean => ((set >> bit) & 1n) === 1n;
  const plain = await bits({});
  t.ok(has(plain, NET_RAW) && !has(plain, SYS_TIME));
  const changed = await bits({ add: ["SYS_TIME"], drop: ["CAP_NET_RAW"] });
  t.ok(!has(changed, NET_RAW) && has(changed, SYS_TIME));
  t.equal(await bits({ drop: ["ALL"] }), 0n);
  t.equal(await bits({ drop: ["ALL"], add: ["NET_RAW"] }), 1n << NET_RAW);
});

field(
  t,
  "spec.containers[].securityContext.privileged",
  "all capabilities, the host's devices, nothing masked",
  async (t) => {
    const script = `${status("CapEff")}; ${status("Seccomp")}; ls /dev/kmsg; test -w /proc/sys/kernel/hostname && echo writable`;
    const [capabilities = "", seccomp, ...rest] = (await output(script, { privileged: true })).trim().split("\n");
    t.ok((BigInt(`0x${capabilities}`) >> 21n) & 1n, "SYS_ADMIN");
    t.strictSame([seccomp, ...rest], ["0", "/dev/kmsg", "writable"]);
    t.notMatch(await output("ls /dev/kmsg 2>&1", {}), /^\/dev\/kmsg/);
  },
);

field(
  t,
  "spec.containers[].securityContext.readOnlyRootFilesystem",
  "nothing can be written to the root",
  async (t) => {
    t.match(await output("touch /x 2>&1", { readOnlyRootFilesystem: true }), /Read-only file system/);
    t.equal(await output("touch /x && echo ok", {}), "ok\n");
  },
);

field(t, "spec.containers[].securityContext.allowPrivilegeEscalation", "false sets no_new_privs", async (t) => {
  t.equal(await output(status("NoNewPrivs"), { allowPrivilegeEscalation: false }), "1\n");
  t.equal(await output(status("NoNewPrivs"), { allowPrivilegeEscalation: true }), "0\n");
  const both = { allowPrivilegeEscalation: false, privileged: true };
  t.match(await node.refusal(sh("true", { securityContext: both })), "Must not be false in a privileged container");
});

field(
  t,
  [
    "spec.containers[].securityContext.seccompProfile.{type,localhostProfile}",
    "spec.securityContext.seccompProfile.{type,localhostProfile}",
  ],
  "system calls are filtered as the profile says",
  async (t) => {
    const root = join(node.directory, "root", "seccomp");
    mkdirSync(root, { recursive: true });
    const profile = {
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 1 }],
    };
    writeFileSync(join(root, "no-mkdir.json"), JSON.stringify(profile));
    const local = { seccompProfile: { type: "Localhost", localhostProfile: "no-mkdir.json" } };
    const script = `${status("Seccomp")}; mkdir /tmp/x 2>/dev/null && echo made || echo refused`;
    t.equal(await output(script, local), "2\nrefused\n");
    t.equal(await output(script, {}, local), "2\nrefused\n");
    t.equal(await output(script, { seccompProfile: { type: "RuntimeDefault" } }, local), "2\nmade\n");
    t.equal(await output(script, { seccompProfile: { type: "Unconfined" } }, local), "0\nmade\n");
    const missing = { seccompProfile: { type: "Localhost", localhostProfile: "none.json" } };
    t.match(await waiting(missing), /none\.json/);
  },
);

field(
  t,
  "spec.containers[].securityContext.procMount",
  "Unmasked shows all of /proc to a pod with its own users",
  async (t) => {
    const script = "grep -c ' /proc/' /proc/self/mounts";
    const masked = Number(await output(script, { procMount: "Default" }));
    t.ok(masked > 3);
    const unmasked = await node.output(sh(`${script}; true`, { securityContext: { procMount: "Unmasked" } }), {
      hostUsers: false,
    });
    t.equal(unmasked, "0\n");
    t.match(await node.refusal(sh("true", { securityContext: { procMount: "Unmasked" } })), "needs a user namespace");
  },
);

field(
  t,
  "spec.securityContext.sysctls[].{name,value}",
  "safe ones and allowed ones are set in the pod's namespaces",
  async (t) => {
    const sysctls = [
      { name: "net.ipv4.ip_unprivileged_port_start", value: "80" },
      { name: "net.ipv4.conf.all.forwarding", value: "1" },
      { name: "kernel.shm_rmid_forced", value: "1" },
    ];
    const script =
      "cd /proc/sys; cat net/ipv4/ip_unprivileged_port_start net/ipv4/conf/all/forwarding kernel/shm_rmid_forced";
    t.equal(await output(script, {}, { sysctls }), "80\n1\n1\n");
    const refused = (name: string): Promise<string> =>
      node.refusal(sh("true"), { securityContext: { sysctls: [{ name, value: "1" }] } });
    t.match(await refused("kernel.msgmax"), "--allowed-unsafe-sysctls=kernel.msgmax");
    t.match(await refused("vm.swappiness"), "is not namespaced");
  },
);

field(
  t,
  [
    "spec.containers[].securityContext.appArmorProfile.{type,localhostProfile}",
    "spec.securityContext.appArmorProfile.{type,localhostProfile}",
  ],
  "Unconfined is accepted; a profile is refused where the kernel has no AppArmor",
  async (t) => {
    t.equal(await output("echo ok", { appArmorProfile: { type: "Unconfined" } }), "ok\n");
    const profile = { appArmorProfile: { type: "Localhost", localhostProfile: "none" } };
    for (const [container, spec] of [
      [{ securityContext: profile }, {}],
      [{}, { securityContext: profile }],
    ] as const) {
      const name = await node.run(sh(FOREVER, container), spec);
      const pod = await node.until(name, "its refusal", ({ status: found }) => found?.phase === "Failed");
      t.match(pod.status, { reason: "AppArmor", message: /AppArmor is not enabled/ });
      await node.remove(name);
    }
  },
);

field(
  t,
  [
    "spec.containers[].securityContext.seLinuxOptions.{user,role,type,level}",
    "spec.securityContext.seLinuxOptions.{user,role,type,level}",
    "spec.securityContext.seLinuxChangePolicy",
  ],
  "labels are refused, as the runtime sets none, and passed over where the kernel has no SELinux",
  async (t) => {
    const labels = { user: "u", role: "r", type: "t", level: "s0" };
    if (existsSync("/sys/fs/selinux/enforce")) {
      t.match(await waiting({ seLinuxOptions: labels }), /^CreateContainerError: .*SELinux label/);
      t.match(await waiting({}, { securityContext: { seLinuxOptions: { level: "s0" } } }), /SELinux label/);
    } else {
      t.equal(await output("echo ok", { seLinuxOptions: labels }), "ok\n");
      t.equal(await output("echo ok", {}, { seLinuxOptions: { level: "s0" } }), "ok\n");
    }
    t.equal(await output("echo ok", {}, { seLinuxChangePolicy: "Recursive" }), "ok\n");
  },
);

field(t, "spec.hostPID", "the container sees the host's processes", async (t) => {
  // $$ of a command is one $.
  t.notMatch(await node.output(sh("echo $$$$"), { hostPID: true }), /^1\n/);
  t.equal(await node.output(sh("echo $$$$")), "1\n");
});

field(t, "spec.hostIPC", "the container is in the host's IPC namespace", async (t) => {
  const script = "readlink /proc/self/ns/ipc";
  const own = `${readlinkSync(`/proc/${node.agent.pid}/ns/ipc`)}\n`;
  t.equal(await node.output(sh(script), { hostIPC: true }), own);
  t.not(await node.output(sh(script)), own);
});

field(t, "spec.shareProcessNamespace", "the containers of the pod see each other's processes", async (t) => {
  const other = sh("exec sleep 3333", { name: "other" });
  const look =
    "for i in $(seq 100); do ps | grep -q '[s]leep 3333' && { echo seen; exit 0; }; sleep 0.1; done; echo alone";
  const name = await node.run(undefined, {
    shareProcessNamespace: true,
    restartPolicy: "Never",
    containers: [sh(`echo $$$$; ${look}`), other],
  });
  t.match(await node.logged(name, /seen|alone/), /^([2-9]|\d\d+)\nseen\n$/);
  await node.remove(name);
});

field(t, "spec.hostUsers", "false: root of the pod is nobody of the host", async (t) => {
  const map = (await node.output(sh("cat /proc/self/uid_map; id -u"), { hostUsers: false })).trim();
  const [mapping = "", uid] = map.split("\n");
  const [inside, outside, length] = mapping.trim().split(/\s+/).map(Number);
  t.strictSame([inside, length, uid], [0, 65_536, "0"]);
  t.ok((outside ?? 0) >= 65_536);
  t.match(await node.output(sh("cat /proc/self/uid_map")), /^\s*0\s+0\s/);
});
