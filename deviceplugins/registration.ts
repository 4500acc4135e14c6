// The Registration service, with gRPC and its codec.

import type { Logger } from "../agent/base/log.ts";
import { createGrpcService, type GrpcService } from "../agent/cri-server/grpc.ts";
import { messages, services } from "../proto/deviceplugins/deviceplugin.gen.js";
import type { Registration } from "./deviceplugin.gen.ts";

export function createRegistration(implementation: Registration, log: Logger): GrpcService {
  return createGrpcService([{ implementation, table: services.Registration, messages }], log);
}
