// The anchors: crun and runc with the same specification, timed from a shell, which forks faster than Node.js.

import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Longest time for one series. */
const SERIES_TIMEOUT_MS = 300_000;

export interface OciBenchOptions {
  /** An OCI runtime spec; its root is replaced by `rootfs`. */
  readonly spec: object;
  /** A plain directory: these runtimes mount no overlay. */
  readonly rootfs: string;
  /** For bundles and state. */
  readonly directory: string;
  readonly count: number;
  readonly warmup: number;
}

/** Milliseconds of each `run`, from start to exit and removal. */
export function timeOciRun(binary: string, options: OciBenchOptions): Promise<number[]> {
  return timeCommand(binary, "run", options, (command, bundle) => ({
    before: "",
    each: `${command} run --bundle ${bundle} bench-$$-$i`,
  }));
}

/** Milliseconds of each `exec` of \`true\` into one running container. */
export function timeOciExec(binary: string, options: OciBenchOptions): Promise<number[]> {
  return timeCommand(binary, "exec", options, (command, bundle) => ({
    before: `id=bench-exec-$$
      ${command} run --detach --bundle ${bundle} $id </dev/null >/dev/null 2>&1
      trap '${command} delete --force $id' EXIT`,
    each: `${command} exec $id true`,
  }));
}

/** On a host without the unified cgroup tree at its usual place they get one in a mount namespace of their own. */
async function timeCommand(
  binary: string,
  name: string,
  options: OciBenchOptions,
  commands: (command: string, bundle: string) => { before: string; each: string },
): Promise<number[]> {
  const bundle = join(options.directory, `${binary}-${name}`);
  mkdirSync(bundle, { recursive: true });
  writeFileSync(join(bundle, "config.json"), JSON.stringify({ ...options.spec, root: { path: options.rootfs } }));
  const manager = binary === "crun" ? "--cgroup-manager=cgroupfs" : "";
  const { before, each } = commands(`${binary} ${manager} --root ${bundle}/state`, bundle);
  const script = `
    set -eu
    [ -e /sys/fs/cgroup/cgroup.controllers ] || mount -t cgroup2 none /sys/fs/cgroup
    mkdir -p ${bundle}/state
    ${before}
    for i in $(seq ${options.count + options.warmup}); do
      before=$EPOCHREALTIME
      ${each} </dev/null >/dev/null
      after=$EPOCHREALTIME
      echo "$before $after"
    done`;
  const { stdout } = await run("unshare", ["--mount", "--propagation", "private", "bash", "-c", script], {
    timeout: SERIES_TIMEOUT_MS,
    maxBuffer: 1 << 24,
  });
  return stdout
    .trim()
    .split("\n")
    .slice(options.warmup)
    .map((line) => {
      const [from = "0", to = "0"] = line.split(" ");
      return (Number(to) - Number(from)) * 1000;
    });
}
