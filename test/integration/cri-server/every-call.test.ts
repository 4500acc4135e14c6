// Each of the 43 calls over the socket of `nodelet cri`, whose flags say where its socket, its images and its network come from.
// time limit: 300 s

import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t from "tap";

import { ContainerState, MetricType, PodSandboxState } from "../../../agent/cri/runtime.ts";
import { services } from "../../../proto/cri/runtime.gen.js";
import { busyboxImage } from "../../../scripts/busybox-image.ts";
import { CADVISOR_METRICS } from "../../fixtures/cadvisor-metrics.ts";
import { connectCri, type CriClient } from "../../fixtures/cri-client.ts";
import { TestCri } from "../../fixtures/cri-daemon.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { containerConfig, sandboxConfig } from "../../fixtures/runtime.ts";
import { ScriptedRegistry } from "../../fixtures/scripted-registry.ts";

const UNIMPLEMENTED = 12;
const IMAGE = "images.example/busybox:1";

const directory = mkdtempSync(join(tmpdir(), "ndl-calls-"));
const before = await takePicture(ownProcesses);
const registry = await ScriptedRegistry.start();
registry.add("busybox", "1", busyboxImage());
const certs = join(directory, "certs.d");
mkdirSync(join(certs, "images.example"), { recursive: true });
writeFileSync(
  join(certs, "images.example", "hosts.toml"),
  `server = "https://images.example"\n[host."http://${registry.address}"]\n  capabilities = ["pull", "resolve"]\n`,
);

/** A plugin that says how it was called, and gives an address. */
const PLUGIN = `#!/bin/sh
echo "$CNI_COMMAND $CNI_PATH" >> ${directory}/plugin.log
case $CNI_COMMAND in
  VERSION) echo '{ "cniVersion": "1.1.0", "supportedVersions": ["1.0.0", "1.1.0"] }' ;;
  ADD) echo '{ "cniVersion": "1.0.0", "ips": [{ "address": "10.99.0.7/24" }] }' ;;
esac
`;
const [plugins, configurations] = [join(directory, "plugins"), join(directory, "net.d")];
for (const path of [plugins, configurations]) mkdirSync(path);
writeFileSync(join(plugins, "recorder"), PLUGIN, { mode: 0o755 });
writeFileSync(
  join(configurations, "10-recorder.conflist"),
  JSON.stringify({ cniVersion: "1.0.0", name: "recorder", plugins: [{ type: "recorder" }] }),
);

const socket = join(directory, "elsewhere.sock");
const daemon = new TestCri(6, [
  `--cri-socket=${socket}`,
  "--network=cni",
  `--cni-conf-dir=${configurations}`,
  `--cni-bin-dir=${plugins}`,
  `--cni-cache-dir=${join(directory, "cache")}`,
  `--registry-config-path=${certs}`,
  "--runtime-handlers=runc",
]);
await daemon.start([], socket);
t.teardown(async () => {
  await daemon[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const called = new Set<string>();
const connected = connectCri(socket);
t.teardown(() => connected[Symbol.dispose]());
const client = new Proxy(connected, {
  get(target, name: keyof CriClient) {
    if (typeof name === "string") called.add(name);
    return target[name];
  },
});

const config = sandboxConfig(daemon.logs, { labels: { app: "web" } });
let podSandboxId: string | undefined;
let containerId: string | undefined;

t.test("of the runtime", async (t) => {
  t.equal(statSync(socket).mode & 0o777, 0o600);
  t.match(await client.version({}), { runtimeName: "nodelet", runtimeApiVersion: "v1" });
  const { status, runtimeHandlers, info } = await client.status({ verbose: true });
  t.same(
    status?.conditions?.map(({ type, status: is }) => [type, is]),
    [
      ["RuntimeReady", true],
      ["NetworkReady", true],
    ],
  );
  t.same(runtimeHandlers?.map(({ name = "" }) => name).toSorted(), ["", "nodelet", "runc"]);
  t.not(Object.keys(info ?? {}).length, 0);
  t.match(await client.runtimeConfig({}), { linux: { cgroupDriver: 1 } });
  t.same(await client.updateRuntimeConfig({ runtimeConfig: { networkConfig: { podCidr: "10.0.0.0/24" } } }), {});
});

t.test("of images", async (t) => {
  const { imageRef } = await client.pullImage({ image: { image: IMAGE } });
  const { images = [] } = await client.listImages({});
  t.match(images, [{ id: imageRef, repoTags: [IMAGE] }]);
  t.same(await streamed(client.streamImages({}), ({ images: part }) => part), images);
  t.match(await client.imageStatus({ image: { image: IMAGE } }), { image: { id: imageRef } });
  t.equal((await client.imageStatus({ image: { image: "images.example/none:1" } })).image, undefined);
  const { imageFilesystems = [] } = await client.imageFsInfo({});
  t.ok((imageFilesystems[0]?.usedBytes?.value ?? 0n) > 0n);
});

t.test("of sandboxes and containers", async (t) => {
  await t.rejects(client.runPodSandbox({ config, runtimeHandler: "other" }), /no runtime handler "other"/);
  ({ podSandboxId } = await client.runPodSandbox({ config, runtimeHandler: "runc" }));
  const { status: sandbox } = await client.podSandboxStatus({ podSandboxId });
  t.equal(sandbox?.state ?? 0, PodSandboxState.SANDBOX_READY);
  t.match(sandbox, { runtimeHandler: "runc", network: { ip: "10.99.0.7" }, labels: { app: "web" } });
  t.match(readFileSync(join(directory, "plugin.log"), "utf8"), new RegExp(`^ADD ${plugins}`, "m"));
  const { items = [] } = await client.listPodSandbox({});
  t.equal(items.length, 1);
  t.same(await streamed(client.streamPodSandboxes({}), ({ podSandboxes }) => podSandboxes), items);

  const container = containerConfig(["sh", "-c", "while true; do echo line; sleep 0.1; done"], {
    image: { image: IMAGE },
  });
  ({ containerId } = await client.createContainer({ podSandboxId, config: container, sandboxConfig: config }));
  await client.startContainer({ containerId });
  const { containers = [] } = await client.listContainers({});
  t.match(containers, [{ id: containerId, state: ContainerState.CONTAINER_RUNNING }]);
  t.same(await streamed(client.streamContainers({}), (part) => part.containers), containers);
  const { status } = await client.containerStatus({ containerId });
  const now = BigInt(Date.now()) * 1_000_000n;
  for (const time of [status?.createdAt ?? 0n, status?.startedAt ?? 0n])
    t.ok(time > 2n ** 53n && time <= now + 1_000_000n && now - time < 600n * 10n ** 9n, `${time} nanoseconds`);
  t.ok((status?.startedAt ?? 0n) > (status?.createdAt ?? 0n), "started after it was created");

  const { stdout } = await client.execSync({ containerId, cmd: ["echo", "hello"] });
  t.equal(Buffer.from(stdout ?? []).toString(), "hello\n");
  await client.updateContainerResources({ containerId, linux: { cpuShares: 512n } });
  await client.updatePodSandboxResources({ podSandboxId, resources: { cpuShares: 256n } });

  const log = join(config.logDirectory ?? "", container.logPath ?? "");
  while (!existsSync(log) || statSync(log).size === 0) await new Promise((done) => setTimeout(done, 20));
  renameSync(log, `${log}.1`);
  await client.reopenContainerLog({ containerId });
  while (!existsSync(log) || statSync(log).size === 0) await new Promise((done) => setTimeout(done, 20));
  t.match(readFileSync(log, "utf8"), / stdout F line\n/, "the container writes to the new log");
});

t.test("of streams: a URL on the loopback each, good for one use", async (t) => {
  for (const [kind, request] of [
    ["exec", client.exec({ containerId, cmd: ["true"], stdout: true })],
    ["attach", client.attach({ containerId, stdout: true })],
    ["portforward", client.portForward({ podSandboxId, port: [80] })],
  ] as const)
    t.match((await request).url, new RegExp(`^http://127\\.0\\.0\\.1:\\d+/${kind}/[\\w-]{8,}$`));
});

t.test("of statistics and metrics", async (t) => {
  t.match(await client.containerStats({ containerId }), { stats: { attributes: { id: containerId } } });
  const { stats = [] } = await client.listContainerStats({});
  if (existsSync("/proc/pressure")) t.match(stats[0]?.cpu?.psi, { Some: { Total: BigInt }, Full: { Total: BigInt } });
  t.equal(stats.length, 1);
  const streamedStats = await streamed(client.streamContainerStats({}), ({ containerStats }) => containerStats);
  t.equal(streamedStats[0]?.attributes?.id, containerId);
  t.match(await client.podSandboxStats({ podSandboxId }), { stats: { attributes: { id: podSandboxId } } });
  t.equal((await client.listPodSandboxStats({})).stats?.length, 1);
  t.equal((await streamed(client.streamPodSandboxStats({}), ({ podSandboxStats }) => podSandboxStats)).length, 1);

  const { descriptors = [] } = await client.listMetricDescriptors({});
  t.same(descriptors.map(({ name = "" }) => name).toSorted(), CADVISOR_METRICS.toSorted());
  const { podMetrics = [] } = await client.listPodSandboxMetrics({});
  const metrics = podMetrics[0]?.containerMetrics?.[0]?.metrics ?? [];
  const cpu = metrics.find(({ name }) => name === "container_cpu_usage_seconds_total");
  t.equal(cpu?.metricType ?? 0, MetricType.COUNTER);
  t.ok((cpu?.timestamp ?? 0n) > 2n ** 53n);
  const streamedMetrics = await streamed(client.streamPodSandboxMetrics({}), (part) => part.podSandboxMetrics);
  t.match(streamedMetrics, [{ podSandboxId }]);
});

t.test("of checkpoints: not there, and said so", async (t) => {
  await t.rejects(client.checkpointContainer({ containerId }), { code: UNIMPLEMENTED });
  await t.rejects(client.checkpointPod({ podSandboxId }), { code: UNIMPLEMENTED });
  await t.rejects(client.restorePod({}), { code: UNIMPLEMENTED });
});

t.test("of events, and the end of everything", async (t) => {
  const seen: (string | undefined)[] = [];
  const leaving = new AbortController();
  const following = (async () => {
    for await (const { containerId: id } of client.getContainerEvents({}, { signal: leaving.signal })) seen.push(id);
  })();
  await client.listContainers({}); // on the same connection, after it
  await client.stopContainer({ containerId, timeout: 0n });
  await client.removeContainer({ containerId });
  await client.stopPodSandbox({ podSandboxId });
  await client.removePodSandbox({ podSandboxId });
  while (seen.filter((id) => id === podSandboxId).length < 2) await new Promise((done) => setTimeout(done, 20));
  leaving.abort();
  await following;
  t.equal(seen.filter((id) => id === containerId).length, 2, "it has stopped, and is removed");
  t.match(readFileSync(join(directory, "plugin.log"), "utf8"), /^DEL /m);
  await client.removeImage({ image: { image: IMAGE } });
  t.match(await client.listImages({}), { images: [] });
});

t.test("every call of the contract was made", async (t) => {
  const contract = [services.RuntimeService, services.ImageService].flatMap((table) => Object.keys(table));
  t.equal(contract.length, 43);
  t.same(
    contract.filter((name) => !called.has(name)),
    [],
  );
});

t.test("nothing is left", async (t) => {
  connected[Symbol.dispose]();
  await daemon[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  t.same(await settledDifference(before, ownProcesses), []);
});

async function streamed<Part, Item>(
  parts: AsyncIterable<Part>,
  items: (part: Part) => readonly Item[] | undefined,
): Promise<Item[]> {
  return (await Array.fromAsync(parts)).flatMap((part) => items(part) ?? []);
}
