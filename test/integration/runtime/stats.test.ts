// Statistics of real containers: they move when the container does something.

import t from "tap";

import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { containerConfig, sandboxConfig, startRuntime } from "../../fixtures/runtime.ts";

const before = await takePicture(ownProcesses);
const node = await startRuntime("stat");
t.teardown(() => node.remove());
const { runtime } = node;

const config = sandboxConfig(node.logs, { labels: { app: "web" } });
const { podSandboxId = "" } = await runtime.runPodSandbox({ config });
const { containerId = "" } = await runtime.createContainer({
  podSandboxId,
  config: containerConfig(["sh", "-c", "while true; do sleep 0.1; done"], { labels: { tier: "front" } }),
  sandboxConfig: config,
});
await runtime.startContainer({ containerId });

async function inside(command: string): Promise<string> {
  const { stdout } = await runtime.execSync({ containerId, cmd: ["sh", "-c", command], timeout: 60n });
  return Buffer.from(stdout ?? []).toString();
}

t.test("cpu, memory, layer and network of a container and its pod", async (t) => {
  const { stats: first } = await runtime.containerStats({ containerId });
  t.equal(first?.attributes?.id, containerId);
  t.match(first?.attributes?.labels, { tier: "front" });
  t.ok(Number(first?.memory?.workingSetBytes?.value ?? 0n) > 0);
  t.ok(Number(first?.writableLayer?.inodesUsed?.value ?? 0n) > 0);
  const { stats: podBefore } = await runtime.podSandboxStats({ podSandboxId });
  t.match(podBefore?.attributes?.labels, { app: "web" });
  t.equal(podBefore?.linux?.containers?.length, 1);
  t.ok((podBefore?.linux?.process?.processCount?.value ?? 0n) >= 1n);
  t.equal(podBefore?.linux?.network?.defaultInterface?.name, "eth0");

  const used = first?.cpu?.usageCoreNanoSeconds?.value ?? 0n;
  await inside("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done");
  await inside("ping -c 3 -i 0.2 -W 1 10.219.0.1 || true");
  for (;;) {
    const { stats } = await runtime.containerStats({ containerId });
    if ((stats?.cpu?.usageCoreNanoSeconds?.value ?? 0n) > used && (stats?.cpu?.usageNanoCores?.value ?? 0n) > 0n) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  t.pass("the CPU was counted");
  for (;;) {
    const { stats } = await runtime.podSandboxStats({ podSandboxId });
    const sent = stats?.linux?.network?.defaultInterface?.txBytes?.value ?? 0n;
    if (sent > (podBefore?.linux?.network?.defaultInterface?.txBytes?.value ?? 0n)) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  t.pass("the packets were counted");
});

t.test("lists, streams and their filters", async (t) => {
  const ids = async (filter: object): Promise<(string | undefined)[]> =>
    ((await runtime.listContainerStats({ filter })).stats ?? []).map(({ attributes }) => attributes?.id);
  t.same(await ids({}), [containerId]);
  t.same(await ids({ podSandboxId }), [containerId]);
  t.same(await ids({ labelSelector: { tier: "front" } }), [containerId]);
  t.same(await ids({ labelSelector: { tier: "back" } }), []);
  t.same(await ids({ id: "0000" }), []);
  const streamed = await Array.fromAsync(runtime.streamContainerStats({}));
  t.same(
    streamed.flatMap(({ containerStats = [] }) => containerStats.map(({ attributes }) => attributes?.id)),
    [containerId],
  );
  t.equal((await runtime.listPodSandboxStats({ filter: { labelSelector: { app: "web" } } })).stats?.length, 1);
  t.equal((await runtime.listPodSandboxStats({ filter: { labelSelector: { app: "no" } } })).stats?.length, 0);
  t.equal((await Array.fromAsync(runtime.streamPodSandboxStats({}))).length, 1);
  await t.rejects(runtime.containerStats({ containerId: "none" }), { code: "not-found" });
  await t.rejects(runtime.podSandboxStats({ podSandboxId: "none" }), { code: "not-found" });
});

t.test("metrics", async (t) => {
  const { descriptors = [] } = await runtime.listMetricDescriptors({});
  t.equal(descriptors.length, 56);
  const { podMetrics = [] } = await runtime.listPodSandboxMetrics({});
  t.equal(podMetrics.length, 1);
  const [pod] = podMetrics;
  t.equal(pod?.podSandboxId, podSandboxId);
  const metrics = [...(pod?.metrics ?? []), ...(pod?.containerMetrics?.flatMap(({ metrics: own = [] }) => own) ?? [])];
  const value = (name: string): bigint | undefined => metrics.find((metric) => metric.name === name)?.value?.value;
  t.ok((value("container_processes") ?? 0n) >= 1n);
  t.ok((value("container_file_descriptors") ?? 0n) >= 3n);
  t.equal(value("container_ulimits_soft"), 1024n);
  t.ok((value("container_network_transmit_bytes_total") ?? 0n) > 0n);
  t.ok((value("container_fs_limit_bytes") ?? 0n) > 0n);
  t.ok((value("container_start_time_seconds") ?? 0n) > 1_700_000_000n);
  for (const metric of metrics) {
    const keys = descriptors.find(({ name }) => name === metric.name)?.labelKeys;
    if (metric.labelValues?.length !== keys?.length) t.fail(`${metric.name} has other labels than its descriptor`);
  }
  t.equal((await Array.fromAsync(runtime.streamPodSandboxMetrics({}))).length, 1);
});

t.test("a container that has ended has its layer's figures alone", async (t) => {
  await runtime.stopContainer({ containerId, timeout: 0n });
  const { stats } = await runtime.containerStats({ containerId });
  t.equal(stats?.cpu, undefined);
  t.equal(stats?.memory, undefined);
  t.ok(stats?.writableLayer);
  t.same((await runtime.listContainerStats({})).stats, []);
});

t.test("what was made is gone", async (t) => {
  await node.remove();
  t.strictSame(await settledDifference(before, ownProcesses), [], "nothing is left");
});
