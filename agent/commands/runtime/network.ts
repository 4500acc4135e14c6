// Which network pods are connected to, as --network says.

import { join } from "node:path";

import { NodeletError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import type { AgentOptions } from "../../config/options.ts";
import type { System } from "../../system/system.ts";
import { createBuiltinNetwork } from "../../../cni/builtin.ts";
import type { PodNetwork } from "../../../cni/network.ts";

export interface NetworkRequest {
  readonly system: System;
  readonly options: Pick<AgentOptions, "network" | "runDir" | "bridgeName" | "podCidr">;
  readonly log: Logger;
}

export function openNetwork({ system, options, log }: NetworkRequest): Promise<PodNetwork> {
  if (options.network === "cni") {
    throw new NodeletError("unsupported", "the use of CNI plugins is not there yet", {
      where: "--network",
      fix: "Write --network=builtin",
    });
  }
  return createBuiltinNetwork({
    system,
    directory: join(options.runDir, "network"),
    name: options.bridgeName,
    subnet: options.podCidr,
    logger: log.child({ part: "network" }),
  });
}
