// What the routes work on.

import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Cri } from "../cri/runtime.ts";
import type { ImageStore } from "../images/images.ts";
import type { PodManager } from "../pods/manager.ts";
import type { System } from "../system/system.ts";

/** What the daemon says of itself. */
export interface DaemonInfo {
  readonly version: string;
  readonly pid: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly nodeName: string;
  /** The effective options, for people. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface StopOptions {
  /** Ends every pod first; else they run on without the daemon. */
  readonly pods: boolean;
  readonly graceSeconds?: number | undefined;
}

export interface ServerDeps {
  readonly pods: PodManager;
  /** What is wrong with manifests now, a line each: also those whose pod never ran. */
  readonly problems?: (() => readonly string[]) | undefined;
  readonly cri: Cri;
  readonly images: ImageStore;
  readonly system: System;
  readonly info: DaemonInfo;
  /** Resolves when the pods are gone, if asked for; the daemon then closes the server and ends by itself. */
  readonly stop: (options: StopOptions) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}
