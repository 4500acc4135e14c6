// Containers from plans, without the daemon around them: a hand-made root of this machine's busybox, the built shim, and what it
// reports. Everything lies in one temporary directory that the test removes.

import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

import type { Snapshot } from "../../../agent/images/images.ts";
import { awaitFrame, endShim, runPlan, sendPlan, startShim } from "../../../agent/runtime/launch.ts";
import { buildContainerSpec, type ContainerSpecInput } from "../../../agent/runtime/oci/container-spec.ts";
import type { OciSpec } from "../../../agent/runtime/oci/types.ts";
import {
  compileContainerPlan,
  SHIM_SOCKET,
  type ContainerPlanInput,
} from "../../../agent/runtime/plan/container-plan.ts";
import { decodeResults, encodePlan } from "../../../agent/runtime/plan/encode.ts";
import { compileExecPlan, type ExecPlanInput } from "../../../agent/runtime/plan/exec-plan.ts";
import { FrameType } from "../../../agent/runtime/plan/frames.ts";
import type { Plan, StepResult } from "../../../agent/runtime/plan/operations.ts";
import { compileSandboxPlan, type SandboxPlanInput } from "../../../agent/runtime/plan/sandbox-plan.ts";
import { ShimConnection } from "../../../agent/runtime/shim-client.ts";
import { createLinuxSystem } from "../../../agent/system/linux.ts";
import type { System } from "../../../agent/system/system.ts";

/** From the first host id that no user of this machine has. */
export const MAPPINGS = {
  uids: [{ containerId: 0, hostId: 1_000_000, size: 65536 }],
  gids: [{ containerId: 0, hostId: 2_000_000, size: 65536 }],
};

export interface Pod {
  readonly pins: Readonly<Record<"network" | "ipc" | "uts" | "pid" | "user", string>>;
  /** Those that the pod has. */
  readonly namespaces: Readonly<Partial<Record<"network" | "ipc" | "uts" | "pid" | "user", string>>>;
  readonly shm: string;
  /** The process that stays, or 0. */
  readonly pid: number;
  readonly results: readonly StepResult[];
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly results: readonly StepResult[];
}

export class Harness {
  readonly system: System = createLinuxSystem();
  readonly dir = mkdtempSync(join(tmpdir(), "nodelet-plan-"));
  #count = 0;
  readonly #pods: Pod[] = [];

  /** Layers of a busybox root: `base` has the programs, `top` some files over it. */
  constructor() {
    const base = this.path("layers/base");
    for (const name of ["bin", "etc", "root", "srv", "tmp", "var/run"])
      mkdirSync(join(base, name), { recursive: true });
    const busybox = ["/bin/busybox", "/usr/bin/busybox"].find((path) => existsSync(path)) ?? "busybox";
    copyFileSync(busybox, join(base, "bin/busybox"));
    for (const applet of execFileSync(busybox, ["--list"], { encoding: "utf8" }).split("\n").filter(Boolean)) {
      if (applet !== "busybox") symlinkSync("busybox", join(base, "bin", applet));
    }
    for (const library of librariesOf(busybox)) {
      mkdirSync(join(base, dirname(library)), { recursive: true });
      copyFileSync(library, join(base, library));
    }
    writeFileSync(join(base, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000:web:/srv:/bin/sh\n");
    mkdirSync(this.path("layers/top/etc"), { recursive: true });
    writeFileSync(this.path("layers/top/etc/top"), "top\n");
    // As in many images: /run is a link within the root, and an absolute one.
    symlinkSync("/var/run", this.path("layers/top/run"));
  }

  path(...names: string[]): string {
    return join(this.dir, ...names);
  }

  /** A new directory. */
  make(name: string): string {
    const path = this.path(`${name}-${this.#count++}`);
    mkdirSync(path, { recursive: true });
    return path;
  }

  snapshot(lower: readonly string[] = ["../layers/top", "../layers/base"]): Snapshot {
    const directory = this.make("snapshot");
    mkdirSync(join(directory, "upper"));
    mkdirSync(join(directory, "work"));
    return { directory, lower, upper: "upper", work: "work" };
  }

  async pod(
    namespaces: Partial<SandboxPlanInput["namespaces"]> = {},
    sysctls: Record<string, string> = {},
  ): Promise<Pod> {
    const dir = this.make("pod");
    const pin = (name: string): string => join(dir, name);
    const pins = { network: pin("net"), ipc: pin("ipc"), uts: pin("uts"), pid: pin("pid"), user: pin("user") };
    const wanted = { network: true, ipc: true, uts: true, pid: false, user: false, ...namespaces };
    const plan = compileSandboxPlan({
      hostname: "pod",
      namespaces: wanted,
      pins,
      idMappings: wanted.user ? MAPPINGS : undefined,
      sysctls,
      shm: { path: pin("shm"), size: 1024 * 1024 },
      cgroupDir: undefined,
    });
    const { pid, results } = await runPlan(this.system, plan);
    const keys = Object.keys(pins) as (keyof typeof pins)[];
    const pod = {
      pins,
      namespaces: Object.fromEntries(keys.filter((key) => wanted[key]).map((key) => [key, pins[key]])),
      shm: pin("shm"),
      pid,
      results,
    };
    this.#pods.push(pod);
    return pod;
  }

  spec(pod: Pod, config: ContainerSpecInput["config"], changes: Partial<ContainerSpecInput> = {}): OciSpec {
    return buildContainerSpec({
      id: "c",
      sandboxId: "s",
      config,
      sandbox: {},
      imageConfig: {},
      users: {
        passwd: [
          { name: "root", uid: 0, gid: 0, home: "/root" },
          { name: "web", uid: 1000, gid: 1000, home: "/srv" },
        ],
        group: [],
      },
      hostname: "pod",
      files: {},
      shmPath: pod.namespaces.ipc === undefined ? undefined : pod.shm,
      namespaces: pod.namespaces,
      idMappings: pod.namespaces.user === undefined ? undefined : MAPPINGS,
      hostCapabilities: this.system.capabilities(),
      cgroup: { version2: true, path: "/c", controllers: [] },
      kernel: { release: "6", apparmor: false, selinux: false },
      hostDevices: [],
      seccompProfile: () => {
        throw new Error("no profile");
      },
      ...changes,
    });
  }

  plan(spec: OciSpec, snapshot: Snapshot, changes: Partial<ContainerPlanInput> = {}): ContainerPlanInput {
    const profile = spec.linux?.seccomp;
    return {
      spec,
      snapshot,
      cgroupDir: undefined,
      exitDir: this.make("exit"),
      io: { tty: spec.process?.terminal === true, stdin: false, stdinOnce: false },
      logPath: this.path(`log-${this.#count++}`),
      seccompFilter:
        profile === undefined ? undefined : { filter: this.system.compileSeccomp(JSON.stringify(profile)), flags: 0 },
      kernel: { fsconfigLowerdirPlus: true },
      ...changes,
    };
  }

  /** Runs it to its end. `during` runs once it is started. */
  async run(input: ContainerPlanInput, during?: () => Promise<void>): Promise<Ran> {
    const plan = compileContainerPlan(input);
    const shim = startShim(this.system, undefined);
    try {
      sendPlan(shim, plan);
      await awaitFrame(shim.connection, plan, FrameType.READY);
      shim.connection.send(FrameType.COMMIT);
      const started = await awaitFrame(shim.connection, plan, FrameType.STARTED);
      await during?.();
      const exited = await awaitFrame(shim.connection, plan, FrameType.EXITED);
      const log = existsSync(input.logPath) ? readFileSync(input.logPath, "utf8") : "";
      return {
        exitCode: Buffer.from(exited.payload).readInt32LE(0),
        stdout: fromLog(log, "stdout"),
        stderr: fromLog(log, "stderr"),
        results: decodeResults(started.payload.subarray(12)),
      };
    } finally {
      endShim(this.system, shim);
    }
  }

  async exec(exitDir: string, input: ExecPlanInput): Promise<Ran & { readonly plan: Plan }> {
    const plan = compileExecPlan(input);
    const connection = await ShimConnection.connect(join(exitDir, SHIM_SOCKET));
    try {
      await connection.next(); // HELLO
      connection.send(FrameType.EXEC, encodePlan(plan));
      const started = await awaitFrame(connection, plan, FrameType.STARTED);
      const output = { [FrameType.STDOUT]: "", [FrameType.STDERR]: "" };
      for (;;) {
        const frame = await connection.next();
        if (frame === undefined) throw new Error("the shim ended");
        if (frame.type === FrameType.STDOUT || frame.type === FrameType.STDERR)
          output[frame.type] += Buffer.from(frame.payload).toString();
        if (frame.type !== FrameType.EXITED) continue;
        const { STDOUT, STDERR } = FrameType;
        return {
          plan,
          exitCode: Buffer.from(frame.payload).readInt32LE(0),
          stdout: output[STDOUT],
          stderr: output[STDERR],
          results: decodeResults(started.payload.subarray(12)),
        };
      }
    } finally {
      connection.close();
    }
  }

  remove(): void {
    for (const { pins, shm, pid } of this.#pods.splice(0)) {
      if (pid !== 0) process.kill(pid, "SIGKILL");
      for (const path of [...Object.values(pins), shm]) {
        if (existsSync(path)) execFileSync("sh", ["-c", 'umount -l "$1" 2> /dev/null; true', "sh", path]);
      }
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** The text of one stream of a CRI log. */
function fromLog(log: string, stream: string): string {
  return log
    .split("\n")
    .filter((line) => line.split(" ")[1] === stream)
    .map((line) => {
      const [, , kind, ...content] = line.split(" ");
      return content.join(" ") + (kind === "F" ? "\n" : "");
    })
    .join("");
}

function librariesOf(program: string): string[] {
  try {
    const text = execFileSync("ldd", [program], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return [...text.matchAll(/(\/\S+)(?= \()/g)].map(([, path = ""]) => path).filter((path) => basename(path) !== "");
  } catch {
    return []; // a static one
  }
}
