// Joins the node to its control plane: what pods have of it, the Node, mirror pods, and what is told of pods.

import type { V1Node, V1NodeStatus, V1Service } from "@kubernetes/client-node";

import type { DeviceManager } from "../../../deviceplugins/device-manager.ts";
import { isExtendedResource } from "../../../deviceplugins/resource-names.ts";
import type { Clock } from "../../base/clock.ts";
import { describeError } from "../../base/errors.ts";
import { unlessAborted, withTimeout } from "../../base/limits.ts";
import type { Logger } from "../../base/log.ts";
import { quantityMilli, quantityValue } from "../../base/quantity.ts";
import { milliseconds } from "../../config/kubelet/configuration.ts";
import type { AgentOptions } from "../../config/options.ts";
import type { Cri } from "../../cri/runtime.ts";
import type { KubeClient } from "../../kube/client.ts";
import { createEventRecorder, type EventRecorder } from "../../kube/events/recorder.ts";
import { joinApiServer, type JoinOptions } from "../../kube/join.ts";
import { follow } from "../../kube/list-watch.ts";
import { NODES, RUNTIME_CLASSES, SERVICES } from "../../kube/resources.ts";
import { ServiceAccountTokens } from "../../kube/service-account-tokens.ts";
import { TrustBundles } from "../../kube/trust-bundles.ts";
import { allocatable } from "../../node/capacity.ts";
import { FormerDevices } from "../../node/former-devices.ts";
import { readMachine } from "../../node/machine.ts";
import { MirrorPods } from "../../node/mirror-pods.ts";
import { NodeAgent } from "../../node/node-agent.ts";
import { ownLabels } from "../../node/node-object.ts";
import { PodStatuses } from "../../node/pod-statuses.ts";
import { NO_PRESSURE, nodeStatus } from "../../node/status.ts";
import type { NodeFacts } from "../../pods/admission.ts";
import type { PodEvent, PodManager } from "../../pods/manager.ts";
import type { ClusterPods } from "../../pods/pod-manager.ts";
import { HUGE_PAGES } from "../../pods/qos.ts";
import { referencesOf } from "../../pods/references.ts";
import { serviceVariables } from "../../pods/service-variables.ts";
import { ApiPods } from "../../sources/api-server.ts";
import { enabledLsms } from "../../system/lsm.ts";
import { podObjects } from "./pod-objects.ts";
import { reservationsOf } from "./reservations.ts";

/** A container that starts waits this long for Services to be known at first. */
const SERVICES_LIMIT_MS = 5_000;

/** A pod that the node's labels, as far as they are known, keep away waits this long for the server to tell them. */
const NODE_LIMIT_MS = 10_000;

export interface ClusterRequest {
  readonly options: AgentOptions;
  readonly cri: Cri;
  readonly devices: Pick<DeviceManager, "amounts" | "isNew">;
  readonly clock: Clock;
  readonly log: Logger;
  /** nodelet's own. */
  readonly version: string;
  readonly addresses: () => readonly string[];
  /** What is to be said with the node's conditions though it is well. */
  readonly remarks: readonly string[];
  /** Of kubelet's server; 0: there is none. */
  readonly port: number;
  readonly meters: JoinOptions["meters"];
  /** Ends the wait for a first certificate. */
  readonly signal: AbortSignal;
}

export interface Cluster extends AsyncDisposable {
  readonly client: KubeClient;
  readonly pods: ClusterPods;
  readonly nodeFacts: () => NodeFacts;
  /** What is told of the node may have changed. */
  nodeChanged(): void;
  /** Once the pods are taken up: from now on the node is registered, and told of. */
  start(manager: PodManager): void;
}

export async function joinCluster(request: ClusterRequest): Promise<Cluster> {
  const { options, cri, devices, clock, version, addresses, remarks } = request;
  const log = request.log.child({ part: "cluster" });
  const { nodeName, kubelet } = options;
  await using parts = new AsyncDisposableStack();
  const joined = await joinApiServer({
    kubeconfig: options.kubeconfig,
    bootstrapKubeconfig: options.bootstrapKubeconfig === "" ? undefined : options.bootstrapKubeconfig,
    certificateDirectory: options.certDir,
    nodeName,
    rotate: kubelet.rotateCertificates,
    clock,
    log,
    userAgent: `nodelet/${version}`,
    rate: { perSecond: kubelet.kubeAPIQPS, burst: kubelet.kubeAPIBurst },
    meters: request.meters,
    signal: request.signal,
  });
  parts.use(joined);
  const { client, unlimited } = joined;
  const known: { agent?: NodeAgent } = {};
  const objects = parts.use(podObjects({ kubelet, client, clock, log, node: () => known.agent?.node }));
  const tokens = new ServiceAccountTokens({ client, clock, log });
  const trustBundles = parts.use(new TrustBundles({ client, clock, log }));

  const services = new Map<string, V1Service>();
  const serviceKey = ({ metadata }: V1Service): string => `${metadata?.namespace}/${metadata?.name}`;
  const followedServices = follow({
    client,
    clock,
    log,
    resource: SERVICES,
    handlers: {
      replace(all) {
        services.clear();
        for (const service of all) services.set(serviceKey(service), service);
      },
      put: (service) => void services.set(serviceKey(service), service),
      remove: (service) => void services.delete(serviceKey(service)),
    },
  });
  parts.use(followedServices);

  const found = readMachine(options.rootDir);
  const machine = kubelet.localStorageCapacityIsolation ? found : { ...found, storage: undefined };
  const reservations = reservationsOf(kubelet, machine);
  const registration = {
    name: nodeName,
    hostname: nodeName,
    architecture: machine.architecture,
    labels: Object.fromEntries(options.nodeLabels.map((label) => label.split("=", 2) as [string, string])),
    taints: (kubelet.registerWithTaints ?? []).map((taint) => ({ ...taint })),
    providerId: kubelet.providerID ?? "",
    attachByController: kubelet.enableControllerAttachDetach,
  };
  const formerDevices = new FormerDevices(() => devices.isNew);
  const status = async (previous: V1NodeStatus): Promise<V1NodeStatus> => {
    const [runtime, images] = await Promise.all([
      Promise.all([cri.status({}), cri.version({})]).then(
        ([found, release]) => ({ status: found, version: release }),
        (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
      ),
      cri.listImages({}).then(
        ({ images: found = [] }) => found,
        () => [],
      ),
    ]);
    return nodeStatus({
      machine,
      reservations,
      hostname: nodeName,
      addresses: addresses(),
      version,
      port: request.port,
      runtime,
      images,
      imagesLimit: kubelet.nodeStatusMaxImages,
      problems: [],
      remarks,
      pressure: NO_PRESSURE,
      devices: devices.amounts(),
      formerDevices: formerDevices.of(previous.capacity),
      known: previous.capacity ?? {},
      previous: previous.conditions ?? [],
      now: Number(clock.now() / 1_000_000n),
    });
  };
  const started: { manager?: PodManager; mirrors?: MirrorPods } = {};
  const node = new NodeAgent({
    client: unlimited,
    clock,
    log,
    registration,
    register: kubelet.registerNode,
    status,
    updateMs: milliseconds(kubelet.nodeStatusUpdateFrequency),
    reportMs: milliseconds(kubelet.nodeStatusReportFrequency),
    leaseSeconds: kubelet.nodeLeaseDurationSeconds,
    onPodCidr: (podCidr) => {
      cri.updateRuntimeConfig({ runtimeConfig: { networkConfig: { podCidr } } }).catch((error: unknown) => {
        log.warn({ podCidr, error: describeError(error) }, "the runtime did not take the node's pod addresses");
      });
    },
    onEvent: (event) => started.manager?.report(event),
    onNode: () => started.mirrors?.wake(),
  });
  known.agent = node;
  const followedNode = follow({
    client,
    clock,
    log,
    resource: NODES,
    fieldSelector: `metadata.name=${nodeName}`,
    handlers: {
      replace: ([found]) => node.observe(found),
      put: (found) => node.observe(found),
      remove: () => node.observe(undefined),
    },
  });
  parts.use(followedNode);
  const apiPods = new ApiPods({ client, clock, log, nodeName, after: followedNode.synced });
  const own = {
    name: nodeName,
    labels: { ...ownLabels(registration), ...registration.labels },
    allocatable: allocatable(machine, reservations),
  };

  const running = parts.move();
  return {
    client,
    pods: {
      source: apiPods,
      services: {
        objects,
        async serviceVariables(namespace, links) {
          if (!followedServices.hasSynced) {
            const what = "reading the Services of the cluster";
            await withTimeout({ milliseconds: SERVICES_LIMIT_MS, what }, (limit) =>
              unlessAborted(followedServices.synced, limit),
            );
          }
          return serviceVariables(services.values(), namespace, links);
        },
        async runtimeHandler(name, signal) {
          const found = await client.get(RUNTIME_CLASSES, name, { signal });
          return found.handler;
        },
        retain({ metadata: { uid = "", namespace }, spec }) {
          objects.retain(
            uid,
            referencesOf(spec).map((reference) => ({ ...reference, namespace })),
          );
        },
        release(uid) {
          objects.release(uid);
          tokens.forget(uid);
        },
        trustBundles,
        async refreshNode(signal) {
          node.observe(await client.get(NODES, nodeName, { signal, timeoutMs: NODE_LIMIT_MS }));
        },
        async token({ metadata: { name, namespace, uid = "" }, spec }, { audience, expirationSeconds }, signal) {
          const wish = {
            namespace,
            serviceAccount: spec.serviceAccountName ?? "default",
            audiences: audience === "" ? [] : [audience],
            expirationSeconds,
            boundTo: { kind: "Pod" as const, name, uid },
          };
          const { token, refreshAt } = await tokens.get(wish, { signal });
          return { token, renewAt: refreshAt };
        },
      },
    },
    nodeFacts: () => factsOf(node.node, own, devices.amounts()),
    nodeChanged: () => node.wake(),
    start(manager) {
      const mirrors = new MirrorPods({
        client,
        clock,
        log,
        pods: apiPods,
        manager,
        nodeName,
        node: () => node.node,
        onMirror: (view) => statuses.mirrorChanged(view),
      });
      const statuses = new PodStatuses({
        client,
        clock,
        log,
        pods: apiPods,
        manager,
        mirrorOf: (view) => mirrors.uidFor(view),
      });
      Object.assign(started, { manager, mirrors });
      running.use(statuses);
      running.use(mirrors);
      running.use(node);
      const rate = { perSecond: kubelet.eventRecordQPS, burst: kubelet.eventBurst };
      const events = createEventRecorder({ client: unlimited, clock, log, component: "kubelet", host: nodeName, rate });
      running.use(events);
      running.use(manager.subscribe(({ event }) => tellEvent(events, manager, nodeName, event)));
      manager.report({ type: "Normal", reason: "Starting", message: "Starting kubelet." });
      statuses.start();
      mirrors.start();
      node.start();
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

/** Of pods of `nodelet run` the server knows nothing. */
function tellEvent(recorder: EventRecorder, manager: PodManager, nodeName: string, event: PodEvent | undefined): void {
  if (event === undefined) return;
  const { type, reason, message, container } = event;
  if (event.pod === "") {
    if (reason === "PullProgress") return;
    recorder.record({
      type,
      reason,
      message,
      about: { apiVersion: "v1", kind: "Node", name: nodeName, uid: nodeName },
    });
    return;
  }
  const [namespace = "", name = ""] = event.pod.split("/");
  const view = manager.get(namespace, name);
  if (view === undefined || view.source === "local") return;
  const { uid, resourceVersion } = view.pod.metadata ?? {};
  const { initContainers, ephemeralContainers } = view.pod.spec ?? {};
  const isOf = (list: readonly { readonly name: string }[] | undefined): boolean =>
    list?.some((item) => item.name === container) === true;
  const kind = isOf(initContainers)
    ? "initContainers"
    : isOf(ephemeralContainers)
      ? "ephemeralContainers"
      : "containers";
  const fieldPath = container === undefined ? undefined : `spec.${kind}{${container}}`;
  recorder.record({
    type,
    reason,
    message,
    about: { apiVersion: "v1", kind: "Pod", namespace, name, uid, resourceVersion, fieldPath },
  });
}

/** What admission goes by: the Node as the server has it, or what we would say of it. */
function factsOf(
  node: V1Node | undefined,
  own: { name: string; labels: Readonly<Record<string, string>>; allocatable: Readonly<Record<string, string>> },
  ofPlugins: ReadonlyMap<string, unknown>,
): NodeFacts {
  const amounts = { ...own.allocatable, ...node?.status?.allocatable };
  return {
    name: own.name,
    labels: node?.metadata?.labels ?? own.labels,
    taints: node?.spec?.taints ?? [],
    architecture: own.labels["kubernetes.io/arch"] ?? "",
    apparmor: enabledLsms().apparmor,
    cpuMilli: quantityMilli(amounts["cpu"] ?? "") ?? 0n,
    memory: quantityValue(amounts["memory"] ?? "") ?? 0n,
    pods: quantityValue(amounts["pods"] ?? "") ?? undefined,
    ephemeralStorage: quantityValue(amounts["ephemeral-storage"] ?? "") ?? undefined,
    extended: new Map(
      Object.entries(amounts).flatMap(([name, amount]) =>
        name.startsWith(HUGE_PAGES) || (isExtendedResource(name) && !ofPlugins.has(name))
          ? [[name, quantityValue(amount) ?? 0n]]
          : [],
      ),
    ),
  };
}
