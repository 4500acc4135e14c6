// What the suite finds on its host: directories of its own where kubelet's fixed paths lie, an address, and no systemd.

import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { packageRoot } from "../../../agent/base/paths.ts";

export const NODE_NAME = "node-suite";
export const RUN_DIR = "/run/nodelet";
export const CRI_SOCKET = join(RUN_DIR, "cri.sock");

/** The suite's own choice. */
const ROOT_DIR = "/var/lib/kubelet";

const ADDRESS = "10.250.0.2";
const ROUTER = "10.250.0.1";

/** The suite's own paths, and what pods' logs are under. Nobody else's files are seen or written there. */
const OWN_PLACES = ["/var/lib", "/var/log"];

/** The suite would start the kubelet as a unit of a systemd that is not there. */
const HIDDEN_PROGRAMS = ["/usr/bin/systemd-run", "/usr/bin/journalctl"];

/** In a mount and a network namespace of its own only. */
export function setUpHost(directory: string): void {
  for (const place of OWN_PLACES) {
    const own = join(directory, place);
    mkdirSync(own, { recursive: true });
    execFileSync("mount", ["--bind", own, place]);
  }
  // As the daemon makes it where it is not yet.
  mkdirSync(ROOT_DIR, { recursive: true });
  execFileSync("mount", ["--bind", "--make-shared", ROOT_DIR, ROOT_DIR]);
  for (const program of HIDDEN_PROGRAMS) {
    try {
      execFileSync("mount", ["--bind", "/dev/null", program], { stdio: "ignore" });
    } catch {
      // It is not on this host.
    }
  }
  const ip = (...args: readonly string[]): void => void execFileSync("ip", args);
  ip("link", "add", "node0", "type", "veth", "peer", "name", "router0");
  ip("address", "add", `${ADDRESS}/24`, "dev", "node0");
  for (const link of ["router0", "node0"]) ip("link", "set", link, "up");
  ip("route", "add", "default", "via", ROUTER);
}

/** Flags of the daemon, whichever way it is started. */
function daemonFlags(registries: string): readonly string[] {
  return [
    `--run-dir=${RUN_DIR}`,
    `--registry-config-path=${registries}`,
    "--network=builtin",
    "--pod-cidr=10.100.0.0/16",
    "--allow-missing-cgroup-controllers",
  ];
}

/** A directory with nothing but a program called kubelet. */
export function writeKubelet(directory: string, registries: string): string {
  const programs = join(directory, "bin");
  mkdirSync(programs, { recursive: true });
  writeFileSync(
    join(programs, "kubelet"),
    `#!/bin/sh\nexec ${join(packageRoot(), "bin", "nodelet")} agent ${daemonFlags(registries).join(" ")} "$@"\n`,
    { mode: 0o755 },
  );
  return programs;
}

/** To end the pods that the suite left: an agent that knows no API server. */
export function lastCommand(registries: string): readonly string[] {
  return ["agent", ...daemonFlags(registries), "--healthz-port=0"];
}
