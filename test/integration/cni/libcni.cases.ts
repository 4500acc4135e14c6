// Run by libcni.test.ts, on a host of its own: arguments, environment and input of each plugin of several networks, for add, check, del,
// status and gc, are those that libcni gives them. libcni's were recorded by its cnitool (RECORDED); where Go is, they are recorded anew
// and must be the same. NODELET_RECORD=1 writes the file.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import t from "tap";
import { packageRoot } from "../../../agent/base/paths.ts";
import type { NetworkAttachment } from "../../../cni/network.ts";
import { attachmentOf } from "../../../cni/plugins/request.ts";
import { buildTools, goObstacle, TOOLS_DIR } from "../../conformance/tools/build.ts";
import { OwnCni, type Call } from "./own-cni.ts";
import { addNetns, attachment, sh } from "./own-host.ts";

const run = promisify(execFile);
const RECORDED = join(packageRoot(), "test", "fixtures", "cni", "libcni-traces.json");
const NETNS = "/run/netns/p0";
/** As cnitool names the container of a network namespace. */
const CONTAINER = `cnitool-${createHash("sha512").update(NETNS).digest("hex").slice(0, 20)}`;

interface Scenario {
  readonly name: string;
  /** By path below the configuration directory. */
  readonly files: Readonly<Record<string, unknown>>;
  readonly network: string;
  readonly request?: Partial<NetworkAttachment>;
  /** Before 0.4.0. */
  readonly withoutCheck?: boolean;
  readonly withStatusAndGc?: boolean;
}

const DUAL = {
  interfaces: [
    { name: "br0", mac: "0a:00:00:00:00:09" },
    { name: "eth0", mac: "0a:00:00:00:00:01", sandbox: NETNS, mtu: 1400, unknown: "x" },
  ],
  ips: [
    { address: "10.1.2.3/16", gateway: "10.1.0.1", interface: 1 },
    { address: "FD00:0::2/64", gateway: "fd00::1", interface: 1 },
  ],
  routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0", gw: "fd00::1", mtu: 1400, priority: 0 }],
  dns: { nameservers: ["10.1.0.1"], search: ["example.org"], options: [] },
  unknown: { kept: false },
};
const OLD = {
  ip4: { ip: "10.1.2.3/16", gateway: "10.1.0.1", routes: [{ dst: "0.0.0.0/0" }] },
  ip6: { ip: "fd00::2/64" },
  dns: { domain: "example.org" },
};
const V040 = {
  ...DUAL,
  cniVersion: "0.4.0",
  ips: DUAL.ips.map((ip, index) => ({ ...ip, version: index === 0 ? "4" : "6" })),
};

const SCENARIOS: readonly Scenario[] = [
  {
    name: "one plugin in a file of its own",
    network: "single",
    files: {
      "10-x.conf": {
        cniVersion: "0.3.1",
        name: "single",
        type: "one",
        extra: { deep: [1, "a", null] },
        testResult: { ...V040, cniVersion: "0.3.1" },
      },
    },
    withoutCheck: true,
  },
  {
    name: "a chain with capabilities",
    network: "caps",
    files: {
      "10-x.conflist": {
        cniVersion: "0.4.0",
        name: "caps",
        plugins: [
          { type: "one", capabilities: { mac: true, ips: true, ipRanges: true }, testResult: V040 },
          { type: "two", capabilities: { portMappings: true, bandwidth: false } },
          {
            type: "three",
            capabilities: {
              bandwidth: true,
              dns: true,
              cgroupPath: true,
              aliases: true,
              "io.kubernetes.cri.pod-annotations": true,
            },
          },
          { type: "one", name: "other", cniVersion: "0.1.0", runtimeConfig: { old: true } },
        ],
      },
    },
    request: {
      annotations: {
        "kubernetes.io/ingress-bandwidth": "10M",
        "kubernetes.io/egress-bandwidth": "1M",
        "cni.nodelet.dev/mac": "0a:00:00:00:00:01",
        "cni.nodelet.dev/ips": '["10.1.2.3/16"]',
        "cni.nodelet.dev/aliases": '["db"]',
      },
      portMappings: [
        { protocol: "tcp", containerPort: 80, hostPort: 8080, hostIp: "" },
        { protocol: "udp", containerPort: 53, hostPort: 5353, hostIp: "127.0.0.1" },
      ],
      dns: { servers: ["10.0.0.10"], searches: ["svc"], options: ["ndots:5"] },
      cgroupParent: "/kubepods/pod1",
    },
  },
  {
    name: "1.0.0, results of several plugins",
    network: "three",
    files: {
      "10-x.conflist": {
        cniVersion: "1.0.0",
        name: "three",
        plugins: [
          { type: "one", testResult: { ...DUAL, cniVersion: "1.0.0" } },
          { type: "two", testResult: { cniVersion: "1.0.0", ips: [{ address: "10.1.2.3/16" }] } },
          { type: "three" },
        ],
      },
    },
  },
  {
    name: "1.1.0 by cniVersions, with plugins of files of their own",
    network: "newest",
    files: {
      "10-x.conflist": {
        cniVersion: "0.4.0",
        cniVersions: ["1.1.0", "1.0.0"],
        name: "newest",
        disableCheck: false,
        plugins: [{ type: "one", testResult: DUAL }],
      },
      "newest/20-b.conf": { type: "three", x: 2 },
      "newest/10-a.conf": { type: "two", x: 1 },
    },
    withStatusAndGc: true,
  },
  {
    name: "0.2.0",
    network: "old",
    files: {
      "10-x.conflist": {
        cniVersion: "0.2.0",
        name: "old",
        plugins: [{ type: "one", testResult: OLD }, { type: "two" }],
      },
    },
    withoutCheck: true,
  },
  {
    name: "results of an older version than the configuration's",
    network: "mixed",
    files: {
      "10-x.conflist": {
        cniVersion: "1.0.0",
        name: "mixed",
        plugins: [{ type: "one", testResult: { ...OLD, cniVersion: "0.2.0" } }, { type: "two" }],
      },
    },
  },
  {
    name: "results of a newer version than the configuration's",
    network: "newer",
    files: {
      "10-x.conflist": {
        cniVersion: "0.4.0",
        name: "newer",
        disableCheck: "true",
        plugins: [{ type: "one", testResult: { ...DUAL, cniVersion: "1.1.0" } }],
      },
    },
  },
];

type Trace = Readonly<Record<string, readonly Call[]>>;

function prepare(scenario: Scenario): OwnCni {
  const cni = new OwnCni();
  cni.recorder("one", "two", "three");
  for (const [path, content] of Object.entries(scenario.files)) {
    mkdirSync(join(cni.confDir, path, ".."), { recursive: true });
    cni.configure(path, content);
  }
  return cni;
}

/** Those of one command since the last time, with what differs from run to run under one name. */
function take(cni: OwnCni, command: string): Call[] {
  const calls = cni.callsOf(command);
  cni.forgetCalls();
  return JSON.parse(JSON.stringify(calls).replaceAll(cni.directory, "DIR")) as Call[];
}

function requestOf(scenario: Scenario): NetworkAttachment {
  return { ...attachment("p0"), sandboxId: CONTAINER, ...scenario.request };
}

async function traceOfLibcni(scenario: Scenario): Promise<Trace> {
  using cni = prepare(scenario);
  const { args, capabilityArgs } = attachmentOf(requestOf(scenario));
  const trace: Record<string, Call[]> = {};
  const steps = ["add", ...(scenario.withoutCheck === true ? [] : ["check"]), "del"];
  for (const step of [...steps, ...(scenario.withStatusAndGc === true ? ["status", "gc"] : [])]) {
    await run(join(TOOLS_DIR, "cni", "cnitool"), [step, scenario.network, NETNS], {
      env: {
        PATH: "/usr/bin:/bin",
        NETCONFPATH: cni.confDir,
        CNI_PATH: cni.binDir,
        CNI_ARGS: args.map((pair) => pair.join("=")).join(";"),
        CAP_ARGS: JSON.stringify(capabilityArgs),
      },
    });
    trace[step] = take(cni, step.toUpperCase()).map((call) => ({ ...call, env: protocolOnly(call.env) }));
  }
  return trace;
}

/** cnitool hands on its own environment. */
function protocolOnly(env: Call["env"]): Call["env"] {
  const names = Object.keys(env).filter((name) => name.startsWith("CNI_"));
  return Object.fromEntries(names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => [name, env[name] ?? ""]));
}

async function traceOfOurs(scenario: Scenario): Promise<Trace> {
  using cni = prepare(scenario);
  const network = await cni.open({ pluginDirs: [cni.binDir] });
  try {
    while (!network.readiness().ready) await sleep(10);
    const status = take(cni, "STATUS");
    await network.attach(requestOf(scenario));
    const add = take(cni, "ADD");
    await network.check(CONTAINER);
    const check = take(cni, "CHECK");
    await network.detach(CONTAINER);
    const del = take(cni, "DEL");
    if (scenario.withStatusAndGc !== true) return { add, ...(scenario.withoutCheck === true ? {} : { check }), del };
    await network.restore(new Set());
    while (cni.callsOf("GC").length < 3) await sleep(10);
    const gc = take(cni, "GC").map((call) => ({ ...call, stdin: withoutAttachments(call.stdin) }));
    return { add, check, del, status, gc };
  } finally {
    await network.close();
  }
}

/** cnitool names none at all, and nodelet says that there is none. */
function withoutAttachments(stdin: unknown): unknown {
  const { "cni.dev/attachments": a, "cni.dev/valid-attachments": b, ...rest } = stdin as Record<string, unknown>;
  t.same([a, b], [[], []]);
  return rest;
}

// cnitool's cache cannot be put elsewhere.
await sh("mount -t tmpfs tmpfs /var/lib");
await addNetns("p0");

const obstacle = goObstacle();
const recorded = existsSync(RECORDED) ? (JSON.parse(readFileSync(RECORDED, "utf8")) as Record<string, Trace>) : {};

await t.test("the recorded calls are libcni's", { skip: obstacle ?? false, timeout: 280_000 }, async (t) => {
  buildTools("cni");
  const fresh: Record<string, Trace> = {};
  for (const scenario of SCENARIOS) fresh[scenario.name] = await traceOfLibcni(scenario);
  if (process.env["NODELET_RECORD"] === "1") {
    mkdirSync(join(RECORDED, ".."), { recursive: true });
    writeFileSync(RECORDED, `${JSON.stringify(fresh, undefined, 1)}\n`);
    Object.assign(recorded, fresh);
  }
  t.same(recorded, fresh);
});

for (const scenario of SCENARIOS) {
  await t.test(scenario.name, async (t) => {
    const ours = await traceOfOurs(scenario);
    const theirs = recorded[scenario.name] ?? {};
    t.same(
      Object.keys(ours).toSorted((a, b) => (a < b ? -1 : 1)),
      Object.keys(theirs).toSorted((a, b) => (a < b ? -1 : 1)),
    );
    for (const [step, calls] of Object.entries(ours)) {
      for (const { env } of calls) {
        const names = Object.keys(env).filter((name) => !name.startsWith("CNI_"));
        t.same(names, ["PATH"], `${step}: nothing of the daemon's own environment`);
      }
      t.same(
        calls.map((call) => ({ ...call, env: protocolOnly(call.env) })),
        theirs[step],
        step,
      );
    }
    t.ok((ours["add"] ?? []).length > 0);
  });
}
