// Generated from proto/deviceplugins/deviceplugin.proto by scripts/gen-contract-types.ts. Do not edit.
// A missing field is the protobuf default; 64-bit integers are bigint.

import type { CallOptions } from "../agent/cri/types.gen.ts";

export interface Registration {
  register(request: RegisterRequest, options?: CallOptions): Promise<Empty>;
}

export interface DevicePlugin {
  getDevicePluginOptions(request: Empty, options?: CallOptions): Promise<DevicePluginOptions>;
  listAndWatch(request: Empty, options?: CallOptions): AsyncIterable<ListAndWatchResponse>;
  getPreferredAllocation(request: PreferredAllocationRequest, options?: CallOptions): Promise<PreferredAllocationResponse>;
  allocate(request: AllocateRequest, options?: CallOptions): Promise<AllocateResponse>;
  preStartContainer(request: PreStartContainerRequest, options?: CallOptions): Promise<PreStartContainerResponse>;
}

export interface Empty {
}

export interface DevicePluginOptions {
  preStartRequired?: boolean | undefined;
  getPreferredAllocationAvailable?: boolean | undefined;
}

export interface RegisterRequest {
  version?: string | undefined;
  endpoint?: string | undefined;
  resourceName?: string | undefined;
  options?: DevicePluginOptions | undefined;
}

export interface ListAndWatchResponse {
  devices?: Device[] | undefined;
}

export interface TopologyInfo {
  nodes?: NUMANode[] | undefined;
}

export interface NUMANode {
  ID?: bigint | undefined;
}

export interface Device {
  ID?: string | undefined;
  health?: string | undefined;
  topology?: TopologyInfo | undefined;
}

export interface PreStartContainerRequest {
  devicesIds?: string[] | undefined;
}

export interface PreStartContainerResponse {
}

export interface PreferredAllocationRequest {
  containerRequests?: ContainerPreferredAllocationRequest[] | undefined;
}

export interface ContainerPreferredAllocationRequest {
  availableDeviceIDs?: string[] | undefined;
  mustIncludeDeviceIDs?: string[] | undefined;
  allocationSize?: number | undefined;
}

export interface PreferredAllocationResponse {
  containerResponses?: ContainerPreferredAllocationResponse[] | undefined;
}

export interface ContainerPreferredAllocationResponse {
  deviceIDs?: string[] | undefined;
}

export interface AllocateRequest {
  containerRequests?: ContainerAllocateRequest[] | undefined;
}

export interface ContainerAllocateRequest {
  devicesIds?: string[] | undefined;
}

export interface CDIDevice {
  name?: string | undefined;
}

export interface AllocateResponse {
  containerResponses?: ContainerAllocateResponse[] | undefined;
}

export interface ContainerAllocateResponse {
  envs?: Record<string, string> | undefined;
  mounts?: Mount[] | undefined;
  devices?: DeviceSpec[] | undefined;
  annotations?: Record<string, string> | undefined;
  cdiDevices?: CDIDevice[] | undefined;
}

export interface Mount {
  containerPath?: string | undefined;
  hostPath?: string | undefined;
  readOnly?: boolean | undefined;
}

export interface DeviceSpec {
  containerPath?: string | undefined;
  hostPath?: string | undefined;
  permissions?: string | undefined;
}
