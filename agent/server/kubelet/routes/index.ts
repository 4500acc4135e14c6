// Which routes there are: those that only read, which the read-only port has too, and all of them.

import { NodeletError } from "../../../base/errors.ts";
import type { Family, Meters } from "../../../base/meters.ts";
import { milliseconds, type KubeletConfiguration } from "../../../config/kubelet/configuration.ts";
import type { PodLayout } from "../../../pods/layout.ts";
import type { Cgroups } from "../../../system/cgroupfs.ts";
import type { ServerDeps } from "../../deps.ts";
import type { Method, Route } from "../../router.ts";
import { containerLogsRoute } from "../../routes/container-logs.ts";
import { podsRoute } from "../../routes/pods.ts";
import { containerWithLog } from "../containers.ts";
import { createStatsSource, type StatsSource } from "../stats/source.ts";
import { summaryRoute } from "../stats/summary.ts";
import { checkpointRoute } from "./checkpoint.ts";
import { debugFlagsRoute } from "./debug-flags.ts";
import { configzRoute, flagzRoute, statuszRoute } from "./configz.ts";
import { healthRoutes, type HealthChecks } from "./healthz.ts";
import { hostLogRoutes } from "./host-logs.ts";
import { metricsRoutes } from "./metrics.ts";
import { profileRoute } from "./profile.ts";
import { remoteRoutes } from "./remote.ts";
import { runRoutes } from "./run.ts";
import { runningPodsRoute } from "./running-pods.ts";

export interface KubeletDeps extends Pick<ServerDeps, "pods" | "cri" | "system" | "clock" | "log" | "info"> {
  readonly configuration: KubeletConfiguration;
  /** For /flagz. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly layout: Pick<PodLayout, "rootDir" | "podLogsDir">;
  readonly cgroups: Cgroups;
  /** The group of the daemon, if it has one of its own. */
  readonly ownCgroup: string | undefined;
  /** The group of all pods. */
  readonly podCgroup: string;
  readonly checks: HealthChecks;
  readonly meters: readonly Meters[];
  /** For /metrics/probes. */
  readonly probes: () => readonly Family[];
  /** Mirrors of static pods are kept at an API server. */
  readonly mirrors: boolean;
}

export interface KubeletRoutes extends Disposable {
  /** What nobody has to be authorised for on the read-only port. */
  readonly readOnly: readonly Route[];
  readonly all: readonly Route[];
}

export function kubeletRoutes(deps: KubeletDeps): KubeletRoutes {
  const volumesMs = milliseconds(deps.configuration.volumeStatsAggPeriod);
  const source = createStatsSource({ ...deps, volumesMs, startedAt: deps.info.startedAt });
  const reading = readingRoutes(deps, source);
  return {
    readOnly: [...reading, ...disabledRoutes()],
    all: allRoutes(deps, reading),
    [Symbol.dispose]: () => source[Symbol.dispose](),
  };
}

function readingRoutes(deps: KubeletDeps, source: StatsSource): Route[] {
  const { cri, clock, info, layout } = deps;
  const now = (): number => Number(clock.now() / 1_000_000n);
  return [
    ...healthRoutes(deps.checks),
    podsRoute(deps),
    summaryRoute({ cri, source, nodeName: info.nodeName, ...layout }),
    ...metricsRoutes({ ...deps, source, now }),
  ];
}

/** Paths that show or change what runs. */
const DEBUGGING: readonly string[] = [
  "/run",
  "/exec",
  "/attach",
  "/portForward",
  "/containerLogs",
  "/runningpods",
  "/debug/flags/v",
  "/debug/pprof",
  "/logs",
];
const METHODS: readonly Method[] = ["GET", "POST", "PUT", "DELETE"];

function disabled(path: string, message: string): Route[] {
  const handle = (): never => {
    throw new NodeletError("unsupported", message);
  };
  return METHODS.flatMap((method) => [
    { method, path, handle, upgrade: handle },
    { method, path: `${path}/{rest...}`, handle, upgrade: handle },
  ]);
}

/** What the read-only port lacks: as disabled there. */
function disabledRoutes(): Route[] {
  return DEBUGGING.flatMap((path) => disabled(path, "Debug endpoints are disabled."));
}

function allRoutes(deps: KubeletDeps, reading: readonly Route[]): Route[] {
  const { cri, pods, clock, info, configuration, layout, system } = deps;
  if (!configuration.enableDebuggingHandlers) return [...reading, ...disabledRoutes()];
  const idleTimeoutMs = milliseconds(configuration.streamingConnectionIdleTimeout);
  const routes: Route[] = [
    ...reading,
    containerLogsRoute(deps, containerWithLog),
    ...remoteRoutes({ ...deps, idleTimeoutMs }),
    ...runRoutes(deps),
    runningPodsRoute({ cri }),
    configzRoute(configuration),
    flagzRoute(deps.flags),
    checkpointRoute({ pods, cri, clock, rootDir: layout.rootDir }),
    ...(configuration.enableSystemLogHandler
      ? hostLogRoutes(system, { queries: configuration.enableSystemLogQuery === true })
      : disabled("/logs", "logs endpoint is disabled.")),
    ...(configuration.enableProfilingHandler
      ? [profileRoute(clock)]
      : disabled("/debug/pprof", "profiling endpoint is disabled.")),
    ...(configuration.enableDebugFlagsHandler
      ? [debugFlagsRoute(deps.log)]
      : disabled("/debug/flags/v", "flags endpoint is disabled.")),
  ];
  const paths = [...new Set([...routes.map(({ path }) => `/${path.split("/")[1] ?? ""}`), "/statusz"])].toSorted();
  return [...routes, statuszRoute(info, () => Number(clock.now() / 1_000_000n), paths)];
}
