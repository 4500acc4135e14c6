import { execFileSync } from "node:child_process";

import t from "tap";

import { toScript } from "../../../../agent/runtime/explain/script.ts";
import { compileContainerPlan } from "../../../../agent/runtime/plan/container-plan.ts";
import type { OciSpec } from "../../../../agent/runtime/oci/types.ts";
import { specOf, specWith } from "../spec-input.ts";

const SNAPSHOT = { directory: "/var/lib/it's here", lower: ["../b", "../a"], upper: "upper", work: "work" };

function script(spec: OciSpec, changes: object = {}): string {
  const plan = compileContainerPlan({
    spec,
    snapshot: SNAPSHOT,
    cgroupDir: "/sys/fs/cgroup/c",
    exitDir: "/run/c",
    io: { tty: false, stdin: false, stdinOnce: false },
    logPath: "",
    kernel: { fsconfigLowerdirPlus: true },
    ...changes,
  });
  return toScript(plan, spec, SNAPSHOT);
}

/** bash reads it and finds no error. */
function parses(text: string): void {
  execFileSync("bash", ["-n"], { input: text });
}

t.test("it is bash, whatever the spec holds", async (t) => {
  const hostile = specOf({
    command: ["sh", "-c", "echo \"$HOME\" 'x' `id` $(id)\n; exit"],
    workingDir: "/a b/$(id)",
    envs: [{ key: "A", value: Buffer.from("'; rm -rf / #\n") }],
    mounts: [{ containerPath: "/x 'y'", hostPath: '/a"b`c$d' }],
  });
  parses(script(hostile));
  t.match(script(hostile), "'A='\\''; rm -rf / #\n'");
  t.match(script(hostile), "cd '/var/lib/it'\\''s here'");
});

t.test("what is left out is said", async (t) => {
  const filter = { seccompFilter: { filter: new Uint8Array(8), flags: 0 }, deviceProgram: new Uint8Array(8) };
  const text = script(
    { ...specWith({ seccomp: { profileType: 0 } }), hooks: { createRuntime: [{ path: "/usr/bin/hook" }] } },
    filter,
  );
  parses(text);
  t.match(text, /^# - seccomp: .*SCMP_ACT_ERRNO/m);
  t.match(text, /^# - the cgroup's device program/m);
  t.match(text, /^# - the createRuntime hook \/usr\/bin\/hook/m);
  const plain = script(specOf({}));
  t.notMatch(plain, /what is left out/);
});

t.test("namespaces, ids and capabilities", async (t) => {
  const text = script(
    specWith({
      runAsUser: { value: 1000n },
      noNewPrivs: true,
      capabilities: { dropCapabilities: ["ALL"], addCapabilities: ["CHOWN"] },
    }),
  );
  t.match(
    text,
    /exec nsenter --pid=\S+ --ipc=\S+ --uts=\S+ --net=\S+ -- unshare --mount --cgroup --propagation private/,
  );
  t.match(text, "--reuid=1000 --regid=2000 --groups=2000,50,63");
  t.match(text, "--bounding-set=-all,+chown");
  t.match(text, "--no-new-privs");
  t.match(script(specWith({ namespaceOptions: { pid: 1 } })), /unshare --pid --mount --cgroup --fork/);
  const { process: _process, ...without } = specOf({});
  t.throws(() => toScript({ steps: [] }, without, SNAPSHOT));
});
