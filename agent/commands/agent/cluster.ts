// Joins the node to its control plane: what pods have of it, the Node, mirror pods, and what is told of pods.

import type { V1Node, V1NodeStatus, V1Service } from "@kubernetes/client-node";

import type { Clock } from "../../base/clock.ts";
import { describeError, isNodeletError, NodeletError } from "../../base/errors.ts";
import { unlessAborted, withTimeout } from "../../base/limits.ts";
import type { Logger } from "../../base/log.ts";
import { quantityMilli, quantityValue } from "../../base/quantity.ts";
import type { AgentOptions } from "../../config/options.ts";
import type { Cri } from "../../cri/runtime.ts";
import type { KubeClient } from "../../kube/client.ts";
import { connect } from "../../kube/connect.ts";
import { loadKubeconfig } from "../../kube/kubeconfig.ts";
import { follow } from "../../kube/list-watch.ts";
import type { ObjectLookup } from "../../kube/objects.ts";
import { CONFIG_MAPS, NODES, RUNTIME_CLASSES, SECRETS, SERVICE_ACCOUNTS, SERVICES } from "../../kube/resources.ts";
import type { KubeObject, Resource } from "../../kube/resources.ts";
import { allocatable, DEFAULT_RESERVATIONS } from "../../node/capacity.ts";
import { readMachine } from "../../node/machine.ts";
import { MirrorPods } from "../../node/mirror-pods.ts";
import { NodeAgent } from "../../node/node-agent.ts";
import { ownLabels } from "../../node/node-object.ts";
import { PodStatuses } from "../../node/pod-statuses.ts";
import { NO_PRESSURE, nodeStatus } from "../../node/status.ts";
import type { NodeFacts } from "../../pods/admission.ts";
import type { PodManager } from "../../pods/manager.ts";
import type { ClusterPods } from "../../pods/pod-manager.ts";
import { serviceVariables } from "../../pods/service-variables.ts";
import { ApiPods } from "../../sources/api-server.ts";

/** A container that starts waits this long for Services to be known at first. */
const SERVICES_LIMIT_MS = 5_000;
const IMAGES_LIMIT = 50;

export interface ClusterRequest {
  readonly options: AgentOptions;
  readonly cri: Cri;
  readonly clock: Clock;
  readonly log: Logger;
  /** nodelet's own. */
  readonly version: string;
  readonly addresses: () => readonly string[];
  /** What is to be said with the node's conditions though it is well. */
  readonly remarks: readonly string[];
}

export interface Cluster extends AsyncDisposable {
  readonly client: KubeClient;
  readonly pods: ClusterPods;
  readonly nodeFacts: () => NodeFacts;
  /** Once the pods are taken up: from now on the node is registered, and told of. */
  start(manager: PodManager): void;
}

export async function joinCluster(request: ClusterRequest): Promise<Cluster> {
  const { options, cri, clock, version, addresses, remarks } = request;
  const log = request.log.child({ part: "cluster" });
  const { nodeName } = options;
  await using parts = new AsyncDisposableStack();
  const userAgent = `nodelet/${version}`;
  const client = connect(await loadKubeconfig(options.kubeconfig), { clock, userAgent });
  parts.defer(() => client.close());

  const apiPods = new ApiPods({ client, clock, log, nodeName });
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

  const machine = readMachine(options.rootDir);
  const reservations = DEFAULT_RESERVATIONS;
  const registration = {
    name: nodeName,
    hostname: nodeName,
    architecture: machine.architecture,
    labels: {},
    taints: [],
    providerId: "",
  };
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
      port: 0,
      runtime,
      images,
      imagesLimit: IMAGES_LIMIT,
      problems: [],
      remarks,
      pressure: NO_PRESSURE,
      previous: previous.conditions ?? [],
      now: Number(clock.now() / 1_000_000n),
    });
  };
  const mirrorsOf: { mirrors?: MirrorPods } = {};
  const node = new NodeAgent({
    client,
    clock,
    log,
    registration,
    register: true,
    status,
    onPodCidr: (podCidr) => {
      cri.updateRuntimeConfig({ runtimeConfig: { networkConfig: { podCidr } } }).catch((error: unknown) => {
        log.warn({ podCidr, error: describeError(error) }, "the runtime did not take the node's pod addresses");
      });
    },
    onNode: () => mirrorsOf.mirrors?.wake(),
  });
  const own = allocatable(machine, reservations);

  const running = parts.move();
  return {
    client,
    pods: {
      source: apiPods,
      services: {
        objects: directLookup(client),
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
        async token({ metadata, spec }, { audience, expirationSeconds }, signal) {
          const { name, namespace, uid } = metadata;
          const made = await client.create<TokenRequestObject>(
            SERVICE_ACCOUNTS as Resource<TokenRequestObject>,
            {
              apiVersion: "authentication.k8s.io/v1",
              kind: "TokenRequest",
              spec: {
                audiences: audience === "" ? [] : [audience],
                expirationSeconds,
                boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid: uid ?? "" },
              },
            },
            { namespace, name: spec.serviceAccountName ?? "default", subresource: "token", signal },
          );
          const { token = "", expirationTimestamp } = made.status ?? {};
          const until = new Date(expirationTimestamp ?? 0).getTime();
          return { token, renewAt: until - expirationSeconds * 200 };
        },
      },
    },
    nodeFacts: () => factsOf(node.node, { name: nodeName, labels: ownLabels(registration), allocatable: own }),
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
      mirrorsOf.mirrors = mirrors;
      running.use(statuses);
      running.use(mirrors);
      running.use(node);
      statuses.start();
      mirrors.start();
      node.start();
      running.use(
        follow({
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
        }),
      );
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

interface TokenRequestObject extends KubeObject {
  spec: { audiences: string[]; expirationSeconds: number; boundObjectRef: object };
  status?: { token?: string; expirationTimestamp?: string };
}

/** What admission goes by: the Node as the server has it, or what we would say of it. */
function factsOf(
  node: V1Node | undefined,
  own: { name: string; labels: Readonly<Record<string, string>>; allocatable: Readonly<Record<string, string>> },
): NodeFacts {
  const amounts = { ...own.allocatable, ...node?.status?.allocatable };
  return {
    name: own.name,
    labels: node?.metadata?.labels ?? own.labels,
    taints: node?.spec?.taints ?? [],
    architecture: own.labels["kubernetes.io/arch"] ?? "",
    cpuMilli: quantityMilli(amounts["cpu"] ?? "") ?? 0n,
    memory: quantityValue(amounts["memory"] ?? "") ?? 0n,
    pods: quantityValue(amounts["pods"] ?? "") ?? undefined,
    ephemeralStorage: quantityValue(amounts["ephemeral-storage"] ?? "") ?? undefined,
  };
}

function directLookup(client: KubeClient): ObjectLookup {
  const look = async <T extends KubeObject>(
    resource: Resource<T>,
    namespace: string,
    name: string,
    signal: AbortSignal | undefined,
  ): Promise<T | undefined> => {
    try {
      return await client.get(resource, name, { namespace, signal });
    } catch (error) {
      if (isNodeletError(error, "not-found")) return undefined;
      throw new NodeletError("unavailable", `The API server did not give ${resource.kind} ${namespace}/${name}`, {
        cause: error,
      });
    }
  };
  return {
    configMap: (namespace, name, { signal } = {}) => look(CONFIG_MAPS, namespace, name, signal),
    secret: (namespace, name, { signal } = {}) => look(SECRETS, namespace, name, signal),
    subscribe: () => ({ [Symbol.dispose]: () => undefined }),
  };
}
