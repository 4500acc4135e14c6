// Which network pods are connected to, as --network says.

import { join } from "node:path";

import type { Logger } from "../../base/log.ts";
import type { AgentOptions } from "../../config/options.ts";
import { bootId } from "../../system/procfs.ts";
import type { System } from "../../system/system.ts";
import { openChosenNetwork } from "../../../cni/chosen-network.ts";
import type { PodNetwork } from "../../../cni/network.ts";

export interface NetworkRequest {
  readonly system: System;
  readonly options: Pick<
    AgentOptions,
    | "network"
    | "kubeconfig"
    | "stateDir"
    | "runDir"
    | "bridgeName"
    | "podCidr"
    | "cniConfDir"
    | "cniBinDir"
    | "cniCacheDir"
  >;
  readonly log: Logger;
}

export function openNetwork({ system, options, log }: NetworkRequest): Promise<PodNetwork> {
  return openChosenNetwork({
    mode: options.network,
    standalone: options.kubeconfig === "",
    builtin: {
      system,
      directory: join(options.runDir, "network"),
      name: options.bridgeName,
      subnets: options.podCidr.split(","),
    },
    cni: {
      system,
      confDir: options.cniConfDir,
      pluginDirs: options.cniBinDir,
      cacheDir: options.cniCacheDir,
      owner: options.stateDir,
      bootId: bootId(),
    },
    log: log.child({ part: "network" }),
  });
}
