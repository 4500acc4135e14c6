import t from "tap";

import { statsRows, type PodStats } from "../../../agent/commands/stats.ts";

function pod(name: string, seconds: number, used: number, working: string): PodStats {
  const timestamp = String(seconds * 1_000_000_000);
  const cpu = { timestamp, usageCoreNanoSeconds: { value: String(used) } };
  return {
    attributes: { id: name, metadata: { name, namespace: "default" } },
    linux: {
      cpu,
      memory: { workingSetBytes: { value: working } },
      network: {
        defaultInterface: { name: "eth0", rxBytes: { value: "1024" }, txBytes: { value: "10" } },
        interfaces: [{ name: "net1", rxBytes: { value: "1024" } }],
      },
      process: { processCount: { value: "3" } },
      containers: [
        {
          attributes: { id: `${name}-c`, metadata: { name: "app" } },
          cpu,
          memory: { workingSetBytes: { value: "1048576" }, availableBytes: { value: "1048576" } },
          writableLayer: { usedBytes: { value: "2048" } },
        },
      ],
    },
  };
}

t.test("a line for each pod and container", async (t) => {
  const rows = statsRows([pod("b", 1, 0, "0")], [pod("b", 3, 500_000_000, "2048"), pod("a", 3, 7, "0")]);
  t.same(
    rows.map(([name, container, cpu]) => [name, container, cpu]),
    [
      ["default/a", "", "-"],
      ["", "app", "-"],
      ["default/b", "", "250m"],
      ["", "app", "250m"],
    ],
  );
  const [, , total, container] = rows;
  t.same(total?.slice(6), ["2.05 kB", "10 B", "3"]);
  t.same(container?.slice(3, 6), ["1.05 MB", "2.10 MB", "2.05 kB"]);
  t.same(statsRows([], [{ attributes: { id: "x" } }])[0]?.slice(2), ["-", "-", "", "", "-", "-", ""]);
});
