// Runs the node suite on a host of its own: node-suite.ts starts this. The request is the first argument, as JSON.
// Exit code 0: nothing unexpected, and nothing left behind.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, copyFileSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { packageRoot } from "../../../agent/base/paths.ts";
import { findHierarchy } from "../../../agent/system/cgroupfs.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { unexpected } from "../expectations.ts";
import { Registry, writeMirrors } from "../images/serve.ts";
import { readJunit } from "../junit.ts";
import { counts, reportText } from "../report.ts";
import { TOOLS_DIR } from "../tools/build.ts";
import { CRI_SOCKET, NODE_NAME, RUN_DIR, lastCommand, setUpHost, writeKubelet } from "./host.ts";
import type { NodeSuiteRequest } from "./request.ts";
import { judgeByStock, readStock } from "./stock.ts";

const SELECTED = "\\[NodeConformance\\]";
const PASSED_OVER = "\\[Flaky\\]|\\[Slow\\]|\\[Serial\\]";
const SUITE_LIMIT_MS = 100 * 60_000;
/** For the report, when the suite's own limit ended it. */
const REPORT_MS = 5 * 60_000;
const REGISTRY_PORT = 5_000;

/** The defaults of the suite's own configuration, which it leaves out when a file is given. */
const KUBELET_CONFIGURATION = {
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  cgroupRoot: "/",
  volumeStatsAggPeriod: "10s",
  serializeImagePulls: false,
  fileCheckFrequency: "10s",
  podCIDR: "10.100.0.0/24",
  evictionPressureTransitionPeriod: "30s",
  evictionHard: { "memory.available": "250Mi", "nodefs.available": "10%", "nodefs.inodesFree": "5%" },
  evictionMinimumReclaim: { "nodefs.available": "5%", "nodefs.inodesFree": "5%" },
};

/** The suite looks for kernel options and controllers that development hosts lack. */
const SYSTEM_SPEC = { os: "Linux", kernelSpec: { versions: [".*"] } };

const request = JSON.parse(process.argv[2] ?? "") as NodeSuiteRequest;
const { directory, name } = request;
mkdirSync(request.reports, { recursive: true });
const report = join(request.reports, name);
for (const suffix of [".md", ".xml", ".log", ".kubelet.log"]) rmSync(report + suffix, { force: true });
const results = join(directory, "results");
const certs = join(directory, "certs.d");
mkdirSync(results);

async function runSuite(): Promise<number | null> {
  const work = join(directory, "work");
  const temporary = join(directory, "tmp");
  for (const path of [work, temporary]) mkdirSync(path);
  const configuration = join(directory, "kubelet.json");
  writeFileSync(configuration, JSON.stringify(KUBELET_CONFIGURATION));
  const systemSpec = join(directory, "system-spec.json");
  writeFileSync(systemSpec, JSON.stringify(SYSTEM_SPEC));
  const log = openSync(`${report}.log`, "w");
  // ginkgo runs it in its own directory, and there it writes.
  const suite = join(work, "e2e_node.test");
  copyFileSync(join(TOOLS_DIR, "e2e_node.test"), suite);
  const child = spawn(
    join(TOOLS_DIR, "e2e-ginkgo"),
    [
      `--timeout=${SUITE_LIMIT_MS / 60_000}m`,
      `--procs=${request.procs}`,
      ...(request.focus === ""
        ? [`--focus=${SELECTED}`]
        : [`--focus=${request.focus}`, "--label-filter=NodeConformance"]),
      `--skip=${PASSED_OVER}`,
      `--junit-report=suite.xml`,
      `--output-dir=${results}`,
      "--no-color",
      "-v",
      suite,
      "--",
      `--k8s-bin-dir=${writeKubelet(directory, certs)}`,
      `--container-runtime-endpoint=unix://${CRI_SOCKET}`,
      `--kubelet-config-file=${configuration}`,
      `--system-spec-file=${systemSpec}`,
      `--node-name=${NODE_NAME}`,
      `--report-dir=${results}`,
      "--prepull-images=false",
    ],
    {
      cwd: work,
      stdio: ["ignore", log, log],
      env: { ...process.env, TMPDIR: temporary },
      timeout: SUITE_LIMIT_MS + REPORT_MS,
      killSignal: "SIGKILL",
    },
  );
  const [code] = (await once(child, "exit")) as [number | null];
  closeSync(log);
  return code;
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
let left: readonly string[] = [];
const began = performance.now();
setUpHost(directory);
{
  const storage = join(directory, "registry");
  await using registry = await Registry.start({ directory: storage, port: REGISTRY_PORT, images: request.images });
  writeMirrors(certs, registry.address);
  const before = await takePicture(ownProcesses);
  const code = await runSuite();
  const kubeletLog = join(results, "kubelet.log");
  if (existsSync(kubeletLog)) copyFileSync(kubeletLog, `${report}.kubelet.log`);
  const junit = join(results, "suite.xml");
  if (existsSync(junit)) copyFileSync(junit, `${report}.xml`);
  else problems.push(`the suite ended with ${code} and without a report`);
  await endPods();
  // What goes is of others, whose mounts were there when this namespace began.
  left = (await settledDifference(before, ownProcesses)).filter((line) => line.includes(": left behind: "));
}

const controllers = [...(findHierarchy()?.controllers ?? [])];
const specs = existsSync(`${report}.xml`) ? readJunit(readFileSync(`${report}.xml`, "utf8")) : [];
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
