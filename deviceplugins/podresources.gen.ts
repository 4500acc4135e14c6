// Generated from proto/deviceplugins/podresources.proto by scripts/gen-contract-types.ts. Do not edit.
// A missing field is the protobuf default; 64-bit integers are bigint.

import type { CallOptions } from "../agent/cri/types.gen.ts";

export interface PodResourcesLister {
  list(request: ListPodResourcesRequest, options?: CallOptions): Promise<ListPodResourcesResponse>;
  getAllocatableResources(request: AllocatableResourcesRequest, options?: CallOptions): Promise<AllocatableResourcesResponse>;
  get(request: GetPodResourcesRequest, options?: CallOptions): Promise<GetPodResourcesResponse>;
}

export interface AllocatableResourcesRequest {
}

export interface AllocatableResourcesResponse {
  devices?: ContainerDevices[] | undefined;
  cpuIds?: bigint[] | undefined;
  memory?: ContainerMemory[] | undefined;
}

export interface ListPodResourcesRequest {
}

export interface ListPodResourcesResponse {
  podResources?: PodResources[] | undefined;
}

export interface PodResources {
  name?: string | undefined;
  namespace?: string | undefined;
  containers?: ContainerResources[] | undefined;
  cpuIds?: bigint[] | undefined;
  memory?: ContainerMemory[] | undefined;
}

export interface ContainerResources {
  name?: string | undefined;
  devices?: ContainerDevices[] | undefined;
  cpuIds?: bigint[] | undefined;
  memory?: ContainerMemory[] | undefined;
  dynamicResources?: DynamicResource[] | undefined;
}

export interface ContainerMemory {
  memoryType?: string | undefined;
  size?: bigint | undefined;
  topology?: TopologyInfo | undefined;
}

export interface ContainerDevices {
  resourceName?: string | undefined;
  deviceIds?: string[] | undefined;
  topology?: TopologyInfo | undefined;
}

export interface TopologyInfo {
  nodes?: NUMANode[] | undefined;
}

export interface NUMANode {
  ID?: bigint | undefined;
}

export interface DynamicResource {
  claimName?: string | undefined;
  claimNamespace?: string | undefined;
  claimResources?: ClaimResource[] | undefined;
}

export interface ClaimResource {
  cdiDevices?: CDIDevice[] | undefined;
  driverName?: string | undefined;
  poolName?: string | undefined;
  deviceName?: string | undefined;
  shareId?: string | undefined;
}

export interface CDIDevice {
  name?: string | undefined;
}

export interface GetPodResourcesRequest {
  podName?: string | undefined;
  podNamespace?: string | undefined;
}

export interface GetPodResourcesResponse {
  podResources?: PodResources | undefined;
}
