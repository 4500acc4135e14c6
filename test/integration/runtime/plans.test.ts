// Plans on the real kernel: what a container sees, and what it must not.

import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import t from "tap";

import type { ContainerConfig, LinuxContainerSecurityContext } from "../../../agent/cri/types.gen.ts";
import type { ContainerSpecInput } from "../../../agent/runtime/oci/container-spec.ts";
import { Harness, MAPPINGS, type Pod, type Ran } from "./harness.ts";

const harness = new Harness();
t.teardown(() => harness.remove());

const OWN_PID = { namespaceOptions: { pid: 1 as const } };

async function sh(
  pod: Pod,
  command: string,
  config: ContainerConfig = {},
  changes: Partial<ContainerSpecInput> & { snapshot?: ReturnType<Harness["snapshot"]>; lowerdirPlus?: boolean } = {},
): Promise<Ran> {
  const { snapshot, lowerdirPlus = true, ...rest } = changes;
  const securityContext = { ...OWN_PID, ...config.linux?.securityContext };
  const spec = harness.spec(
    pod,
    { ...config, command: ["/bin/sh", "-c", command], linux: { ...config.linux, securityContext } },
    rest,
  );
  return await harness.run(
    harness.plan(spec, snapshot ?? harness.snapshot(), { kernel: { fsconfigLowerdirPlus: lowerdirPlus } }),
  );
}

const as = (securityContext: LinuxContainerSecurityContext): ContainerConfig => ({ linux: { securityContext } });

/** What it was rejected with. */
async function failure(ran: Promise<unknown>): Promise<{ where?: string; message?: string } | undefined> {
  return await ran.then(
    () => undefined,
    (error: unknown) => error as Error & { where?: string },
  );
}

t.test("a pod's namespaces", async (t) => {
  const pod = await harness.pod({ pid: true }, { "net.ipv4.ip_forward": "1", "kernel.shm_rmid_forced": "1" });
  t.not(pod.pid, 0);
  t.match(readFileSync(`/proc/${pod.pid}/status`, "utf8"), /^CapBnd:\t0+$/m);
  t.equal(
    readFileSync(`/proc/${pod.pid}/mountinfo`, "utf8").trim().split("\n").length,
    1,
    "its first process sees nothing of the host",
  );
  const { stdout, stderr } = await sh(
    pod,
    "hostname; ip -o link show lo | grep -o UP | head -1; cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shm_rmid_forced; stat -c %a /dev/shm; df -k /dev/shm | tail -1 | awk '{ print $2 }'; ls /proc/1/root",
    as({ namespaceOptions: { pid: 0 }, capabilities: { addCapabilities: ["SYS_PTRACE"] } }),
  );
  t.equal(stdout, "pod\nUP\n1\n0\n1\n1777\n1024\n", stderr);
});

t.test("exec is where the container is, with its identity", async (t) => {
  const pod = await harness.pod();
  const context: LinuxContainerSecurityContext = {
    ...OWN_PID,
    runAsUser: { value: 1000n },
    noNewPrivs: true,
    seccomp: { profileType: 0 },
  };
  const look =
    "for name in cgroup ipc mnt net pid uts user; do readlink /proc/self/ns/$name; done; id; pwd; grep -E '^(Cap|NoNew|Seccomp)' /proc/self/status; echo $HOME; umask; echo files; ls /proc/$$/fd; true";
  const spec = harness.spec(pod, {
    command: ["/bin/sh", "-c", `${look}; read x < /tmp/go`],
    workingDir: "/srv/x",
    ...as(context),
  });
  const snapshot = harness.snapshot(["../layers/top", "../layers/base"]);
  const input = harness.plan(
    { ...spec, process: { ...spec.process!, args: ["/bin/sh", "-c", `${look}; sleep 1`] } },
    snapshot,
  );
  let inside: Ran | undefined;
  let terminal: Ran | undefined;
  const init = await harness.run(input, async () => {
    const exec = {
      spec,
      argv: ["sh", "-c", look],
      stdin: false,
      stdout: true,
      stderr: true,
      cgroupDir: undefined,
      seccompFilter: input.seccompFilter,
    };
    inside = await harness.exec(input.exitDir, { ...exec, tty: false });
    terminal = await harness.exec(input.exitDir, { ...exec, argv: ["sh", "-c", "tty; exit 7"], tty: true });
  });
  t.equal(inside?.stdout, init.stdout);
  t.match(init.stdout, /^uid=1000\(web\)/m);
  t.match(init.stdout, /^files\n0\n1\n2\n$/m);
  t.equal(terminal?.exitCode, 7);
  t.match(terminal?.stdout, /^\/dev\/pts\/0\r\n$/);
});

t.test("a terminal", async (t) => {
  const pod = await harness.pod();
  const { stdout } = await sh(
    pod,
    "tty; stat -c '%t %F' /dev/console; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo three",
    { tty: true },
  );
  t.same(stdout.replaceAll("\r", "").split("\n").slice(0, 3), ["/dev/pts/0", "88 character special file", "three"]);
});

t.test("user namespace", async (t) => {
  const pod = await harness.pod({ pid: true, user: true });
  const volume = harness.make("volume");
  writeFileSync(join(volume, "file"), "x");
  chmodSync(volume, 0o777);
  const mappings = MAPPINGS.uids.map(({ containerId, hostId, size }) => ({ containerId, hostId, length: size }));
  const groups = MAPPINGS.gids.map(({ containerId, hostId, size }) => ({ containerId, hostId, length: size }));
  const snapshot = harness.snapshot();
  const config: ContainerConfig = {
    mounts: [{ containerPath: "/data", hostPath: volume, uidMappings: mappings, gidMappings: groups }],
    ...as({
      namespaceOptions: { pid: 0 },
      seccomp: { profileType: 0 },
      maskedPaths: ["/proc/keys", "/sys/firmware"],
      readonlyPaths: ["/proc/sys"],
    }),
  };
  const { stdout, stderr, exitCode } = await sh(
    pod,
    "set -e; cat /proc/self/uid_map; stat -c '%u %g %n' / /etc/passwd /data/file /dev/shm; touch /new /data/new /dev/shm/new; stat -c '%u %g' /new /data/new; echo x >> /etc/passwd; chown 5:6 /new; echo y > /dev/null; echo out > /dev/stdout; cat /proc/keys; ! touch /proc/sys/x 2> /dev/null; mount -t tmpfs x /tmp 2> /dev/null || echo no mount",
    config,
    { snapshot },
  );
  t.equal(exitCode, 0, stderr);
  t.match(stdout, /^ +0 +1000000 +65536$/m);
  t.match(stdout, /^0 0 \/\n0 0 \/etc\/passwd\n0 0 \/data\/file\n0 0 \/dev\/shm\n0 0\n0 0\nout\nno mount\n$/m);
  t.match(
    statSync(join(snapshot.directory, "upper/new")),
    { uid: 1_000_005, gid: 2_000_006 },
    "on the disk the ids are the host's",
  );
  t.match(statSync(join(volume, "new")), { uid: 0, gid: 0 }, "but in a mapped volume those of the container");
});

t.test("user namespace, as another user: the log can be opened again", async (t) => {
  const pod = await harness.pod({ user: true });
  const { stdout, stderr } = await sh(pod, "id -u; echo again > /dev/stdout", as({ runAsUser: { value: 1000n } }));
  t.equal(stdout, "1000\nagain\n", stderr);
});

t.test("many layers, on new kernels and old", async (t) => {
  const pod = await harness.pod();
  const lower = ["../layers/top", "../layers/base"];
  for (let index = 0; index < 40; index += 1) {
    mkdirSync(harness.path("layers", `l${index}`), { recursive: true });
    writeFileSync(harness.path("layers", `l${index}`, `file${index}`), "");
    lower.push(`../layers/l${index}`);
  }
  for (const lowerdirPlus of [true, false]) {
    const { stdout, stderr } = await sh(
      pod,
      "ls / | grep -c ^file; cat /etc/top",
      {},
      { snapshot: harness.snapshot(lower), lowerdirPlus },
    );
    t.equal(stdout, "40\ntop\n", `lowerdir+ ${lowerdirPlus}: ${stderr}`);
  }
});

t.test("an image as a volume", async (t) => {
  for (const user of [false, true]) {
    const pod = await harness.pod({ user });
    const volume = (...lower: string[]) => ({
      imageVolumes: { "/image": { directory: harness.path("layers"), lower } },
    });
    const mount = { containerPath: "/image", image: { image: "x" } };
    const look = async (imageSubPath: string, ...lower: string[]) =>
      (
        await sh(
          pod,
          "cat /image; cat /image/top; ls /image/etc; touch /image/x 2>&1 | grep -o Read-only",
          { mounts: [{ ...mount, imageSubPath }] },
          volume(...lower),
        )
      ).stdout;
    t.equal(await look("", "top"), "top\nRead-only\n");
    t.equal(await look("", "top", "base"), "passwd\ntop\nRead-only\n");
    t.equal(await look("etc", "top"), "top\nRead-only\n");
    t.equal(await look("etc", "top", "base"), "top\nRead-only\n");
    t.equal(await look("etc/top", "top", "base"), "top\n", "a file");
    await t.rejects(look("no/such", "top", "base"), { message: /no\/such|ENOENT/ });
  }
});

t.test("links of the image do not lead out", async (t) => {
  const pod = await harness.pod();
  const layer = (name: string, make: (path: string) => void) => {
    const path = harness.path("layers", name);
    mkdirSync(path, { recursive: true });
    make(path);
    return harness.snapshot([`../layers/${name}`, "../layers/top", "../layers/base"]);
  };
  const volume = harness.make("volume");
  const mount = (containerPath: string): ContainerConfig => ({ mounts: [{ containerPath, hostPath: volume }] });

  const absolute = layer("absolute", (path) => symlinkSync("/etc/new", join(path, "data")));
  t.equal(
    (await sh(pod, "grep -o ' /etc/new ' /proc/self/mountinfo", mount("/data"), { snapshot: absolute })).stdout,
    " /etc/new \n",
  );
  const upwards = layer("upwards", (path) => symlinkSync("../../../../../../srv/new", join(path, "data")));
  t.equal(
    (await sh(pod, "grep -o ' /srv/new ' /proc/self/mountinfo", mount("/data"), { snapshot: upwards })).stdout,
    " /srv/new \n",
  );

  for (const target of ["/proc/sys", "/proc/self/attr", "/proc/1/root", "/proc"]) {
    const snapshot = layer(`to${target.replaceAll("/", "-")}`, (path) => symlinkSync(target, join(path, "data")));
    t.match(
      await failure(sh(pod, "true", mount("/data"), { snapshot })),
      { where: /^mounts\[\d+\]\.destination$/ },
      target,
    );
  }
  const loop = layer("loop", (path) => symlinkSync("data", join(path, "data")));
  await t.rejects(sh(pod, "true", mount("/data"), { snapshot: loop }), { message: /ELOOP/ });

  for (const name of ["proc", "sys"]) {
    const snapshot = layer(`linked-${name}`, (path) => symlinkSync("/tmp", join(path, name)));
    t.match(
      await failure(sh(pod, "true", {}, { snapshot })),
      { where: /^mounts\[\d+\]\.destination$/ },
      `/${name} is a link`,
    );
  }
  const dev = layer("linked-dev", (path) => symlinkSync("/srv", join(path, "dev")));
  t.equal(
    (await sh(pod, "echo x > /dev/null; stat -c %F /srv/null", {}, { snapshot: dev })).stdout,
    "character special file\n",
    "a /dev that is a link stays inside",
  );
});

t.test("a working directory that is not reachable", async (t) => {
  const pod = await harness.pod();
  for (let fd = 3; fd < 24; fd += 1) {
    const config = { workingDir: `/proc/self/fd/${fd}` };
    const ran = await sh(pod, "pwd; until [ . -ef .. ]; do cd ..; done; cat etc/top", config).catch(
      (error: unknown) => error as Error & { where?: string },
    );
    // A descriptor of the container's own root or of a mount in it leads no further than that.
    if ("stdout" in ran) t.match(ran.stdout, /^\/(dev(\/shm)?)?\ntop\n$/, config.workingDir);
    else t.equal(ran.where, "process.cwd", config.workingDir);
  }
  t.equal((await sh(pod, "pwd", { workingDir: "/proc/self" })).exitCode, 0, "one that is");
});

t.test("protection", async (t) => {
  const pod = await harness.pod();
  const paths = {
    maskedPaths: ["/proc/keys", "/proc/kcore", "/sys/firmware", "/proc/acpi"],
    readonlyPaths: ["/proc/sys", "/proc/bus"],
  };
  const look =
    "cat /proc/keys | wc -c; ls -A /sys/firmware | wc -l; touch /etc/x 2>&1 | grep -o 'Read-only'; echo 1 2> /dev/null > /proc/sys/kernel/domainname || echo denied; touch /sys/x 2>&1 | grep -o 'Read-only'; touch /sys/fs/cgroup/x 2>&1 | grep -o Read-only";
  t.equal(
    (await sh(pod, look, as({ ...paths, readonlyRootfs: true }))).stdout,
    "0\n0\nRead-only\ndenied\nRead-only\nRead-only\n",
  );
  const open = await sh(pod, "cat /proc/keys | wc -c", as({ namespaceOptions: { pid: 1 } }));
  t.not(open.stdout, "0\n", "its benign twin is not masked");
});
