// Fields of KubeletConfiguration, from outside: an agent with a configuration file, a drop-in and flags, and pods that feel them.
// time limit: 180 s

import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t from "tap";

import { condition, FieldNode, FOREVER, listen, sh } from "../../fixtures/fields.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { setting } from "../../fixtures/settings.ts";

const LIMIT_MS = 60_000;
const before = await takePicture(ownProcesses);
const scratch = realpathSync(mkdtempSync(join(tmpdir(), "nodelet-settings-")));
t.teardown(() => rmSync(scratch, { recursive: true, force: true }));

const pod = (name: string, script: string): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { terminationGracePeriodSeconds: 1, containers: [sh(script)] },
});

/** What the address answers with, and with which headers it was asked. */
let served: object = pod("from-url", FOREVER);
const asked: (string | undefined)[] = [];
const port = await listen(
  t,
  createServer((request, response) => {
    asked.push(request.headers["x-token"]?.toString());
    response.end(JSON.stringify(served, undefined, 1));
  }),
);

const resolver = join(scratch, "resolv.conf");
writeFileSync(resolver, "nameserver 192.0.2.53\nsearch host.example\n");
const file = join(scratch, "kubelet.yaml");
writeFileSync(
  file,
  JSON.stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    resolvConf: "resolv.conf",
    clusterDNS: ["192.0.2.10"],
    clusterDomain: "file.example",
    seccompDefault: true,
    allowedUnsafeSysctls: ["net.core.somaxconn"],
    containerLogMaxSize: "16Ki",
    containerLogMaxFiles: 3,
    containerLogMonitorInterval: "3s",
    crashLoopBackOff: { maxContainerRestartPeriod: "1s" },
    staticPodURL: `http://127.0.0.1:${port}/`,
    staticPodURLHeader: { "X-Token": ["abc"] },
    httpCheckFrequency: "1s",
    fileCheckFrequency: "1s",
    logging: { format: "json", verbosity: 4 },
    kernelMemcgNotification: true,
  }),
);
const dropIns = join(scratch, "kubelet.d");
mkdirSync(dropIns);
writeFileSync(
  join(dropIns, "10.conf"),
  "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nclusterDomain: cluster.example\n",
);

const node = await FieldNode.create(30, [
  `--config=${file}`,
  `--config-dir=${dropIns}`,
  "--runtime-cgroups=/x",
  "--pod-cidr=10.214.230.0/24",
]);
t.teardown(() => node[Symbol.asyncDispose]());

t.test("what has no effect is said once", async (t) => {
  const said = node.agent
    .log()
    .split("\n")
    .filter((line) => line.includes("no effect"));
  t.match(said, [/"fields":\["kernelMemcgNotification"\]/, /"flags":\["runtime-cgroups"\]/]);
});

setting(t, "containerRuntimeEndpoint", "no other runtime but the built-in one is taken yet", async (t) => {
  const { code, err } = await node.agent.command("agent", "--container-runtime-endpoint=unix:///run/other.sock");
  t.equal(code, 1);
  t.match(err, /--container-runtime-endpoint: .*not there yet/);
});

setting(t, ["resolvConf", "clusterDNS", "clusterDomain"], "what pods find in /etc/resolv.conf", async (t) => {
  t.match(
    await node.output(sh("cat /etc/resolv.conf")),
    /search default\.svc\.cluster\.example svc\.cluster\.example cluster\.example host\.example\nnameserver 192\.0\.2\.10/,
  );
  t.match(await node.output(sh("cat /etc/resolv.conf"), { dnsPolicy: "Default" }), /nameserver 192\.0\.2\.53/);
});

setting(t, "seccompDefault", "pods that ask for no profile are filtered", async (t) => {
  t.match(await node.output(sh("grep ^Seccomp: /proc/self/status")), /Seccomp:\s+2/);
});

setting(t, "allowedUnsafeSysctls", "pods may set these", async (t) => {
  const securityContext = { sysctls: [{ name: "net.core.somaxconn", value: "77" }] };
  t.equal((await node.output(sh("cat /proc/sys/net/core/somaxconn"), { securityContext })).trim(), "77");
});

setting(t, "podCIDR", "pods have addresses of it", async (t) => {
  const { status } = await node.running(await node.run(sh(FOREVER)));
  t.match(status.podIP, /^10\.214\.230\./);
});

setting(
  t,
  "crashLoopBackOff.maxContainerRestartPeriod",
  "a failing container waits no longer between its starts",
  async (t) => {
    const name = await node.run(sh("exit 3"));
    await node.until(name, "three restarts", ({ status }) => (status.containerStatuses?.[0]?.restartCount ?? 0) >= 3);
    const { status } = await node.until(
      name,
      "waiting",
      (seen) => seen.status.containerStatuses?.[0]?.state?.waiting?.reason === "CrashLoopBackOff",
    );
    t.match(status.containerStatuses?.[0]?.state?.waiting?.message, /back-off 1s/);
  },
);

setting(
  t,
  ["containerLogMax{Size,Files}", "containerLogMonitorInterval", "podLogsDir"],
  "logs lie there, are rotated beyond the size, and so many are kept",
  async (t) => {
    const name = await node.run(sh(`while :; do head -c 2000 /dev/zero | tr '\\0' x; echo; sleep 0.1; done`));
    const logs = join(node.directory, "logs", "pods");
    const files = (): string[] => {
      const directory = readdirSync(logs).find((entry) => entry.startsWith(`default_${name}_`));
      return directory === undefined ? [] : readdirSync(join(logs, directory, "main"));
    };
    let most = 0;
    // So many rotations that a fourth file would have come.
    const seen = new Set<string>();
    for (const limit = Date.now() + LIMIT_MS; Date.now() < limit && seen.size < 5; await sleep(200)) {
      const now = files();
      for (const one of now) seen.add(one.replace(/\.(gz|tmp)$/, ""));
      most = Math.max(most, now.filter((one) => !one.endsWith(".tmp")).length);
    }
    t.ok(seen.size >= 5, [...seen].join(" "));
    t.ok(most <= 4, `${most} at a time`);
    const left = (): number => files().filter((one) => !one.endsWith(".tmp")).length;
    for (const limit = Date.now() + LIMIT_MS; Date.now() < limit && left() > 3; await sleep(100));
    t.ok(left() <= 3);
    await node.remove(name, 1);
  },
);

setting(
  t,
  ["staticPodURL", "staticPodURLHeader", "httpCheckFrequency"],
  "pods from an address, read again and again; a wrong answer is told with its line, and the last good pod stays",
  async (t) => {
    const running = async (name: string): Promise<string> => {
      for (const limit = Date.now() + LIMIT_MS; Date.now() < limit; await sleep(200)) {
        const { items } = JSON.parse((await node.agent.command("pods", "-o", "json")).out || "{}") as {
          items?: { metadata: { name: string; uid: string }; status: Parameters<typeof condition>[0] }[];
        };
        const found = items?.find(({ metadata }) => metadata.name.startsWith(name));
        if (found !== undefined && condition(found.status, "Ready")?.status === "True") return found.metadata.uid;
      }
      throw new Error(`${name} does not run`);
    };
    const told = async (problem: RegExp): Promise<void> => {
      let err = "";
      for (const limit = Date.now() + LIMIT_MS; Date.now() < limit; await sleep(200)) {
        ({ err } = await node.agent.command("pods"));
        if (problem.test(err)) return;
      }
      throw new Error(`${String(problem)} is not told:\n${err}`);
    };
    await running("from-url");
    served = pod("from-url-2", FOREVER);
    const uid = await running("from-url-2");
    const wrong = pod("from-url-2", "true");
    served = { ...wrong, spec: { ...(wrong as { spec: object }).spec, restartPolici: "Never" } };
    await told(/http:\/\/127\.0\.0\.1:\d+\/:\d{2}:\d+: spec\.restartPolici: .*restartPolicy/);
    t.equal(await running("from-url-2"), uid, "it is as it was");
    t.ok(asked.length > 1 && asked.every((token) => token === "abc"));
  },
);

setting(
  t,
  ["staticPodPath", "fileCheckFrequency"],
  "pods from a directory; changes that are not told are found",
  async (t) => {
    const target = join(scratch, "elsewhere.json");
    writeFileSync(target, JSON.stringify(pod("linked-1", FOREVER)));
    // Nothing in the directory changes when the target does.
    symlinkSync(target, join(node.agent.manifests, "linked.json"));
    const has = async (name: string): Promise<void> => {
      for (const limit = Date.now() + LIMIT_MS; Date.now() < limit; await sleep(200))
        if ((await node.agent.command("pods")).out.includes(name)) return;
      throw new Error(`${name} is not there`);
    };
    await has("linked-1");
    writeFileSync(target, JSON.stringify(pod("linked-2", FOREVER)));
    await has("linked-2");
    t.pass();
  },
);

setting(t, ["logging.{format,verbosity}"], "the agent's log is JSON, with details", async (t) => {
  const lines = node.agent.log().trim().split("\n");
  for (const line of lines) t.doesNotThrow(() => JSON.parse(line), line);
  t.ok(
    lines.some((line) => /"level":"debug"/.test(line)),
    "details",
  );
});

t.test("nothing is left", async (t) => {
  await node[Symbol.asyncDispose]();
  t.strictSame(await settledDifference(before, ownProcesses), []);
});
