// Counts and times what is asked of a runtime, under kubelet's names.

import type { Clock } from "../base/clock.ts";
import { Counter, type Family, Histogram, type Meters, secondsBetween } from "../base/meters.ts";
import type { CallOptions, Cri, RunPodSandboxRequest } from "./runtime.ts";

/** Kubelet's: 5 ms, and each bound two and a half times the one before. */
const BOUNDS: readonly number[] = Array.from({ length: 14 }, (_, power) => 0.005 * 2.5 ** power);

/** What kubelet calls each of them. */
const OPERATIONS = {
  version: "version",
  status: "status",
  runPodSandbox: "run_podsandbox",
  stopPodSandbox: "stop_podsandbox",
  removePodSandbox: "remove_podsandbox",
  podSandboxStatus: "podsandbox_status",
  listPodSandbox: "list_podsandbox",
  createContainer: "create_container",
  startContainer: "start_container",
  stopContainer: "stop_container",
  removeContainer: "remove_container",
  listContainers: "list_containers",
  containerStatus: "container_status",
  updateContainerResources: "update_container",
  reopenContainerLog: "reopen_container_log",
  execSync: "exec_sync",
  openExec: "exec",
  openAttach: "attach",
  openPort: "port_forward",
  containerStats: "container_stats",
  listContainerStats: "list_container_stats",
  podSandboxStats: "podsandbox_stats",
  listPodSandboxStats: "list_podsandbox_stats",
  updateRuntimeConfig: "update_runtime_config",
  checkpointContainer: "checkpoint_container",
  listMetricDescriptors: "list_metric_descriptors",
  listPodSandboxMetrics: "list_podsandbox_metrics",
  runtimeConfig: "runtime_config",
  updatePodSandboxResources: "update_podsandbox_resources",
  listImages: "list_images",
  imageStatus: "image_status",
  pullImage: "pull_image",
  removeImage: "remove_image",
  imageFsInfo: "image_fs_info",
} as const satisfies Partial<Record<keyof Cri, string>>;

type Operation = keyof typeof OPERATIONS;
type Method = (request: object, options?: CallOptions) => Promise<unknown>;

export class RuntimeMeters implements Meters {
  readonly operations = new Counter({
    name: "kubelet_runtime_operations_total",
    help: "What was asked of the runtime.",
  });
  readonly errors = new Counter({
    name: "kubelet_runtime_operations_errors_total",
    help: "What was asked of the runtime and failed.",
  });
  readonly durations = new Histogram(
    { name: "kubelet_runtime_operations_duration_seconds", help: "Seconds that the runtime's answers took." },
    BOUNDS,
  );
  readonly sandboxes = new Histogram({
    name: "kubelet_run_podsandbox_duration_seconds",
    help: "Seconds that the making of sandboxes took, by the handler of the RuntimeClass.",
  });
  readonly sandboxErrors = new Counter({
    name: "kubelet_run_podsandbox_errors_total",
    help: "Sandboxes that could not be made, by the handler of the RuntimeClass.",
  });

  families(): readonly Family[] {
    return [this.operations, this.errors, this.durations, this.sandboxes, this.sandboxErrors].map(
      ({ family }) => family,
    );
  }
}

/** The same runtime, measured; what it streams is not. `cri` has its methods as properties of its own. */
export function measured(cri: Cri, meters: RuntimeMeters, clock: Clock): Cri {
  const wrap = (name: Operation): Method => {
    const method = cri[name].bind(cri) as Method;
    const labels = { operation_type: OPERATIONS[name] };
    return async (request, options) => {
      const begun = clock.monotonic();
      const handler = { runtime_handler: (request as RunPodSandboxRequest).runtimeHandler ?? "" };
      try {
        return await method(request, options);
      } catch (error) {
        meters.errors.add(labels);
        if (name === "runPodSandbox") meters.sandboxErrors.add(handler);
        throw error;
      } finally {
        const took = secondsBetween(begun, clock.monotonic());
        meters.operations.add(labels);
        meters.durations.observe(took, labels);
        if (name === "runPodSandbox") meters.sandboxes.observe(took, handler);
      }
    };
  };
  const names = Object.keys(OPERATIONS) as Operation[];
  return {
    ...cri,
    ...(Object.fromEntries(names.map((name) => [name, wrap(name)])) as unknown as Pick<Cri, Operation>),
  };
}
