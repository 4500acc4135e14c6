// The services of the CRI, with their codec.

import { messages, services } from "../../proto/cri/runtime.gen.js";
import type { Logger } from "../base/log.ts";
import type { Cri } from "../cri/runtime.ts";
import { createGrpcService, type GrpcService } from "./grpc.ts";

export function createCriService(cri: Cri, log: Logger): GrpcService {
  const served = [services.RuntimeService, services.ImageService].map((table) => ({
    implementation: cri,
    table,
    messages,
  }));
  return createGrpcService(served, log);
}
