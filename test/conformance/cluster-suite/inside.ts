// Runs the cluster suite on a host of its own: cluster-suite.ts starts this. The first argument is the file of the request, as JSON.
// Exit code 0: nothing unexpected, and nothing left behind.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { packageRoot } from "../../../agent/base/paths.ts";
import { findHierarchy } from "../../../agent/system/cgroupfs.ts";
import { Cluster, hostAddress } from "../../fixtures/cluster.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { unexpected } from "../expectations.ts";
import { Registry, writeMirrors } from "../images/serve.ts";
import type { SpecResult } from "../junit.ts";
import { countText, reportText } from "../report.ts";
import type { ClusterSuiteRequest } from "./request.ts";
import { runSpecs } from "./run.ts";
import { judgeCluster, othersText, runnable } from "./specs.ts";

const SUITE_LIMIT_MS = 200 * 60_000;
const REGISTRY_PORT = 5_000;
/** Of the cluster: no other is on this host. */
const NUMBER = 0;

const request = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as ClusterSuiteRequest;
const { directory, name } = request;
mkdirSync(request.reports, { recursive: true });
const report = join(request.reports, name);
const host = { controllers: [...(findHierarchy()?.controllers ?? [])] };
for (const suffix of [".md", ".xml", ".log"]) rmSync(report + suffix, { force: true });

async function startDns(cluster: Cluster): Promise<void> {
  await cluster.load(request.dns);
  await cluster.kubectl("apply", "-f", join(packageRoot(), "examples", "cluster", "dns.yaml"));
  await cluster.kubectl("-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=180s");
}

const problems: string[] = [];
let results: readonly SpecResult[] = [];
let left: readonly string[] = [];
const began = performance.now();
{
  const storage = join(directory, "registry");
  const { images } = request;
  await using registry = await Registry.start({
    directory: storage,
    port: REGISTRY_PORT,
    images,
    host: hostAddress(NUMBER),
  });
  const certs = join(directory, "certs.d");
  writeMirrors(certs, registry.address);
  const before = await takePicture(ownProcesses);
  {
    await using cluster = await Cluster.start(join(directory, "cluster"), {
      number: NUMBER,
      runDirectory: "/run/cluster",
      nodelet: [join(packageRoot(), "bin", "nodelet")],
      flags: [`--registry-config-path=${certs}`],
    });
    await startDns(cluster);
    const { results: ended, problem } = await runSpecs({
      specs: runnable(request.specs, host),
      kubeconfig: cluster.plane.kubeconfig,
      directory,
      procs: request.procs,
      limitMs: SUITE_LIMIT_MS,
      report,
    });
    results = ended;
    if (problem !== undefined) problems.push(problem);
    for (const node of cluster.nodes) writeFileSync(`${report}.${node.name}.log`, node.log());
  }
  // What goes is of others, whose mounts were there when this namespace began.
  left = (await settledDifference(before, ownProcesses)).filter((line) => line.includes(": left behind: "));
}

const { node: verdicts, others } = judgeCluster(results, request.specs, host);
const seconds = (performance.now() - began) / 1_000;
writeFileSync(`${report}.md`, reportText({ title: name, seconds, verdicts }) + othersText(others));
for (const { name: spec, outcome, message } of unexpected(verdicts))
  problems.push(`${outcome}: ${spec}${message === "" ? "" : `: ${message.split("\n", 1)[0]}`}`);
for (const difference of left) problems.push(`left: ${difference}`);
console.log(`# ${name}: of the node: ${countText(verdicts)}; ${Math.round(seconds)} s; ${report}.md`);
if (others.length > 0) console.log(`# ${name}: others: ${countText(others)}`);
for (const problem of problems) console.log(`# ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
