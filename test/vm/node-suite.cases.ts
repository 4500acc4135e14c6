// The specs of Kubernetes' node suite that read cgroups, which fail on a host without controllers, with the stock kubelet too: here they
// pass. And what one of them takes for granted where there is no cgroup v1: that the group of a pod with overhead has its limits.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t from "tap";

import { cachedImages } from "../conformance/images/cached.ts";
import { focusOn } from "../conformance/ginkgo.ts";
import { ownName, readJunit } from "../conformance/junit.ts";
import { KUBELET_CONFIGURATION, SYSTEM_SPEC } from "../conformance/node-suite/configuration.ts";
import { excused, readStock } from "../conformance/node-suite/stock.ts";
import { goObstacle } from "../conformance/tools/build.ts";
import { ControlPlane, freePorts } from "../fixtures/control-plane.ts";
import { readOnlyDisk } from "./content-disk.ts";
import { CRI_SOCKET, mountTools, TOOLS, toolsDisk } from "./cri.ts";
import { copyImages } from "./image-layout.ts";
import { CA_FILE, joinMachine, nodePort, serverOf } from "./joined-node.ts";
import { GUEST, Machine } from "./machine.ts";

/** What the specs pull, had they to. */
const IMAGES = [
  "registry.k8s.io/e2e-test-images/busybox:1.37.0-1",
  "registry.k8s.io/e2e-test-images/agnhost:2.63.0",
  "registry.k8s.io/pause:3.10.2",
];

const NODE_NAME = "node-suite";
const WORK = "/root/suite";
const RESULTS = "/root/results";

const START_LIMIT_SECONDS = 600;
const SUITE_LIMIT_SECONDS = 1_500;

/** With what the suite changes in it when it starts the kubelet itself. */
const CONFIGURATION = {
  ...KUBELET_CONFIGURATION,
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false }, x509: { clientCAFile: CA_FILE } },
  authorization: { mode: "AlwaysAllow" },
  readOnlyPort: 10_255,
};

/** Of the pod that a spec gives an overhead: 100m and 100Mi of its container, 200m and 140Mi over them. */
const WITH_OVERHEAD = { memory: String((100 + 140) << 20), cpu: "30000 100000" };

/** Which a node's runtime has, say the specs. */
const HANDLER = "--runtime-handlers=test-handler";

const TOKEN = "of-the-suite";

/** Prints the limits of each group of a Guaranteed pod that it comes to see, as long as the suite runs. */
const WATCH = `#!/bin/bash
declare -A seen
while :; do
  for group in /sys/fs/cgroup/kubepods/pod*; do
    [[ -d $group ]] || continue
    limits="$(<"$group/memory.max") $(<"$group/cpu.max")"
    [[ -n \${seen[$limits]} ]] || echo "$limits"
    seen[$limits]=1
  done 2>/dev/null
  sleep 0.5
done >${RESULTS}/limits
`;

/** Looks now and then only: each look costs an emulated processor what the suite could do. */
const UNTIL_IT_ENDS = "for look in {1..10}; do systemctl is-active suite || exit 0; sleep 5; done; exit 1";

const obstacle = goObstacle();

const SPECS = excused(readStock(), { controllers: [] });

await t.test("specs that read cgroups", { skip: obstacle ?? false }, async (t) => {
  if (!t.ok(SPECS.length > 0, "there are some")) return;
  const images = await cachedImages("kubernetes");
  await using parts = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), "ndl-suite-"));
  parts.defer(() => rmSync(directory, { recursive: true, force: true }));
  const [port = 0] = await freePorts(1);
  const plane = parts.use(
    await ControlPlane.start(join(directory, "plane"), {
      tokens: [{ token: TOKEN, user: "suite", groups: ["system:masters"] }],
      apiServerFlags: ["--disable-admission-plugins=TaintNodesByCondition"],
    }),
  );
  const disk = parts.use(
    await toolsDisk(["e2e_node.test"], async (content) => {
      await copyImages(images, join(content, "images"), IMAGES);
    }),
  );
  const machine = parts.use(await Machine.boot({ ...nodePort(port), disks: [readOnlyDisk("tools", disk.path)] }));
  await mountTools(machine);
  // Where nobody answers, at once: a spec's containers ask for a name all the time.
  await machine.do(`echo nameserver ${GUEST} >/etc/resolv.conf`);
  await joinMachine(machine, { plane, nodeName: NODE_NAME, port, configuration: CONFIGURATION, flags: [HANDLER] });
  await machine.until("the images", `nodelet load ${TOOLS}/images`, START_LIMIT_SECONDS);

  await machine.writeFile(`${WORK}/system-spec.json`, JSON.stringify(SYSTEM_SPEC));
  await machine.writeFile(`${WORK}/kubelet.json`, JSON.stringify(CONFIGURATION));
  await machine.writeFile(`${WORK}/watch`, WATCH);
  await machine.writeFile(
    `${WORK}/run`,
    `#!/bin/sh
exec ${TOOLS}/e2e_node.test '--ginkgo.focus=${focusOn(SPECS).replaceAll("'", "'\\''")}' \\
  --ginkgo.junit-report=${RESULTS}/suite.xml --ginkgo.timeout=${SUITE_LIMIT_SECONDS}s --ginkgo.no-color --ginkgo.v \\
  --start-services=false --host=${serverOf(plane)} --bearer-token=${TOKEN} --container-runtime-endpoint=${CRI_SOCKET} --kubelet-config-file=${WORK}/kubelet.json \\
  --system-spec-file=${WORK}/system-spec.json --node-name=${NODE_NAME} --report-dir=${RESULTS} --prepull-images=false
`,
  );
  await machine.do(`
    mkdir -p ${RESULTS}
    chmod +x ${WORK}/run ${WORK}/watch
    systemd-run --quiet --unit=watch ${WORK}/watch
    systemd-run --quiet --unit=suite --working-directory=${WORK} --setenv=HOME=/root -p StandardOutput=file:${RESULTS}/log -p StandardError=file:${RESULTS}/log ${WORK}/run`);

  await machine.until("the end of the suite", UNTIL_IT_ENDS, SUITE_LIMIT_SECONDS + START_LIMIT_SECONDS);
  const junit = readJunit(await machine.do(`cat ${RESULTS}/suite.xml || { tail ${RESULTS}/log >&2; false; }`));
  const results = new Map(junit.map((result) => [ownName(result.name), result]));
  for (const name of SPECS) {
    const { outcome, message } = results.get(name) ?? { outcome: "did not run", message: "" };
    t.equal(outcome, "passed", `${name} ${message}`);
  }
  if (!t.passing()) t.comment(await machine.do(`tail -n 150 ${RESULTS}/log; journalctl -u kubelet -n 40 --no-pager`));

  const limits = (await machine.do(`cat ${RESULTS}/limits`)).split("\n");
  t.ok(
    limits.includes(`${WITH_OVERHEAD.memory} ${WITH_OVERHEAD.cpu}`),
    `the limits of a pod with overhead: ${limits.join("; ")}`,
  );
});
