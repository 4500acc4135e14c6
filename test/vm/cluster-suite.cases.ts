// The conformance specs that a host without cgroup controllers cannot show: pods are resized in place, and the kernel has the new limits.
// The node is a test machine; the control plane and the suite run on the host.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t from "tap";

import { NODES } from "../../agent/kube/resources.ts";
import { runSpecs } from "../conformance/cluster-suite/run.ts";
import { conformanceSpecs, isNodeSpec, notRunnable } from "../conformance/cluster-suite/specs.ts";
import { cachedImages } from "../conformance/images/cached.ts";
import { ownName } from "../conformance/junit.ts";
import { goObstacle } from "../conformance/tools/build.ts";
import { ControlPlane, freePorts } from "../fixtures/control-plane.ts";
import { eventually } from "../fixtures/eventually.ts";
import { readOnlyDisk } from "./content-disk.ts";
import { mountTools, TOOLS, toolsDisk } from "./cri.ts";
import { copyImages } from "./image-layout.ts";
import { joinMachine, nodePort } from "./joined-node.ts";
import { Machine } from "./machine.ts";

const NODE_NAME = "machine";
const IMAGES = ["registry.k8s.io/e2e-test-images/busybox:1.37.0-1"];

/** A spec mostly waits for commands in containers that have a fiftieth of an emulated processor. */
const PROCESSES = 6;

/** In software everything takes its time. */
const START_LIMIT_MS = 600_000;
const SUITE_LIMIT_MS = 1_800_000;
const LOG_TAIL = 8_000;

const obstacle = goObstacle();

await t.test("specs that read limits", { skip: obstacle ?? false }, async (t) => {
  const specs = notRunnable(conformanceSpecs().filter(isNodeSpec), { controllers: [] });
  if (!t.ok(specs.length > 0, "there are some")) return;
  const images = await cachedImages("kubernetes");
  await using parts = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), "ndl-specs-"));
  parts.defer(() => rmSync(directory, { recursive: true, force: true }));
  const [port = 0] = await freePorts(1);
  const plane = parts.use(
    await ControlPlane.start(join(directory, "plane"), { scheduler: true, controllerManager: true }),
  );
  const disk = parts.use(
    await toolsDisk([], async (content) => {
      await copyImages(images, join(content, "images"), IMAGES);
    }),
  );
  const machine = parts.use(await Machine.boot({ ...nodePort(port), disks: [readOnlyDisk("tools", disk.path)] }));
  await mountTools(machine);
  await joinMachine(machine, { plane, nodeName: NODE_NAME, port });
  await machine.until("the image", `nodelet load ${TOOLS}/images`, START_LIMIT_MS / 1_000);
  const client = await plane.client();
  await eventually(
    "a ready node",
    async () => {
      const node = await client.get(NODES, NODE_NAME).catch(() => undefined);
      return node?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
    },
    START_LIMIT_MS,
  );

  const report = join(directory, "suite");
  const { results, problem } = await runSpecs({
    specs,
    kubeconfig: plane.kubeconfig,
    directory,
    procs: PROCESSES,
    limitMs: SUITE_LIMIT_MS,
    report,
  });
  t.equal(problem, undefined, "the suite came to its report");
  const byName = new Map(results.map((result) => [ownName(result.name), result]));
  for (const name of specs) {
    const { outcome, message } = byName.get(ownName(name)) ?? { outcome: "did not run", message: "" };
    t.equal(outcome, "passed", `${name} ${message}`);
  }
  if (t.passing()) return;
  t.comment(readFileSync(`${report}.log`, "utf8").slice(-LOG_TAIL));
  t.comment(await machine.do("journalctl -u kubelet -n 60 --no-pager"));
});
