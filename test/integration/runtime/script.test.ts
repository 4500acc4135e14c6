// The container of `explain --script` beside the one that the shim built: told apart only by what the script says it leaves out.

import { execFileSync } from "node:child_process";
import { mkdirSync, readlinkSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import t from "tap";

import type { ContainerConfig } from "../../../agent/cri/types.gen.ts";
import { toScript } from "../../../agent/runtime/explain/script.ts";
import { compileContainerPlan } from "../../../agent/runtime/plan/container-plan.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { Harness, type Pod } from "./harness.ts";

/** What a container sees of itself, in sections. */
const REPORT = `
echo '== mounts'; cat /proc/self/mountinfo
echo '== namespaces'; for name in cgroup ipc mnt net pid time user uts; do echo "$name $(readlink /proc/self/ns/$name)"; done
echo '== status'; grep -E '^(Umask|Uid|Gid|Groups|Cap|NoNewPrivs)' /proc/$$/status
echo '== environment'; tr '\\0' '\\n' < /proc/$$/environ | sort
echo '== rest'; pwd; readlink /proc/$$/cwd; ulimit -n; ulimit -Hn; hostname; cat /proc/self/cgroup | grep ^0; cat /proc/$$/oom_score_adj
ls -l /dev | grep -v ^total | sed 's/ [A-Z][a-z][a-z] .*:.. / /; s/ [0-9]* \\(root\\|[0-9]\\)/ \\1/' | sort
echo "files $(ls /proc/$$/fd | tr '\\n' ' ')"
`;

interface Report {
  mounts: string[];
  namespaces: Record<string, string>;
  others: Record<string, string>;
}

function parseReport(text: string, pod: Pod): Report {
  const sections = new Map<string, string>();
  for (const part of text.split(/^== /m).slice(1))
    sections.set(part.slice(0, part.indexOf("\n")), part.slice(part.indexOf("\n") + 1));
  const { mounts = "", namespaces = "", ...others } = Object.fromEntries(sections) as Record<string, string>;
  const pins = new Map(
    Object.entries(pod.namespaces).map(([, path]) => [
      execFileSync("stat", ["-Lc", "%i", path], { encoding: "utf8" }).trim(),
      "the pod's",
    ]),
  );
  return {
    mounts: mounts.trimEnd().split("\n").map(mountLine).toSorted(),
    namespaces: Object.fromEntries(
      namespaces
        .trimEnd()
        .split("\n")
        .map((line) => line.split(" "))
        .map(([name = "", target = ""]) => {
          const inode = /\[(\d+)\]/.exec(target)?.[1] ?? "";
          return [
            name,
            readlinkSync(`/proc/self/ns/${name}`) === target ? "the host's" : (pins.get(inode) ?? "its own"),
          ];
        }),
    ),
    others,
  };
}

/** Place, root, options, kind and source. Numbers of mounts and devices differ, and the script has an upper directory of its own. */
function mountLine(line: string): string {
  const [left = "", right = ""] = line.split(" - ");
  const [, , , root, place, options, ...tags] = left.split(" ");
  const [fstype, source, superOptions = ""] = right.split(" ");
  const own = superOptions.replace(/,(upperdir|workdir)=[^,]*/g, "");
  return [place, root, options, ...tags.map((tag) => tag.replace(/:\d+$/, "")), fstype, source, own].join(" ");
}

t.test("the script builds the same container", async (t) => {
  const untouched = await takePicture(ownProcesses);
  const harness = new Harness();
  t.teardown(() => harness.remove());
  const volume = harness.make("volume");
  mkdirSync(join(volume, "below"));
  const file = join(volume, "file");
  writeFileSync(file, "x\n");
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", join(volume, "below")]);
  const cgroupRoot =
    execFileSync("findmnt", ["-rnt", "cgroup2", "-o", "TARGET"], { encoding: "utf8" }).split("\n")[0] ?? "";
  const cgroups: string[] = [];
  const pods = [await harness.pod(), await harness.pod({ pid: true })];

  const cases: Record<string, { pod: number; config: ContainerConfig }> = {
    plain: { pod: 0, config: { linux: { securityContext: { namespaceOptions: { pid: 1 } } } } },
    "all that there is": {
      pod: 0,
      config: {
        workingDir: "/srv/new/directory",
        envs: [
          { key: "my.dotted-name", value: Buffer.from('it\'s\t"quoted"') },
          { key: "HOME", value: Buffer.from("/tmp") },
        ],
        mounts: [
          { containerPath: "/data", hostPath: volume, readonly: true },
          { containerPath: "/deep", hostPath: volume, readonly: true, recursiveReadOnly: true },
          { containerPath: "/run/secrets/a b", hostPath: file },
          { containerPath: "/from-host", hostPath: volume, propagation: 1 },
          { containerPath: "/etc/hostname", hostPath: file, mountOptions: ["noexec", "nosuid"] },
        ],
        linux: {
          resources: { oomScoreAdj: 500n },
          securityContext: {
            namespaceOptions: { pid: 1 },
            runAsUser: { value: 1000n },
            runAsGroup: { value: 7n },
            supplementalGroups: [8n, 9n],
            noNewPrivs: true,
            readonlyRootfs: true,
            capabilities: { dropCapabilities: ["CHOWN", "MKNOD"] },
            seccomp: { profileType: 0 },
            maskedPaths: ["/proc/kcore", "/proc/keys", "/proc/acpi", "/sys/firmware", "/proc/no-such"],
            readonlyPaths: ["/proc/bus", "/proc/sys"],
          },
        },
      },
    },
    "a shared pid namespace, ambient capabilities": {
      pod: 1,
      config: {
        linux: {
          securityContext: {
            runAsUser: { value: 1000n },
            capabilities: { dropCapabilities: ["ALL"], addAmbientCapabilities: ["NET_BIND_SERVICE"] },
          },
        },
      },
    },
    "the host's namespaces, privileged": {
      pod: 0,
      config: { linux: { securityContext: { privileged: true, namespaceOptions: { pid: 2 } } } },
    },
  };

  for (const [name, { pod: index, config }] of Object.entries(cases)) {
    await t.test(name, async (t) => {
      const pod = pods[index] ?? (await harness.pod());
      const spec = harness.spec(
        pod,
        { ...config, command: ["/bin/sh", "-c", REPORT] },
        { rlimits: [{ type: "RLIMIT_NOFILE", soft: 1000, hard: 2000 }] },
      );
      const snapshot = harness.snapshot();
      // One for each, as a kernel may kill what is born into a cgroup that was killed once.
      const cgroupDir = join(cgroupRoot, `nodelet-script-${process.pid}-${cgroups.length}`);
      mkdirSync(cgroupDir);
      cgroups.push(cgroupDir);
      const input = harness.plan(spec, snapshot, { cgroupDir });
      const shim = await harness.run(input);
      t.equal(shim.exitCode, 0, shim.stderr);
      const script = toScript(compileContainerPlan(input), spec, snapshot);
      const scripted = execFileSync("bash", ["-c", script], {
        encoding: "utf8",
        input: "",
        stdio: ["pipe", "pipe", "inherit"],
      });
      const built = parseReport(shim.stdout, pod);
      const byHand = parseReport(scripted, pod);
      t.strictSame(byHand.mounts, built.mounts, "mounts");
      t.strictSame(byHand.namespaces, built.namespaces, "namespaces");
      t.strictSame(byHand.others, built.others, "ids, capabilities, environment, cwd, limits, devices");
      t.ok(built.mounts.length >= 8 && Object.keys(built.others).length === 3, "the report is whole");
    });
  }

  execFileSync("umount", [join(volume, "below")]);
  for (const cgroup of cgroups) rmdirSync(cgroup);
  harness.remove();
  t.strictSame(await settledDifference(untouched, ownProcesses), [], "nothing is left on the host");
});
