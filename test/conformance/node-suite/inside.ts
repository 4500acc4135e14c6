// Runs the node suite on a host of its own: node-suite.ts starts this. The request is the first argument, as JSON.
// Exit code 0: nothing unexpected, and nothing left behind.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { packageRoot } from "../../../agent/base/paths.ts";
import { findHierarchy } from "../../../agent/system/cgroupfs.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { unexpected } from "../expectations.ts";
import { type GinkgoResult, runGinkgo } from "../ginkgo.ts";
import { Registry, writeMirrors } from "../images/serve.ts";
import type { SpecResult } from "../junit.ts";
import { counts, reportText } from "../report.ts";
import { KUBELET_CONFIGURATION, SYSTEM_SPEC } from "./configuration.ts";
import { CRI_SOCKET, NODE_NAME, RUN_DIR, lastCommand, setUpHost, writeKubelet } from "./host.ts";
import type { NodeSuiteRequest } from "./request.ts";
import { judgeByStock, readStock } from "./stock.ts";

const SELECTED = "\\[NodeConformance\\]";
const PASSED_OVER = "\\[Flaky\\]|\\[Slow\\]|\\[Serial\\]";
const SUITE_LIMIT_MS = 100 * 60_000;
const REGISTRY_PORT = 5_000;

const request = JSON.parse(process.argv[2] ?? "") as NodeSuiteRequest;
const { directory, name } = request;
mkdirSync(request.reports, { recursive: true });
const report = join(request.reports, name);
for (const suffix of [".md", ".xml", ".log", ".kubelet.log"]) rmSync(report + suffix, { force: true });
const results = join(directory, "results");
const certs = join(directory, "certs.d");
mkdirSync(results);

async function runSuite(): Promise<GinkgoResult> {
  const configuration = join(directory, "kubelet.json");
  writeFileSync(configuration, JSON.stringify(KUBELET_CONFIGURATION));
  const systemSpec = join(directory, "system-spec.json");
  writeFileSync(systemSpec, JSON.stringify(SYSTEM_SPEC));
  const focus =
    request.focus === "" ? [`--focus=${SELECTED}`] : [`--focus=${request.focus}`, "--label-filter=NodeConformance"];
  return await runGinkgo({
    suite: "e2e_node.test",
    directory,
    procs: request.procs,
    selection: [...focus, `--skip=${PASSED_OVER}`],
    flags: [
      `--k8s-bin-dir=${writeKubelet(directory, certs)}`,
      `--container-runtime-endpoint=unix://${CRI_SOCKET}`,
      `--kubelet-config-file=${configuration}`,
      `--system-spec-file=${systemSpec}`,
      `--node-name=${NODE_NAME}`,
      `--report-dir=${results}`,
      "--prepull-images=false",
    ],
    limitMs: SUITE_LIMIT_MS,
    report,
  });
}

/** The suite ends its kubelet, and pods run on without it. */
async function endPods(): Promise<void> {
  const nodelet = join(packageRoot(), "bin", "nodelet");
  const log = openSync(`${report}.kubelet.log`, "a");
  const env = { ...process.env, NODELET_RUN_DIR: RUN_DIR };
  const daemon = spawn(nodelet, lastCommand(certs), { stdio: ["ignore", log, log], env });
  const ended = once(daemon, "exit");
  const command = async (...args: readonly string[]): Promise<boolean> => {
    const [code] = (await once(spawn(nodelet, args, { stdio: ["ignore", log, log], env }), "exit")) as [number | null];
    return code === 0;
  };
  await eventually("the runtime answers", () => command("ps"));
  await command("stop", "--all", "--grace-period", "0");
  await ended;
  closeSync(log);
}

const problems: string[] = [];
let specs: readonly SpecResult[] = [];
let left: readonly string[] = [];
const began = performance.now();
setUpHost(directory);
{
  const storage = join(directory, "registry");
  await using registry = await Registry.start({ directory: storage, port: REGISTRY_PORT, images: request.images });
  writeMirrors(certs, registry.address);
  const before = await takePicture(ownProcesses);
  const { results: ended, problem } = await runSuite();
  specs = ended;
  if (problem !== undefined) problems.push(problem);
  const kubeletLog = join(results, "kubelet.log");
  if (existsSync(kubeletLog)) copyFileSync(kubeletLog, `${report}.kubelet.log`);
  await endPods();
  // What goes is of others, whose mounts were there when this namespace began.
  left = (await settledDifference(before, ownProcesses)).filter((line) => line.includes(": left behind: "));
}

const controllers = [...(findHierarchy()?.controllers ?? [])];
const verdicts = judgeByStock(specs, readStock(), { host: { controllers }, complete: request.focus === "" });
const seconds = (performance.now() - began) / 1_000;
writeFileSync(`${report}.md`, reportText({ title: name, seconds, verdicts }));
for (const { name: spec, outcome, message } of unexpected(verdicts))
  problems.push(`${outcome}: ${spec}${message === "" ? "" : `: ${message.split("\n", 1)[0]}`}`);
for (const difference of left) problems.push(`left: ${difference}`);
const { passed, failed, skipped } = counts(verdicts);
console.log(
  `# ${name}: ${passed} passed, ${failed} failed, ${skipped} skipped, ${Math.round(seconds)} s; ${report}.md`,
);
for (const problem of problems) console.log(`# ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
