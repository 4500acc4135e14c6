// A command in a running container as a launch plan: joined enters all the namespaces of the container's init at once, the child
// is born in its pid namespace and becomes the command.

import { NodeletError } from "../../base/errors.ts";
import { O } from "../../system/system.ts";
import type { OciProcess, OciSpec } from "../oci/types.ts";
import { PlanBuilder } from "./builder.ts";
import { CLONE, WHO } from "./constants.ts";
import { CLONE_FLAG } from "./namespaces.ts";
import { NO_REG, type Plan } from "./operations.ts";
import {
  addApparmor,
  addIdentityAndExec,
  addOomScore,
  addRlimits,
  addUmaskAndStdio,
  openHostProc,
  processOf,
  type SeccompFilter,
} from "./process.ts";
import { openDirectory } from "./root.ts";

export interface ExecPlanInput {
  /** For a reader of the plan's input only: the shim knows its init better than any number can say. */
  readonly initPid?: number | undefined;
  /** The container's; the command has its user, capabilities, environment, cwd and limits. */
  readonly spec: OciSpec;
  readonly argv: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Absolute path of the container's cgroup. */
  readonly cgroupDir: string | undefined;
  /** linux.seccomp of the container, compiled. */
  readonly seccompFilter?: SeccompFilter | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** `cause` of steps that the caller's request asks for, not the spec. */
const REQUEST = "exec";

/** `pid` of the operation `pidfd`. */
const INIT_OF_THIS_SHIM = 0;

export function compileExecPlan(input: ExecPlanInput): Plan {
  const { spec } = input;
  if (input.argv.length === 0 || input.argv[0] === "") {
    throw new NodeletError("invalid", "the command is empty", {
      where: `${REQUEST}.cmd`,
      fix: "name a program to run",
    });
  }
  const process: OciProcess = { ...processOf(spec), terminal: input.tty };
  const plan = new PlanBuilder();
  const { namespaces, hasUser } = joinedNamespaces(spec);

  const io = {
    tty: input.tty ? 1 : 0,
    stdin: input.stdin ? 2 : 0,
    stdout: input.stdout ? 1 : 0,
    stderr: input.stderr && !input.tty ? 1 : 0,
  };
  plan.add("host", "io", { ...io, log: "" }, REQUEST);
  if (hasUser && !input.tty) addIoOwner(plan, spec);
  const cgroup =
    input.cgroupDir === undefined
      ? NO_REG
      : plan.open(
          "host",
          "open",
          { at: NO_REG, path: input.cgroupDir, flags: O.RDONLY | O.DIRECTORY, mode: 0, resolve: 0 },
          "linux.cgroupsPath",
        );
  const init = plan.open("host", "pidfd", { pid: INIT_OF_THIS_SHIM }, REQUEST);
  plan.open("host", "fork", { who: WHO.joined, flags: 0, cgroup }, REQUEST);

  // Before it is inside: nobody in there may trace it, and its own files in /proc are still its own.
  plan.add("joined", "dumpable", { value: 0 }, REQUEST);
  addOomScore(plan, "joined", process);
  const proc = openHostProc(plan, "joined", process);
  plan.add("joined", "setns", { reg: init, types: namespaces }, "linux.namespaces");
  if (hasUser) plan.add("joined", "ids", { uid: 0, gid: 0, groups: [] }, "linux.namespaces");
  plan.add("joined", "fork", { out: NO_REG, who: WHO.child, flags: 0, cgroup: NO_REG }, REQUEST);

  plan.add("child", "setsid", {}, REQUEST);
  if (input.tty) {
    const root = openDirectory(plan, "child", "/", REQUEST);
    plan.add("child", "console", { at: root, columns: input.columns ?? 0, rows: input.rows ?? 0 }, REQUEST);
    plan.close("child", root, REQUEST);
  }
  plan.add("child", "chdir", { path: process.cwd, create: 0 }, "process.cwd");
  addRlimits(plan, "child", process);
  plan.add("child", "session_keyring", { name: "_ses.exec" }, "process", "any");
  addApparmor(plan, "child", process, proc);
  addUmaskAndStdio(plan, "child", process);
  addIdentityAndExec(plan, "child", { ...spec, process }, { seccompFilter: input.seccompFilter, argv: input.argv });

  plan.add("host", "started", { who: WHO.child }, REQUEST);
  return plan.build();
}

/** All that the container does not share with the host, as flags of one setns with the init's pidfd. */
function joinedNamespaces(spec: OciSpec): { namespaces: number; hasUser: boolean } {
  let namespaces: number = CLONE.NEWNS;
  for (const { type } of spec.linux?.namespaces ?? []) namespaces |= CLONE_FLAG[type];
  return { namespaces: namespaces >>> 0, hasUser: (namespaces & CLONE.NEWUSER) !== 0 };
}

function addIoOwner(plan: PlanBuilder, spec: OciSpec): void {
  const { uid, gid } = processOf(spec).user;
  const host = (id: number, mappings: NonNullable<OciSpec["linux"]>["uidMappings"]): number => {
    const range = mappings?.find(({ containerID, size }) => containerID <= id && id < containerID + size);
    return range === undefined ? id : range.hostID + id - range.containerID;
  };
  plan.add(
    "host",
    "io_owner",
    { uid: host(uid, spec.linux?.uidMappings), gid: host(gid, spec.linux?.gidMappings) },
    "process.user",
  );
}
