// Generated from deviceplugin.proto by scripts/gen-codecs.ts. Do not edit.

import type { MessageCodec, ServiceTable } from "../wire.ts";

export declare const messages: {
  readonly Empty: MessageCodec;
  readonly DevicePluginOptions: MessageCodec;
  readonly RegisterRequest: MessageCodec;
  readonly ListAndWatchResponse: MessageCodec;
  readonly TopologyInfo: MessageCodec;
  readonly NUMANode: MessageCodec;
  readonly Device: MessageCodec;
  readonly PreStartContainerRequest: MessageCodec;
  readonly PreStartContainerResponse: MessageCodec;
  readonly PreferredAllocationRequest: MessageCodec;
  readonly ContainerPreferredAllocationRequest: MessageCodec;
  readonly PreferredAllocationResponse: MessageCodec;
  readonly ContainerPreferredAllocationResponse: MessageCodec;
  readonly AllocateRequest: MessageCodec;
  readonly ContainerAllocateRequest: MessageCodec;
  readonly CDIDevice: MessageCodec;
  readonly AllocateResponse: MessageCodec;
  readonly ContainerAllocateResponse: MessageCodec;
  readonly Mount: MessageCodec;
  readonly DeviceSpec: MessageCodec;
};
export declare const services: {
  readonly Registration: ServiceTable;
  readonly DevicePlugin: ServiceTable;
};
