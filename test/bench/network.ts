// Attach and detach of the built-in network: percentiles of 200 runs after 20, and where the time goes.
//
//     node test/bench/network.ts [--runs N] [--ports N] [--pause MS]
//
// Without a pause each attach meets the kernel while it still removes the link before.
//
// Needs root. Everything happens in a network and mount namespace that the bench makes for itself.
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createLinuxSystem } from "../../agent/system/linux.ts";
import type { System } from "../../agent/system/system.ts";
import { createBuiltinNetwork } from "../../cni/builtin.ts";

const INSIDE = "NODELET_BENCH_INSIDE";
const WARM_UP = 20;

const { values } = parseArgs({
  options: { runs: { type: "string" }, ports: { type: "string" }, pause: { type: "string" } },
});
const runs = Number(values.runs ?? 200);
const ports = Number(values.ports ?? 0);
const pause = Number(values.pause ?? 0);

if (process.env[INSIDE] === undefined) {
  // The records' directory is on a tmpfs, as the run directory is.
  const script = 'mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && mount -t tmpfs tmpfs /tmp && exec "$@"';
  const { status } = spawnSync(
    "unshare",
    ["--net", "--mount", "sh", "-c", script, "sh", process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    { stdio: "inherit", env: { ...process.env, [INSIDE]: "1" } },
  );
  process.exit(status ?? 1);
}

function percentiles(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2);
  return `p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms`;
}

/** Times of each kind of call to the kernel. */
const calls = new Map<string, number[]>();
const linux = createLinuxSystem();
const system: Pick<System, "netlink" | "writeSysctlInNetns"> = {
  writeSysctlInNetns: (...args) => linux.writeSysctlInNetns(...args),
  async netlink(protocol, requests, options) {
    const start = performance.now();
    try {
      return await linux.netlink(protocol, requests, options);
    } finally {
      const first = requests[0];
      const type = first === undefined ? 0 : Buffer.from(first.buffer, first.byteOffset).readUInt16LE(4);
      const key = `${protocol === 0 ? "route" : "netfilter"} ${type}${options?.netns === undefined ? "" : " in the pod"}`;
      const list = calls.get(key) ?? [];
      list.push(performance.now() - start);
      calls.set(key, list);
    }
  },
};

const directory = mkdtempSync(join(tmpdir(), "nodelet-bench-"));
execFileSync("ip", ["link", "set", "lo", "up"]);
const network = await createBuiltinNetwork({ system, directory });
try {
  await network.restore(new Set());
  const attach: number[] = [];
  const detach: number[] = [];
  const request = (index: number) => ({
    sandboxId: `bench${index}`,
    podNamespace: "bench",
    podName: `pod${index}`,
    podUid: `${index}`,
    netns: `/run/netns/bench${index}`,
    annotations: {},
    dns: undefined,
    cgroupParent: "",
    portMappings: Array.from({ length: ports }, (_, port) => ({
      protocol: "tcp" as const,
      containerPort: 80,
      hostPort: 20_000 + port,
      hostIp: "",
    })),
  });
  for (let index = 0; index < WARM_UP + runs; index++) {
    execFileSync("ip", ["netns", "add", `bench${index}`]);
    await sleep(pause);
    const start = performance.now();
    await network.attach(request(index));
    const attached = performance.now();
    await network.detach(`bench${index}`);
    const end = performance.now();
    execFileSync("ip", ["netns", "delete", `bench${index}`]);
    if (index < WARM_UP) {
      calls.clear();
      continue;
    }
    attach.push(attached - start);
    detach.push(end - attached);
  }
  console.log(`attach, ${ports} host ports: ${percentiles(attach)}`);
  console.log(`detach, ${ports} host ports: ${percentiles(detach)}`);
  for (const [key, times] of calls) console.log(`  ${key} (${times.length}): ${percentiles(times)}`);

  const many = Array.from({ length: 100 }, (_, index) => index);
  for (const index of many) execFileSync("ip", ["netns", "add", `bench${index}`]);
  const start = performance.now();
  await Promise.all(many.map((index) => network.attach({ ...request(index), portMappings: [] })));
  const middle = performance.now();
  await Promise.all(many.map((index) => network.detach(`bench${index}`)));
  const end = performance.now();
  console.log(
    `100 at once: attached in ${(middle - start).toFixed(0)} ms, detached in ${(end - middle).toFixed(0)} ms`,
  );
  // A file descriptor opened and closed, for scale.
  const open = performance.now();
  closeSync(openSync("/proc/self/ns/net", "r"));
  console.log(`open and close: ${(performance.now() - open).toFixed(3)} ms`);
} finally {
  await network.shutdown();
  await network.close();
  rmSync(directory, { recursive: true });
}
