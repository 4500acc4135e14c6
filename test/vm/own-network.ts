// A network of a test's own on the host: its loopback, and one address more, at which a machine stands for a node. An API server passes
// nothing on to a node at a loopback address.

import { spawn } from "node:child_process";
import { once } from "node:events";

import { packageRoot } from "../../agent/base/paths.ts";
import { vmImage } from "../../scripts/vm-image.ts";

/** Of nobody else in there. */
export const NODE_ADDRESS = "10.77.0.1";

const SET_UP = 'ip link set lo up && ip address add "$0" dev lo && exec "$@"';

/** Runs a file there, and passes on what it prints and its exit code. Nothing outside can be reached from it: the machine's image is made before. */
export async function runInOwnNetwork(file: string): Promise<void> {
  await vmImage();
  const inside = ["sh", "-c", SET_UP, `${NODE_ADDRESS}/32`, process.execPath, file];
  const child = spawn("unshare", ["--net", ...inside], { cwd: packageRoot(), stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  process.exitCode = code ?? 1;
}
