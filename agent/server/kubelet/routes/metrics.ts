// GET /metrics, /metrics/cadvisor, /metrics/resource, /metrics/probes, /metrics/slis: in Prometheus' format.

import { describeError } from "../../../base/errors.ts";
import type { Logger } from "../../../base/log.ts";
import type { Family, Meters } from "../../../base/meters.ts";
import type { Cri } from "../../../cri/runtime.ts";
import { readMachine } from "../../../node/machine.ts";
import type { PodLayout } from "../../../pods/layout.ts";
import type { Route } from "../../router.ts";
import { cadvisorMetrics } from "../metrics/cadvisor.ts";
import { kubeletMetrics, type KubeletMetricsOptions } from "../metrics/kubelet.ts";
import { resourceMetrics, scrapeError } from "../metrics/resource.ts";
import { CONTENT_TYPE, exposition } from "../metrics/text.ts";
import { readDisks } from "../stats/disks.ts";
import { readHost } from "../stats/host.ts";
import type { StatsSource } from "../stats/source.ts";

export interface MetricsDeps extends KubeletMetricsOptions {
  readonly cri: Cri;
  readonly source: StatsSource;
  readonly layout: Pick<PodLayout, "rootDir">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Logger;
  /** For /metrics/slis. */
  readonly checks: Meters;
  /** For /metrics/probes. */
  readonly probes: () => readonly Family[];
}

export function metricsRoutes(deps: MetricsDeps): Route[] {
  const { cri, source, now, info, log } = deps;
  const machine = readMachine(deps.layout.rootDir);
  const route = (path: string, read: (signal: AbortSignal) => Promise<readonly Family[]>): Route => ({
    method: "GET",
    path,
    async handle(call) {
      const body = exposition(await read(call.signal));
      call.response.writeHead(200, { "content-type": CONTENT_TYPE, "content-length": Buffer.byteLength(body) });
      call.response.end(body);
    },
  });
  const started: Family = {
    name: "process_start_time_seconds",
    help: "When the daemon was started, since the epoch.",
    type: "gauge",
    samples: [{ value: info.startedAt / 1000 }],
  };
  return [
    route("/metrics", (signal) => kubeletMetrics(deps, signal)),
    route("/metrics/cadvisor", async (signal) => {
      const { imageFilesystems = [] } = await cri.imageFsInfo({}, { signal });
      const images = imageFilesystems.flatMap(({ fsId }) => fsId?.mountpoint ?? []);
      const disks = readDisks([deps.layout.rootDir, ...images]).map((disk) => ({ ...disk, fs: source.fs(disk.path) }));
      return await cadvisorMetrics({ cri, host: readHost(now()), machine, disks }, signal);
    }),
    route("/metrics/resource", async (signal) => {
      try {
        return resourceMetrics(await source.read(signal), source);
      } catch (error) {
        signal.throwIfAborted();
        log.warn({ error: describeError(error) }, "the figures of pods could not be read");
        return [scrapeError(true)];
      }
    }),
    route("/metrics/probes", () => Promise.resolve([started, ...deps.probes()])),
    route("/metrics/slis", () => Promise.resolve(deps.checks.families())),
  ];
}
