// Generated from podresources.proto by scripts/gen-codecs.ts. Do not edit.

import type { MessageCodec, ServiceTable } from "../wire.ts";

export declare const messages: {
  readonly AllocatableResourcesRequest: MessageCodec;
  readonly AllocatableResourcesResponse: MessageCodec;
  readonly ListPodResourcesRequest: MessageCodec;
  readonly ListPodResourcesResponse: MessageCodec;
  readonly PodResources: MessageCodec;
  readonly ContainerResources: MessageCodec;
  readonly ContainerMemory: MessageCodec;
  readonly ContainerDevices: MessageCodec;
  readonly TopologyInfo: MessageCodec;
  readonly NUMANode: MessageCodec;
  readonly DynamicResource: MessageCodec;
  readonly ClaimResource: MessageCodec;
  readonly CDIDevice: MessageCodec;
  readonly GetPodResourcesRequest: MessageCodec;
  readonly GetPodResourcesResponse: MessageCodec;
};
export declare const services: {
  readonly PodResourcesLister: ServiceTable;
};
