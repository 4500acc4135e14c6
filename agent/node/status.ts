// The node's status as it is now. Pure.

import type { V1NodeCondition, V1NodeStatus } from "@kubernetes/client-node";

import type { Amounts } from "../../deviceplugins/plugins.ts";
import type { Image, StatusResponse, VersionResponse } from "../cri/runtime.ts";
import { allocatable, capacity, extendedResources } from "./capacity.ts";
import type { Reservations } from "./capacity.ts";
import { nodeConditions } from "./conditions.ts";
import type { Pressure } from "./conditions.ts";
import type { MachineFacts } from "./machine.ts";
import { kubeletVersion, nodeAddresses, nodeImages } from "./node-object.ts";

export interface NodeStatusInput {
  readonly machine: MachineFacts;
  readonly reservations: Reservations;
  /** As the node's hostname address and label. */
  readonly hostname: string;
  /** The primary one first. */
  readonly addresses: readonly string[];
  /** nodelet's own. */
  readonly version: string;
  /** Of the HTTPS server; 0: there is none. */
  readonly port: number;
  /** What the runtime answered; an error: why it did not. */
  readonly runtime: { readonly status: StatusResponse; readonly version: VersionResponse } | Error;
  readonly images: readonly Image[];
  /** -1: all. */
  readonly imagesLimit: number;
  /** What else keeps the node from running pods. */
  readonly problems: readonly string[];
  readonly remarks: readonly string[];
  readonly pressure: Pressure;
  /** Of device plugins, by resource. */
  readonly devices: ReadonlyMap<string, Amounts>;
  /** The node had another life: these devices are not there until a plugin says so. */
  readonly formerDevices: ReadonlySet<string>;
  /** Capacity as the server has it. */
  readonly known: Readonly<Record<string, string>>;
  readonly previous: readonly V1NodeCondition[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What pods may ask of this node that not every node of a cluster does; by the names of Kubernetes' feature gates, sorted. */
const DECLARED_FEATURES = [
  // Servers hand the WebSockets of exec, attach and port-forward on as they are, and translate them for other nodes.
  "ExtendWebSocketsToKubelet",
  "InPlacePodLevelResourcesVerticalScaling",
  "InPlacePodVerticalScalingInitContainers",
  "RestartAllContainersOnContainerExits",
] as const;

export const NO_PRESSURE: Pressure = { memory: false, disk: false, pids: false };

export function nodeStatus(input: NodeStatusInput): V1NodeStatus {
  const { machine, reservations, runtime } = input;
  const alive = runtime instanceof Error ? undefined : runtime;
  const { runtimeName = "nodelet", runtimeVersion = "" } = alive?.version ?? {};
  const handlers = alive?.status.runtimeHandlers ?? [];
  const extended = extendedResources(input);
  const groups = alive?.status.features?.supplementalGroupsPolicy;
  return {
    addresses: nodeAddresses(input.addresses, input.hostname),
    capacity: { ...extended.capacity, ...capacity(machine, reservations) },
    allocatable: { ...extended.allocatable, ...allocatable(machine, reservations) },
    conditions: nodeConditions({
      problems: [...runtimeProblems(runtime), ...input.problems],
      pressure: input.pressure,
      remarks: input.remarks,
      previous: input.previous,
      now: input.now,
    }),
    ...(input.port === 0 ? {} : { daemonEndpoints: { kubeletEndpoint: { Port: input.port } } }),
    nodeInfo: {
      machineID: machine.machineId,
      systemUUID: machine.systemUuid,
      bootID: machine.bootId,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion: `${runtimeName}://${runtimeVersion}`,
      kubeletVersion: kubeletVersion(input.version),
      kubeProxyVersion: "",
      operatingSystem: "linux",
      architecture: machine.architecture,
      ...(machine.swap === 0n ? {} : { swap: { capacity: Number(machine.swap) } }),
    },
    images: nodeImages(input.images, input.imagesLimit),
    runtimeHandlers: handlers.map(({ name = "", features }) => ({
      name,
      features: {
        recursiveReadOnlyMounts: features?.recursiveReadOnlyMounts === true,
        userNamespaces: features?.userNamespaces === true,
      },
    })),
    features: { supplementalGroupsPolicy: groups === true },
    declaredFeatures: [...DECLARED_FEATURES],
  };
}

/** In kubelet's words. */
export function runtimeProblems(runtime: NodeStatusInput["runtime"]): string[] {
  if (runtime instanceof Error) return [`container runtime is down: ${runtime.message}`];
  const problems: string[] = [];
  for (const { type = "", status = false, reason = "", message = "" } of runtime.status.status?.conditions ?? []) {
    if (status) continue;
    const state = `${type}=false reason:${reason} message:${message}`;
    if (type === "NetworkReady") problems.push(`container runtime network not ready: ${state}`);
    else if (type === "RuntimeReady") problems.push(`container runtime not ready: ${state}`);
  }
  return problems;
}
