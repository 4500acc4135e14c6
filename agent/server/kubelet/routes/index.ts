// Which routes there are: those that only read, which the read-only port has too, and all of them.

import { NodeletError } from "../../../base/errors.ts";
import { milliseconds, type KubeletConfiguration } from "../../../config/kubelet/configuration.ts";
import type { ServerDeps } from "../../deps.ts";
import type { Method, Route } from "../../router.ts";
import { containerLogsRoute } from "../../routes/container-logs.ts";
import { podsRoute } from "../../routes/pods.ts";
import type { RequestCounts } from "../metrics/kubelet.ts";
import { createStatsSource } from "../stats/source.ts";
import { summaryRoute } from "../stats/summary.ts";
import { checkpointRoute } from "./checkpoint.ts";
import { configzRoute, flagzRoute, statuszRoute } from "./configz.ts";
import { healthRoutes, type HealthCheck } from "./healthz.ts";
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
  readonly rootDir: string;
  readonly checks: readonly HealthCheck[];
  readonly requests: RequestCounts;
}

/** What nobody has to be authorised for on the read-only port. */
export function readOnlyRoutes(deps: KubeletDeps): Route[] {
  const { cri, pods, clock, info, rootDir } = deps;
  const source = createStatsSource({ cri, pods, clock });
  const now = (): number => Number(clock.now() / 1_000_000n);
  return [
    ...healthRoutes(deps.checks),
    podsRoute(deps),
    summaryRoute({ cri, source, nodeName: info.nodeName, rootDir, startedAt: info.startedAt }),
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

/** What only the read-only port lacks: as disabled there. */
export function disabledRoutes(): Route[] {
  return DEBUGGING.flatMap((path) => disabled(path, "Debug endpoints are disabled."));
}

export function allRoutes(deps: KubeletDeps): Route[] {
  const { cri, pods, clock, info, configuration, rootDir, system } = deps;
  const reading = readOnlyRoutes(deps);
  if (!configuration.enableDebuggingHandlers) return [...reading, ...disabledRoutes()];
  const idleTimeoutMs = milliseconds(configuration.streamingConnectionIdleTimeout);
  const routes: Route[] = [
    ...reading,
    containerLogsRoute(deps),
    ...remoteRoutes({ ...deps, idleTimeoutMs }),
    ...runRoutes(deps),
    runningPodsRoute({ cri }),
    configzRoute(configuration),
    flagzRoute(deps.flags),
    checkpointRoute({ pods, cri, clock, rootDir }),
    ...(configuration.enableSystemLogHandler ? hostLogRoutes(system) : disabled("/logs", "logs endpoint is disabled.")),
    ...(configuration.enableProfilingHandler
      ? [profileRoute(clock)]
      : disabled("/debug/pprof", "profiling endpoint is disabled.")),
  ];
  const paths = [...new Set([...routes.map(({ path }) => `/${path.split("/")[1] ?? ""}`), "/statusz"])].toSorted();
  return [...routes, statuszRoute(info, () => Number(clock.now() / 1_000_000n), paths)];
}
