// What is counted of pods, seen as Prometheus sees it.

import { test } from "tap";

import { NodeletError } from "../../../agent/base/errors.ts";
import type { Family } from "../../../agent/base/meters.ts";
import { podText, TestNode } from "./node.ts";

/** Of a family without labels, or with these. */
function value(families: readonly Family[], name: string, labels: object = {}): number | undefined {
  const wanted = Object.entries(labels);
  return families
    .flatMap((family) => family.samples.map((sample) => ({ ...sample, name: `${family.name}${sample.suffix ?? ""}` })))
    .find((sample) => sample.name === name && wanted.every(([key, text]) => sample.labels?.[key] === text))?.value;
}

test("a pod that starts, is looked at and ends", async (t) => {
  const node = new TestNode(t, { "p.json": podText("p", { initContainers: [{ name: "first", image: "busybox:1" }] }) });
  node.runtime.onStart = (container) => {
    if (container.config.metadata?.name === "first") node.runtime.end(container, 0);
  };
  await node.start();
  const seen = (name: string, labels?: object): number | undefined => value(node.meters.families(), name, labels);
  t.equal(seen("kubelet_started_pods_total"), 1);
  t.equal(seen("kubelet_started_pods_errors_total"), 0);
  t.equal(seen("kubelet_started_containers_total", { container_type: "container" }), 1);
  t.equal(seen("kubelet_started_containers_total", { container_type: "init_container" }), 1);
  t.equal(seen("kubelet_started_containers_total", { container_type: "ephemeral_container" }), 0);
  t.equal(
    seen("kubelet_terminated_containers_total", {
      container_type: "init_container",
      exit_code: "0",
      reason: "Completed",
    }),
    1,
  );
  t.equal(seen("kubelet_pod_start_duration_seconds_count"), 1);
  t.equal(seen("kubelet_pod_worker_duration_seconds_count", { operation_type: "create" }), 1);
  t.equal(seen("kubelet_containers_per_pod_count_count"), 1);

  const killed = { container_type: "container", exit_code: "3", reason: "Error" };
  for (let times = 1; times <= 3; times++) {
    node.runtime.exit("main", 3);
    await node.settle();
    await node.advance(100_000);
    t.equal(seen("kubelet_terminated_containers_total", killed), times, "each instance once");
  }
  t.equal(seen("kubelet_pod_start_duration_seconds_count"), 1, "it was running before");
  await node.restart();
  await node.settle();
  t.equal(seen("kubelet_pod_start_duration_seconds_count"), 1, "and goes on under another agent");
  t.equal(seen("kubelet_terminated_containers_total", killed), 3);

  await node.advance(120_000);
  t.ok((seen("kubelet_pleg_relist_duration_seconds_count") ?? 0) >= 2);
  t.ok((seen("kubelet_pleg_relist_interval_seconds_count") ?? 0) >= 1);
  t.ok((seen("kubelet_pod_worker_duration_seconds_count", { operation_type: "sync" }) ?? 0) > 0);
  node.source.remove("p.json");
  await node.settle();
  t.ok((seen("kubelet_pod_worker_duration_seconds_count", { operation_type: "kill" }) ?? 0) > 0);
});

test("volumes", async (t) => {
  const volumes = [
    { name: "a", emptyDir: {} },
    { name: "b", hostPath: { path: "/none", type: "Directory" } },
  ];
  const node = new TestNode(t, {
    "p.json": podText("p", { volumes }),
    "q.json": podText("q", { volumes: [volumes[0]] }),
  });
  await node.start();
  const seen = (volume_plugin: string, status: string): number | undefined =>
    value(node.meters.families(), "storage_operation_duration_seconds_count", {
      migrated: "false",
      operation_name: "volume_mount",
      volume_plugin,
      status,
    });
  t.equal(seen("kubernetes.io/empty-dir", "success"), 2);
  t.equal(seen("kubernetes.io/host-path", "fail-unknown"), 1);
});

test("what goes wrong", async (t) => {
  const node = new TestNode(t, {
    "p.json": podText("p", { containers: [{ name: "main", image: "missing:1", imagePullPolicy: "Never" }] }),
    "q.json": podText("q", { nodeSelector: { disk: "fast" } }),
  });
  node.runtime.fail("runPodSandbox", new NodeletError("exhausted", "no address is left"), 1);
  await node.start();
  await node.advance(1_000);
  const seen = (name: string, labels?: object): number | undefined => value(node.meters.families(), name, labels);
  t.equal(seen("kubelet_started_pods_errors_total"), 1);
  t.equal(seen("kubelet_started_pods_total"), 2);
  const never = { container_type: "container", code: "ErrImageNeverPull" };
  t.ok((seen("kubelet_started_containers_errors_total", never) ?? 0) > 0);
  t.equal(seen("kubelet_admission_rejections_total", { reason: "NodeAffinity" }), 1);
});

test("probes, which are forgotten with their pod", async (t) => {
  const exec = { command: ["ready"] };
  const readinessProbe = { exec, periodSeconds: 5, failureThreshold: 1 };
  const containers = [{ name: "main", image: "busybox:1", readinessProbe }];
  const node = new TestNode(t, { "p.json": podText("p", { containers }) });
  let answer = 0;
  node.runtime.onExec = () => answer;
  await node.start();
  answer = 1;
  await node.advance(5_000);
  const probe = { probe_type: "Readiness", container: "main", pod: "p", namespace: "default" };
  const seen = (name: string, labels?: object): number | undefined => value(node.meters.probeFamilies(), name, labels);
  t.equal(seen("prober_probe_total", { ...probe, result: "successful" }), 1);
  t.equal(seen("prober_probe_total", { ...probe, result: "failed" }), 1);
  t.equal(seen("prober_probe_duration_seconds_count", probe), 1);
  node.source.remove("p.json");
  await node.settle();
  t.strictSame(
    node.meters.probeFamilies().flatMap(({ samples }) => samples),
    [],
  );
});

test("a runtime that cannot be listed for long", async (t) => {
  const node = new TestNode(t);
  await node.start();
  t.equal(node.manager.stalled, undefined);
  node.runtime.fail("listContainers", new NodeletError("unavailable", "the runtime does not answer"), 1_000);
  await node.advance(290_000);
  t.equal(node.manager.stalled, undefined, "that may be");
  await node.advance(20_000);
  t.match(node.manager.stalled, /^all pods were last looked at 3\d\d s ago$/);
  node.runtime.fail("listContainers", new NodeletError("unavailable", "for the last time"), 1);
  await node.advance(120_000);
  t.equal(node.manager.stalled, undefined);
});

test("sizes of images", async (t) => {
  const node = new TestNode(t);
  node.meters.pulled(5_000_000, 0.5);
  node.meters.pulled(3 * 1024 ** 3, 70);
  const seen = (image_size_in_bytes: string): number | undefined =>
    value(node.meters.families(), "kubelet_image_pull_duration_seconds_count", { image_size_in_bytes });
  t.strictSame([seen("0-10MB"), seen("1GB-5GB")], [1, 1]);
});
