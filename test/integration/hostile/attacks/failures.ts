// Attacks by making things fail or never end: each step of a set-up, processes that multiply.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { describeError } from "../../../../agent/base/errors.ts";
import { NamespaceMode } from "../../../../agent/cri/runtime.ts";
import { awaitFrame, endShim, PlanError, sendPlan, startShim } from "../../../../agent/runtime/launch.ts";
import { compileContainerPlan, SHIM_SOCKET } from "../../../../agent/runtime/plan/container-plan.ts";
import { FrameType } from "../../../../agent/runtime/plan/frames.ts";
import type { Step } from "../../../../agent/runtime/plan/operations.ts";
import { parseStatus } from "../../../../agent/system/procfs.ts";
import { countOf } from "../../../fixtures/soak.ts";
import { Harness } from "../../runtime/harness.ts";
import type { Attack } from "../attack.ts";
import type { Host } from "../host.ts";

/** One in so many steps is made to fail. */
const STRIDE = countOf("NODELET_STEP_STRIDE", { short: 5, soak: 1 });

/** Processes of shims, this host's own tests' among them. */
const shims = (): number =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^[0-9]+$/.test(pid) && readFileSync(`/proc/${pid}/comm`, "utf8") === "nodelet-shim\n";
    } catch {
      return false;
    }
  }).length;

/** Sets up a container of which one step fails, at each of the places in turn; at none for the twin. */
async function failing(places: (steps: number) => readonly number[]): Promise<string> {
  const harness = new Harness();
  try {
    const pod = await harness.pod();
    const before = shims();
    const spec = harness.spec(pod, {
      metadata: { name: "c" },
      command: ["/bin/echo", "it ran"],
      linux: {
        securityContext: {
          namespaceOptions: { pid: NamespaceMode.CONTAINER },
          maskedPaths: ["/proc/version"],
          readonlyPaths: ["/proc/sys"],
        },
      },
    });
    const count = compileContainerPlan(harness.plan(spec, harness.snapshot())).steps.length;
    let ran = 0;
    let failed = 0;
    for (const at of places(count)) {
      const input = harness.plan(spec, harness.snapshot());
      const steps: Step[] = [...compileContainerPlan(input).steps];
      if (at < steps.length)
        steps.splice(at, 0, { op: "close", actor: steps[at]!.actor, args: { reg: 255 }, cause: "" });
      const plan = { steps };
      const shim = startShim(harness.system, undefined);
      try {
        sendPlan(shim, plan);
        await awaitFrame(shim.connection, plan, FrameType.READY);
        shim.connection.send(FrameType.COMMIT);
        await awaitFrame(shim.connection, plan, FrameType.STARTED);
        await awaitFrame(shim.connection, plan, FrameType.EXITED);
      } catch (error) {
        if (!(error instanceof PlanError)) return describeError(error);
        failed += 1;
        if (existsSync(join(input.exitDir, SHIM_SOCKET))) return `step ${at} leaves a socket`;
      } finally {
        endShim(harness.system, shim);
      }
      if (existsSync(input.logPath) && readFileSync(input.logPath, "utf8").includes("it ran")) ran += 1;
    }
    for (let tries = 0; tries < 200 && shims() > before; tries++) await sleep(50);
    return `${failed > 0 ? "failed" : "none failed"}, ${ran > 0 ? "ran" : "nothing ran"}, ${shims() > before ? "shims are left" : "no shim is left"}`;
  } finally {
    harness.remove();
  }
}

/** On the host, and of this process alone: what has ended counts as the user's until somebody takes notice. */
const BOMB_USER = 100_000 + process.pid;
const BOMB_PROCESSES = 40;

const bombs = (): number =>
  readdirSync("/proc").filter((pid) => {
    try {
      if (!/^[0-9]+$/.test(pid)) return false;
      const status = parseStatus(readFileSync(`/proc/${pid}/status`, "utf8"));
      return status.get("Uid")?.split("\t")[0] === String(BOMB_USER) && !status.get("State")?.startsWith("Z");
    } catch {
      return false;
    }
  }).length;

/** Removes a container whose processes go on; those of the host's process namespace do not end with its first one. */
async function removal(host: Host, command: readonly string[], atLeast: number): Promise<string> {
  const image = await host.image([]);
  const namespaceOptions = { pid: NamespaceMode.NODE };
  const { containerId, refused } = await host.start(command, {
    image,
    sandbox: { linux: { securityContext: { namespaceOptions } } },
    container: { linux: { securityContext: { namespaceOptions, runAsUser: { value: BigInt(BOMB_USER) } } } },
  });
  if (refused !== "") return refused;
  try {
    for (let tries = 0; tries < 600 && bombs() < atLeast; tries++) await sleep(50);
    const before = bombs();
    const said = await host.runtime.removeContainer({ containerId }).then(() => "removed", describeError);
    return `${before >= atLeast ? "many" : before} processes; ${said}; ${bombs()} are left`;
  } finally {
    execFileSync(host.program(), ["slay", String(BOMB_USER)]);
    for (let tries = 0; tries < 600 && bombs() > 0; tries++) await sleep(50);
  }
}

export const attacks: readonly Attack[] = [
  {
    name: "each step of a container's set-up fails in turn",
    rows: ["suite 13"],
    attack: () => failing((steps) => Array.from({ length: Math.ceil(steps / STRIDE) }, (_, index) => index * STRIDE)),
    twin: () => failing((steps) => [steps]),
    held: /^failed, nothing ran, no shim is left$/,
    works: /^none failed, ran, no shim is left$/,
    without: [
      [
        "native/shim/run.c",
        "if (rc < 0 && !tolerated(step, -rc)) {",
        "if (rc < 0 && step->code != OP_CLOSE && !tolerated(step, -rc)) {",
      ],
    ],
    fallen: /, ran, /,
  },
  {
    name: "a fork bomb while its container is deleted",
    rows: ["suite 12"],
    attack: (host) => removal(host, ["/bin/hostile", "bomb", String(BOMB_PROCESSES)], BOMB_PROCESSES / 2),
    twin: (host) => removal(host, ["/bin/sleep", "600"], 1),
    held: /^many processes; removed; 0 are left$/,
    works: /^many processes; removed; 0 are left$/,
    without: [
      ["agent/system/cgroupfs.ts", 'writeFileSync(join(directory, "cgroup.kill"), "1");', ""],
      ["native/shim/exit.c", 'return fd >= 0 && sys_write(fd, "1", 1) == 1;', "return fd < 0;"],
    ],
    fallen: /; [1-9][0-9]* are left$/,
  },
];
