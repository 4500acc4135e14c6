import t from "tap";

import { MetricType, type Cri } from "../../../../agent/cri/runtime.ts";
import { cadvisorMetrics } from "../../../../agent/server/kubelet/metrics/cadvisor.ts";
import { exposition } from "../../../../agent/server/kubelet/metrics/text.ts";
import { readDisks } from "../../../../agent/server/kubelet/stats/disks.ts";
import { readHost } from "../../../../agent/server/kubelet/stats/host.ts";

t.test("a kernel that counts nothing of disks", async (t) => {
  const proc = t.testdir({ self: { mountinfo: "1 0 8:0 / / rw - ext4 /dev/sda rw\n" } });
  t.same(readDisks(["/var/lib/kubelet"], proc), [
    { device: "/dev/sda", path: "/var/lib/kubelet", counters: undefined },
  ]);
});

t.test("the disks that directories lie on", async (t) => {
  const proc = t.testdir({
    diskstats: [
      "   8       0 sda 100 2 800 50 40 3 320 25 1 70 75 0 0 0 0",
      "   8      16 sdb 1 0 8 1 0 0 0 0 0 1 1 0 0 0 0",
      "",
    ].join("\n"),
    self: {
      mountinfo: [
        "1 0 8:0 / / rw - ext4 /dev/sda rw",
        "2 1 0:20 / /tmp rw - tmpfs tmpfs rw",
        "3 1 0:30 / /data rw - btrfs /dev/sdc rw",
        "",
      ].join("\n"),
    },
  });
  const disks = readDisks(["/var/lib/kubelet", "/var/lib/nodelet", "/tmp/x", "/data"], proc);
  t.match(disks, [
    {
      device: "/dev/sda",
      path: "/var/lib/kubelet",
      counters: {
        reads: 100n,
        readsMerged: 2n,
        sectorsRead: 800n,
        readMs: 50n,
        writes: 40n,
        inFlight: 1n,
        busyMs: 70n,
        weightedMs: 75n,
      },
    },
    { device: "/dev/sdc", counters: undefined },
  ]);
  t.equal(disks.length, 2);

  const names = ["container_fs_inodes_free", "container_fs_reads_total", "container_cpu_usage_seconds_total"];
  const cri = {
    listMetricDescriptors: async () => ({
      descriptors: names.map((name) => ({
        name,
        help: "Help.",
        labelKeys: ["id", "container", "pod", "namespace", "device"],
      })),
    }),
    // CRI's metrics are whole numbers, its statistics are not.
    listPodSandboxStats: async () => ({
      stats: [
        {
          attributes: { metadata: { name: "p", namespace: "default" } },
          linux: {
            containers: [
              {
                attributes: { metadata: { name: "app" } },
                cpu: { usageCoreNanoSeconds: { value: 5_250_000_000n } },
              },
            ],
          },
        },
      ],
    }),
    listPodSandboxMetrics: async () => ({
      podMetrics: [
        {
          containerMetrics: [
            {
              metrics: names.map((name) => ({
                name,
                metricType: MetricType.GAUGE,
                labelValues: ["/pod", "app", "p", "default", "8:0"],
                value: { value: 5n },
              })),
            },
          ],
        },
      ],
    }),
  } as unknown as Cri;
  const fs = { capacity: 1_000n, available: 400n, inodes: 100n, inodesFree: 90n };
  const machine = { machineId: "m", systemUuid: "s", bootId: "b" };
  const text = exposition(
    await cadvisorMetrics(
      { cri, host: readHost(7), machine, disks: disks.map((disk) => ({ ...disk, fs })) },
      new AbortController().signal,
    ),
  );
  const of = (name: string): string[] => text.split("\n").filter((line) => line.startsWith(`container_fs_${name}{`));
  t.same(
    of("inodes_free").map((line) => /id="([^"]*)".*device="([^"]*)"\} (\d+)/.exec(line)?.slice(1)),
    [
      ["/", "/dev/sda", "90"],
      ["/", "/dev/sdc", "90"],
    ],
    "not of a container",
  );
  t.match(of("reads_total"), [/container="app"/, /id="\/".*device="\/dev\/sda"\} 100 7$/]);
  t.match(of("io_time_seconds_total"), [/ 0\.07 7$/]);
  t.match(of("writes_bytes_total"), [/ 163840 7$/]);
  t.match(of("usage_bytes")[0], / 600 7$/);
  t.match(text, /^container_cpu_usage_seconds_total\{[^}]*container="app"[^}]*\} 5\.25$/m);
  t.match(text, /^machine_cpu_cores\{boot_id="b",machine_id="m",system_uuid="s"\} \d+$/m);
});
