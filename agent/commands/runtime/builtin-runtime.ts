// Puts the built-in runtime together from its parts: for the agent, and for the runtime alone.

import { homedir } from "node:os";
import { join } from "node:path";

import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { AgentOptions } from "../../config/options.ts";
import { openImageStore, type LocalImageStore } from "../../images/image-store.ts";
import type { Cri } from "../../cri/runtime.ts";
import { createRuntime } from "../../runtime/runtime.ts";
import { createStreamingServer } from "../../streaming/server.ts";
import { openStore } from "../../store/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import type { Cgroups } from "../../system/cgroupfs.ts";
import type { System } from "../../system/system.ts";
import type { PodNetwork } from "../../../cni/network.ts";
import { openCgroups } from "./cgroups.ts";
import { openNetwork, type NetworkRequest } from "./network.ts";

export type RuntimeSettings = NetworkRequest["options"] &
  Pick<
    AgentOptions,
    | "rootDir"
    | "registryConfigPath"
    | "runtimeHandlers"
    | "seccompProfileRoot"
    | "apparmorDefaultProfile"
    | "allowMissingCgroupControllers"
  >;

export interface BuiltinRuntimeRequest {
  readonly system: System;
  readonly clock: Clock;
  readonly log: Logger;
  readonly options: RuntimeSettings;
  readonly version: string;
  readonly podCgroup: string;
  readonly shimCgroup: string;
}

export interface BuiltinRuntime extends AsyncDisposable {
  readonly store: Store;
  readonly images: LocalImageStore;
  readonly cgroups: Cgroups;
  readonly network: PodNetwork;
  readonly cri: Cri;
}

/** Where kubelet looks for the node's own credentials, then where docker and podman users have theirs. */
function credentialFiles(rootDir: string): string[] {
  const docker = process.env["DOCKER_CONFIG"];
  return [
    join(rootDir, "config.json"),
    ...(docker === undefined || docker === "" ? [] : [join(docker, "config.json")]),
    join(homedir(), ".docker", "config.json"),
  ];
}

/** Takes up what an earlier daemon left. Disposing lets go of everything; pods run on. */
export async function openBuiltinRuntime(request: BuiltinRuntimeRequest): Promise<BuiltinRuntime> {
  const { system, clock, log, options } = request;
  await using parts = new AsyncDisposableStack();

  // Locks the state directory.
  const store = await openStore(options.stateDir, { system });
  parts.defer(() => store.close());

  const images = openImageStore({
    system,
    store,
    stateDir: options.stateDir,
    registry: { configPaths: options.registryConfigPath, credentialFiles: credentialFiles(options.rootDir) },
    warn: (message) => log.warn(message),
  });
  parts.defer(() => images.close());

  const cgroups = openCgroups({ system, options, shimCgroup: request.shimCgroup, log });

  const network = await openNetwork({ system, options, log });
  parts.defer(() => network.close());

  const runtime = await createRuntime({
    system,
    store,
    images,
    network,
    cgroups,
    clock,
    log: log.child({ part: "runtime" }),
    runDir: options.runDir,
    seccompProfileRoot: options.seccompProfileRoot,
    version: request.version,
    options: {
      cgroupParent: request.podCgroup,
      runtimeHandlers: options.runtimeHandlers,
      apparmorDefaultProfile: options.apparmorDefaultProfile || undefined,
    },
  });
  parts.defer(() => runtime.close());
  const streaming = createStreamingServer({ cri: runtime, log: log.child({ part: "streaming" }) });
  parts.use(streaming);
  const { exec, attach, portForward } = streaming;
  const cri: Cri = { ...runtime, exec, attach, portForward };
  // Needs the snapshots of the containers that were taken up; nothing waits for it.
  images.collect().catch((error: unknown) => log.warn({ error }, "leftovers of images could not be removed"));

  const opened = parts.move();
  return { store, images, cgroups, network, cri, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}
