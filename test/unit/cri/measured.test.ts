import t from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import { NodeletError } from "../../../agent/base/errors.ts";
import { measured, RuntimeMeters } from "../../../agent/cri/measured.ts";
import type { Cri } from "../../../agent/cri/runtime.ts";

const METHODS: readonly (keyof Cri)[] = [
  ...(["version", "status", "runPodSandbox", "stopPodSandbox", "removePodSandbox", "podSandboxStatus"] as const),
  ...(["listPodSandbox", "createContainer", "startContainer", "stopContainer", "removeContainer"] as const),
  ...(["listContainers", "containerStatus", "updateContainerResources", "reopenContainerLog", "execSync"] as const),
  ...(["openExec", "openAttach", "openPort", "containerStats", "listContainerStats", "podSandboxStats"] as const),
  ...(["listPodSandboxStats", "updateRuntimeConfig", "checkpointContainer", "listMetricDescriptors"] as const),
  ...(["listPodSandboxMetrics", "runtimeConfig", "updatePodSandboxResources", "listImages"] as const),
  ...(["imageStatus", "pullImage", "removeImage", "imageFsInfo"] as const),
];

t.test("what is asked of a runtime is counted and timed, as kubelet names it", async (t) => {
  const clock = new ManualClock();
  const missing = new NodeletError("not-found", "there is none");
  const stream = (async function* none(): AsyncGenerator<never> {})();
  const every = new Proxy({}, { get: () => () => Promise.reject(new Error("not asked for here")) }) as Cri;
  const cri: Cri = {
    ...(Object.fromEntries(METHODS.map((name) => [name, every[name]])) as unknown as Cri),
    getContainerEvents: () => stream,
    async runPodSandbox() {
      await clock.advance(300);
      return { podSandboxId: "s" };
    },
    containerStatus: () => Promise.reject(missing),
  };
  const meters = new RuntimeMeters();
  const same = measured(cri, meters, clock);

  t.strictSame(await same.runPodSandbox({ runtimeHandler: "strict" }), { podSandboxId: "s" });
  await t.rejects(same.containerStatus({ containerId: "c" }), missing);
  t.equal(same.getContainerEvents({}), stream, "a stream is what it was");

  const families = new Map(meters.families().map((family) => [family.name, family.samples]));
  t.strictSame(families.get("kubelet_runtime_operations_total"), [
    { labels: { operation_type: "run_podsandbox" }, value: 1 },
    { labels: { operation_type: "container_status" }, value: 1 },
  ]);
  t.strictSame(families.get("kubelet_runtime_operations_errors_total"), [
    { labels: { operation_type: "container_status" }, value: 1 },
  ]);
  const sum = (name: string): unknown => families.get(name)?.find(({ suffix }) => suffix === "_sum");
  t.match(sum("kubelet_runtime_operations_duration_seconds"), { value: 0.3 });
  t.match(sum("kubelet_run_podsandbox_duration_seconds"), { labels: { runtime_handler: "strict" }, value: 0.3 });
});
