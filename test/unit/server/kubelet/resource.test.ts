import t from "tap";

import { exposition } from "../../../../agent/server/kubelet/metrics/text.ts";
import { resourceMetrics, scrapeError } from "../../../../agent/server/kubelet/metrics/resource.ts";
import { readHost } from "../../../../agent/server/kubelet/stats/host.ts";
import type { NodeStats, StatsSource } from "../../../../agent/server/kubelet/stats/source.ts";

t.test("swap of containers and of their pod", async (t) => {
  const timestamp = 7_000_000n;
  const container = (name: string, used: bigint, available?: bigint): object => ({
    attributes: { metadata: { name } },
    swap: {
      timestamp,
      swapUsageBytes: { value: used },
      ...(available === undefined ? {} : { swapAvailableBytes: { value: available } }),
    },
  });
  const stats = {
    time: 7,
    host: readHost(7),
    hostNanoCores: undefined,
    pods: [
      {
        stats: {
          attributes: { metadata: { name: "p", namespace: "default" } },
          linux: { containers: [container("a", 10n, 90n), container("b", 5n)] },
        },
        view: undefined,
      },
    ],
  } as unknown as NodeStats;
  const source = { startedAt: () => undefined } as unknown as StatsSource;
  const text = exposition(resourceMetrics(stats, source));
  const lines = text.split("\n").filter((line) => /^(container|pod)_swap/.test(line));
  t.strictSame(lines, [
    'container_swap_usage_bytes{container="a",namespace="default",pod="p"} 10 7',
    'container_swap_usage_bytes{container="b",namespace="default",pod="p"} 5 7',
    'container_swap_limit_bytes{container="a",namespace="default",pod="p"} 100 7',
    'pod_swap_usage_bytes{namespace="default",pod="p"} 15 7',
  ]);
  t.match(text, /^resource_scrape_error 0$/m);
  t.match(exposition([scrapeError(true)]), /^resource_scrape_error 1$/m);
});
