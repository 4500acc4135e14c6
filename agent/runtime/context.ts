// What the parts of the runtime share.

import type { PodNetwork } from "../../cni/network.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { ImageStore } from "../images/images.ts";
import type { Cgroups } from "../system/cgroupfs.ts";
import type { System } from "../system/system.ts";
import type { EventHub } from "./events.ts";
import type { HostFacts } from "./host-facts.ts";
import type { Layout } from "./layout.ts";

export interface RuntimeContext {
  readonly system: System;
  readonly images: ImageStore;
  readonly network: PodNetwork;
  readonly cgroups: Cgroups;
  readonly layout: Layout;
  readonly clock: Clock;
  readonly log: Logger;
  readonly host: HostFacts;
  readonly events: EventHub;
  /** Directory that Localhost seccomp profiles are named under. */
  readonly seccompProfileRoot: string;
  readonly options: RuntimeOptions;
}

export interface RuntimeOptions {
  /** Parent, under the cgroup root, of pods that name none. */
  readonly cgroupParent: string;
  /** Names of handlers besides its own. @default none */
  readonly runtimeHandlers?: readonly string[] | undefined;
  /** A loaded AppArmor profile for containers that ask for none of their own. @default none */
  readonly apparmorDefaultProfile?: string | undefined;
}
