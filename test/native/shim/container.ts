// What the shim's tests run: a root file system of busybox, and plans written by hand, one operation after the other.

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { PlanBuilder } from "../../../agent/runtime/plan/builder.ts";
import { CLONE, MOUNT_ATTR, MS, S_IFCHR, WHO } from "../../../agent/runtime/plan/constants.ts";
import { NO_REG, type Plan } from "../../../agent/runtime/plan/operations.ts";
import { O } from "../../../agent/system/system.ts";
import { Connection, Shim } from "./client.ts";

export const ALL_CAPABILITIES = 2 ** 41 - 1;
const CAUSE = "test";

/** Directories of one test file and everything that was started in them. */
export class Ground implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), "nodelet-shim-test-"));
  readonly rootfs = join(this.directory, "rootfs");
  readonly #open: { end: () => Promise<void> | void }[] = [];
  readonly #cgroups: string[] = [];
  #count = 0;

  constructor() {
    buildRootfs(this.rootfs);
  }

  /** A fresh directory; its name is short, as a socket's path is. */
  make(name: string): string {
    const path = join(this.directory, `${name}${this.#count++}`);
    mkdirSync(path);
    return path;
  }

  cgroup(): string {
    const path = join(cgroupMount(), `${basename(this.directory)}-${this.#count++}`);
    mkdirSync(path);
    this.#cgroups.push(path);
    return path;
  }

  async shim(options: { extraFds?: number } = {}): Promise<Shim> {
    const shim = await Shim.start(options);
    this.#open.push(shim);
    return shim;
  }

  async connect(path: string): Promise<Connection> {
    const connection = await Connection.connect(path);
    this.#open.push({ end: () => connection.close() });
    return connection;
  }

  /** Ends what the tests left; throws when something cannot be taken away. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of this.#cgroups) if (existsSync(path)) writeFileSync(join(path, "cgroup.kill"), "1");
    for (const each of this.#open.toReversed()) await each.end();
    for (const path of this.#cgroups) await removeCgroup(path);
    const left = mountsUnder(this.directory);
    for (const target of left) execFileSync("umount", ["-l", target]);
    rmSync(this.directory, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`mounts were left: ${left.join(", ")}`);
  }
}

async function removeCgroup(path: string): Promise<void> {
  for (let tries = 0; existsSync(path); tries++) {
    try {
      rmdirSync(path);
    } catch (error) {
      if (tries > 100) throw error;
      await sleep(20);
    }
  }
}

export function mountsUnder(directory: string): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((target) => target.startsWith(`${directory}/`))
    .toReversed();
}

function cgroupMount(): string {
  const line = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .find((each) => each.includes(" - cgroup2 "));
  const mount = line?.split(" ")[4];
  if (mount === undefined) throw new Error("there is no cgroup2 mount");
  return mount;
}

/** busybox with its libraries and applets. */
function buildRootfs(root: string): void {
  const busybox = "/bin/busybox";
  for (const name of ["bin", "dev", "etc", "proc", "sys", "tmp", "var/run"])
    mkdirSync(join(root, name), { recursive: true });
  chmodSync(join(root, "tmp"), 0o1777);
  copyFileSync(busybox, join(root, busybox));
  let libraries = "";
  try {
    libraries = execFileSync("ldd", [busybox], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    // a static one has none
  }
  for (const [path] of libraries.matchAll(/\/[^ ]+/g)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
  for (const applet of execFileSync(busybox, ["--list"], { encoding: "utf8" }).trim().split("\n")) {
    if (applet !== "busybox") symlinkSync("busybox", join(root, "bin", applet));
  }
  writeFileSync(join(root, "etc/passwd"), "root:x:0:0::/:/bin/sh\n");
}

export interface ContainerOptions {
  readonly argv: readonly string[];
  readonly env?: readonly string[];
  readonly tty?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** 0 none, 1 open, 2 once. */
  readonly stdin?: number;
  readonly stdout?: boolean;
  readonly log?: boolean;
  readonly uid?: number;
  readonly gid?: number;
  readonly groups?: readonly number[];
  readonly cwd?: string;
  readonly capabilities?: number;
  readonly newFlags?: number;
  readonly cgroup?: boolean;
  readonly commit?: boolean;
  readonly masked?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  /** Steps of the child before pivot_root; `root` is the register of the root. */
  readonly assemble?: (plan: PlanBuilder, root: number) => void;
  /** Steps of the child after it, before its identity. */
  readonly inside?: (plan: PlanBuilder) => void;
  /** Steps of the host before the start of the child. */
  readonly host?: (plan: PlanBuilder) => void;
}

export interface Container {
  readonly plan: Plan;
  readonly run: string;
  readonly socket: string;
  readonly log: string;
  readonly record: string;
  readonly upper: string;
  readonly cgroup: string | undefined;
}

export const NAMESPACES = CLONE.NEWNS | CLONE.NEWPID | CLONE.NEWIPC | CLONE.NEWUTS | CLONE.NEWNET;

/** The whole way of a container: overlay, namespaces, its own /dev and /proc, identity, exec. */
export function container(ground: Ground, options: ContainerOptions): Container {
  const plan = new PlanBuilder();
  const add = plan.add.bind(plan);
  const run = ground.make("c");
  const log = join(run, "log");
  for (const name of ["upper", "work"]) mkdirSync(join(run, name));
  const cgroupPath = options.cgroup === false ? undefined : ground.cgroup();

  const directory = openAt(plan, "host", run);
  add("host", "exit_record", { at: directory, name: "exit.json" }, CAUSE);
  add("host", "listen", { at: directory, name: "sock" }, CAUSE);
  const piped = options.tty === true ? 0 : options.stdout === false ? 0 : 1;
  add(
    "host",
    "io",
    {
      tty: options.tty === true ? 1 : 0,
      stdin: options.stdin ?? 0,
      stdout: piped,
      stderr: piped,
      log: options.log === false ? "" : log,
    },
    CAUSE,
  );
  const cgroup =
    cgroupPath === undefined
      ? NO_REG
      : plan.open(
          "host",
          "open",
          { at: NO_REG, path: cgroupPath, flags: O.RDONLY | O.DIRECTORY, mode: 0, resolve: 0 },
          CAUSE,
        );
  options.host?.(plan);
  plan.open("host", "fork", { who: WHO.child, flags: options.newFlags ?? NAMESPACES, cgroup }, CAUSE);
  const layers = [`lowerdir=${ground.rootfs}`, `upperdir=${run}/upper`, `workdir=${run}/work`, "volatile"];
  const root = plan.open("host", "new_mount", { fstype: "overlay", options: layers, attributes: 0 }, CAUSE);
  add("host", "give", { who: WHO.child, reg: root }, CAUSE);
  if (options.commit !== false) add("host", "announce", {}, CAUSE);

  add("child", "dumpable", { value: 0 }, CAUSE);
  add("child", "setsid", {}, CAUSE);
  add("child", "unshare", { flags: CLONE.NEWCGROUP }, CAUSE);
  add("child", "mount", { source: "none", target: "/", fstype: "", flags: MS.REC | MS.PRIVATE, data: "" }, CAUSE);
  const slash = openAt(plan, "child", "/");
  plan.take("child", WHO.host, root, CAUSE);
  add("child", "move_mount", { from: root, to: slash }, CAUSE);
  mountAt(plan, root, "/proc", "proc", []);
  const dev = mountAt(plan, root, "/dev", "tmpfs", ["mode=755", "size=65536k"]);
  device(plan, dev, "null", 1, 3);
  device(plan, dev, "zero", 1, 5);
  device(plan, dev, "tty", 5, 0);
  add("child", "symlink", { at: dev, path: "ptmx", target: "pts/ptmx" }, CAUSE);
  add("child", "symlink", { at: dev, path: "stdout", target: "/proc/self/fd/1" }, CAUSE);
  mountAt(plan, root, "/dev/pts", "devpts", ["newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]);
  if (((options.newFlags ?? NAMESPACES) & CLONE.NEWNET) !== 0) {
    mountAt(
      plan,
      root,
      "/sys",
      "sysfs",
      [],
      MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC,
    );
    add("child", "link_up", { name: "lo" }, CAUSE);
  }
  add("child", "hostname", { name: "tested" }, CAUSE);
  if (options.tty === true) {
    add("child", "console", { at: root, columns: options.columns ?? 80, rows: options.rows ?? 24 }, CAUSE);
  }
  options.assemble?.(plan, root);
  if (options.masked !== undefined) {
    const nul = plan.open("child", "open", { at: dev, path: "null", flags: O.PATH, mode: 0, resolve: 0 }, CAUSE);
    add("child", "check_node", { reg: nul, format: S_IFCHR, major: 1, minor: 3 }, CAUSE);
    for (const path of options.masked) add("child", "mask", { at: root, path, null: nul }, CAUSE, "missing");
  }
  for (const path of options.readonlyPaths ?? []) add("child", "readonly", { at: root, path }, CAUSE, "missing");
  add("child", "pivot_root", { root }, CAUSE);
  add("inside", "chdir", { path: options.cwd ?? "/", create: 1 }, CAUSE);
  options.inside?.(plan);
  become(plan, options);
  add("inside", "exec", { argv: options.argv, env: options.env ?? ["PATH=/bin"] }, CAUSE);

  add("host", "wait", { who: WHO.child }, CAUSE);
  if (options.commit !== false) add("host", "commit", {}, CAUSE);
  add("host", "signal", { who: WHO.child }, CAUSE);
  add("host", "started", { who: WHO.child }, CAUSE);
  return {
    plan: plan.build(),
    run,
    socket: join(run, "sock"),
    log,
    record: join(run, "exit.json"),
    upper: join(run, "upper"),
    cgroup: cgroupPath,
  };
}

/** Streams, the meeting with the host, and the identity. */
function become(plan: PlanBuilder, options: ContainerOptions): void {
  const { uid = 0, gid = 0, groups = [], capabilities = 0 } = options;
  plan.add("inside", "umask", { mask: 0o22 }, CAUSE);
  plan.add("inside", "stdio", { uid, gid }, CAUSE);
  plan.add("inside", "signal", { who: WHO.host }, CAUSE);
  plan.add("inside", "wait", { who: WHO.host }, CAUSE);
  plan.add("inside", "bounding", { keep: capabilities }, CAUSE);
  plan.add("inside", "ids", { uid, gid, groups: groups.map(String) }, CAUSE);
  const sets = { effective: capabilities, permitted: capabilities, inheritable: 0, ambient: 0 };
  plan.add("inside", "capabilities", sets, CAUSE);
  plan.add("inside", "no_new_privs", {}, CAUSE);
}

export function openAt(plan: PlanBuilder, actor: "host" | "joined" | "child", path: string): number {
  return plan.open(actor, "open", { at: NO_REG, path, flags: O.PATH | O.DIRECTORY, mode: 0, resolve: 0 }, CAUSE);
}

export function mountAt(
  plan: PlanBuilder,
  root: number,
  path: string,
  fstype: string,
  options: readonly string[],
  attributes: number = MOUNT_ATTR.NOSUID,
): number {
  const made = plan.open("child", "new_mount", { fstype, options, attributes }, CAUSE);
  const to = plan.open("child", "ensure", { at: root, path, kind: 0, mode: 0o755 }, CAUSE);
  plan.add("child", "move_mount", { from: made, to }, CAUSE);
  plan.close("child", to, CAUSE);
  return made;
}

function device(plan: PlanBuilder, dev: number, name: string, major: number, minor: number): void {
  plan.add("child", "mknod", { at: dev, path: name, mode: S_IFCHR | 0o666, major, minor, uid: 0, gid: 0 }, CAUSE);
}

export interface ExecOptions {
  readonly argv: readonly string[];
  readonly env?: readonly string[];
  readonly tty?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly stdin?: number;
  readonly uid?: number;
  readonly cgroup?: string | undefined;
  readonly cwd?: string;
}

/** A process that joins the container of the shim. */
export function execPlan(options: ExecOptions): Plan {
  const plan = new PlanBuilder();
  const tty = options.tty === true;
  const io = { tty: tty ? 1 : 0, stdin: options.stdin ?? 0, stdout: tty ? 0 : 1, stderr: tty ? 0 : 1, log: "" };
  plan.add("host", "io", io, CAUSE);
  const pidfd = plan.open("host", "pidfd", { pid: 0 }, CAUSE);
  const cgroup =
    options.cgroup === undefined
      ? NO_REG
      : plan.open(
          "host",
          "open",
          { at: NO_REG, path: options.cgroup, flags: O.RDONLY | O.DIRECTORY, mode: 0, resolve: 0 },
          CAUSE,
        );
  plan.add("host", "setns", { reg: pidfd, types: CLONE.NEWPID }, CAUSE);
  plan.open("host", "fork", { who: WHO.child, flags: 0, cgroup }, CAUSE);
  plan.add("child", "dumpable", { value: 0 }, CAUSE);
  plan.add("child", "setsid", {}, CAUSE);
  plan.add("child", "setns", { reg: pidfd, types: (NAMESPACES & ~CLONE.NEWPID) | CLONE.NEWCGROUP }, CAUSE);
  if (tty)
    plan.add("inside", "console", { at: NO_REG, columns: options.columns ?? 80, rows: options.rows ?? 24 }, CAUSE);
  plan.add("inside", "chdir", { path: options.cwd ?? "/", create: 0 }, CAUSE);
  plan.add("inside", "stdio", { uid: options.uid ?? 0, gid: 0 }, CAUSE);
  plan.add("inside", "ids", { uid: options.uid ?? 0, gid: 0, groups: [] }, CAUSE);
  plan.add("inside", "exec", { argv: options.argv, env: options.env ?? ["PATH=/bin"] }, CAUSE);
  plan.add("host", "started", { who: WHO.child }, CAUSE);
  return plan.build();
}

export function readRecord(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
}

export interface LogLine {
  readonly time: string;
  readonly stream: string;
  readonly tag: string;
  readonly text: string;
}

/** Throws for a line that is not in the CRI format. */
export function readLog(path: string): LogLine[] {
  const content = readFileSync(path, "latin1");
  if (content !== "" && !content.endsWith("\n")) throw new Error("the log ends inside a line");
  return content
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z) (stdout|stderr) ([PF]) (.*)$/s.exec(line);
      if (match === null) throw new Error(`not a line of a log: ${JSON.stringify(line.slice(0, 100))}`);
      const [, time = "", stream = "", tag = "", text = ""] = match;
      return { time, stream, tag, text };
    });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function eventually(what: string, test: () => boolean, limitMs = 5_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!test()) {
    if (performance.now() > deadline) throw new Error(`${what}: not after ${limitMs} ms`);
    await sleep(10);
  }
}
