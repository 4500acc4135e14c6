// The PodResourcesLister service, with gRPC and its codec.

import type { Logger } from "../agent/base/log.ts";
import { createGrpcService, type GrpcService } from "../agent/cri-server/grpc.ts";
import { messages, services } from "../proto/deviceplugins/podresources.gen.js";
import type { PodResourcesLister } from "./podresources.gen.ts";

export function createPodResourcesService(implementation: PodResourcesLister, log: Logger): GrpcService {
  return createGrpcService([{ implementation, table: services.PodResourcesLister, messages }], log);
}
