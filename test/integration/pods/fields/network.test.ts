// time limit: 300 s
// Fields of names, name resolution and ports.

import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

import t from "tap";

import { field, FieldNode, FOREVER, sh } from "../../../fixtures/fields.ts";

const scratch = mkdtempSync(join(tmpdir(), "nodelet-resolver-"));
t.teardown(() => rmSync(scratch, { recursive: true }));
const resolver = join(scratch, "resolv.conf");
writeFileSync(resolver, "nameserver 192.0.2.53\nsearch host.example\noptions timeout:3\n");
const node = await FieldNode.create(14, [
  `--resolv-conf=${resolver}`,
  "--cluster-dns=192.0.2.10",
  "--cluster-domain=cluster.local",
]);
t.teardown(() => node[Symbol.asyncDispose]());

const NAMES = "hostname; hostname -f 2>/dev/null";
const RESOLV = "cat /etc/resolv.conf";

/** Lines of resolv.conf by keyword. */
function resolv(text: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const line of text.split("\n")) {
    const [keyword = "", ...words] = line.trim().split(/\s+/);
    if (keyword !== "" && !keyword.startsWith("#")) (found[keyword] ??= []).push(...words);
  }
  return found;
}

field(t, "spec.{hostname,subdomain,setHostnameAsFQDN}", "names of the pod's host", async (t) => {
  const plain = await node.run(sh("hostname"), { restartPolicy: "Never" }, { name: "some-pod" });
  await node.until(plain, "its end", ({ status }) => status.phase === "Succeeded");
  t.equal(await node.log(plain), "some-pod\n");
  const fqdn = "h.s.default.svc.cluster.local";
  t.equal(await node.output(sh(NAMES), { hostname: "h", subdomain: "s" }), `h\n${fqdn}\n`);
  t.equal(await node.output(sh("hostname"), { hostname: "h", subdomain: "s", setHostnameAsFQDN: true }), `${fqdn}\n`);
  t.match(await node.output(sh("cat /etc/hosts"), { hostname: "h", subdomain: "s" }), `\t${fqdn}\th\n`);
  const long = await node.run(sh("true"), { subdomain: "s".repeat(60), setHostnameAsFQDN: true });
  await node.until(long, "the refusal", (_pod, events) =>
    events.some(
      ({ reason, message }) =>
        reason === "FailedCreatePodSandBox" && message.includes("is too long (64 characters is the max"),
    ),
  );
  await node.remove(long);
});

field(t, "spec.hostnameOverride", "the host's name, whatever else is said", async (t) => {
  t.equal(
    await node.output(sh("hostname"), { hostnameOverride: "any.name.example", hostname: "h" }),
    "any.name.example\n",
  );
});

field(t, "spec.hostAliases[].{ip,hostnames}", "lines of /etc/hosts", async (t) => {
  const hostAliases = [
    { ip: "192.0.2.7", hostnames: ["one", "two.example"] },
    { ip: "2001:db8::7", hostnames: ["three"] },
  ];
  t.match(
    await node.output(sh("cat /etc/hosts"), { hostAliases }),
    "192.0.2.7\tone\ttwo.example\n2001:db8::7\tthree\n",
  );
  const script = "cat /etc/hosts";
  t.match(await node.output(sh(script), { hostAliases, hostNetwork: true }), "192.0.2.7\tone\ttwo.example\n");
});

field(t, "spec.dnsPolicy", "all four", async (t) => {
  const cluster = {
    nameserver: ["192.0.2.10"],
    search: ["default.svc.cluster.local", "svc.cluster.local", "cluster.local", "host.example"],
    options: ["ndots:5"],
  };
  const host = { nameserver: ["192.0.2.53"], search: ["host.example"], options: ["timeout:3"] };
  const of = async (spec: object): Promise<unknown> => resolv(await node.output(sh(RESOLV), spec));
  t.strictSame(await of({}), cluster);
  t.strictSame(await of({ dnsPolicy: "ClusterFirst", hostNetwork: true }), host);
  t.strictSame(await of({ dnsPolicy: "ClusterFirstWithHostNet", hostNetwork: true }), cluster);
  t.strictSame(await of({ dnsPolicy: "Default" }), host);
  t.strictSame(await of({ dnsPolicy: "None", dnsConfig: { nameservers: ["192.0.2.1"] } }), {
    nameserver: ["192.0.2.1"],
  });
});

field(
  t,
  "spec.dnsConfig.{nameservers,searches,options[].name,options[].value}",
  "come on top of what the policy gives",
  async (t) => {
    const dnsConfig = {
      nameservers: ["192.0.2.1"],
      searches: ["own.example"],
      options: [{ name: "timeout", value: "9" }, { name: "edns0" }],
    };
    t.strictSame(resolv(await node.output(sh(RESOLV), { dnsPolicy: "Default", dnsConfig })), {
      nameserver: ["192.0.2.53", "192.0.2.1"],
      search: ["host.example", "own.example"],
      options: ["timeout:9", "edns0"],
    });
  },
);

field(t, "spec.hostNetwork", "the pod has the host's network and name", async (t) => {
  const name = await node.run(sh(`hostname; readlink /proc/self/ns/net; ${FOREVER}`), { hostNetwork: true });
  const { status } = await node.running(name);
  t.equal(status.podIP, status.hostIP);
  const [uts, net] = (await node.logged(name, "net:")).split("\n");
  t.equal(uts, hostname());
  t.equal(net, readlinkSync(`/proc/${node.agent.pid}/ns/net`));
  await node.remove(name);
  const own = await node.output(sh("readlink /proc/self/ns/net"));
  t.not(own.trim(), net);
});

field(t, "spec.containers[].ports[].{hostPort,hostIP,protocol}", "ports of the host lead to the pod", async (t) => {
  const script = `readlink /proc/self/ns/net; echo tcp > /tmp/index.html; httpd -p 80 -h /tmp; ${FOREVER}`;
  const name = await node.run(
    sh(script, {
      ports: [
        { containerPort: 80, hostPort: 18_321 },
        { containerPort: 80, hostPort: 18_322, hostIP: "127.0.0.1", protocol: "TCP" },
        { containerPort: 53, hostPort: 18_323, protocol: "UDP" },
      ],
    }),
  );
  await node.running(name);
  for (const port of [18_321, 18_322]) t.equal(await page(`http://127.0.0.1:${port}/index.html`), "tcp\n");
  t.equal(await datagram(await node.logged(name, "net:")), "datagram");
  const twice = await node.run(sh(FOREVER, { ports: [{ containerPort: 80, hostPort: 18_321 }] }));
  const { status } = await node.until(twice, "the rejection", (pod) => pod.status.phase === "Failed");
  t.match(status, { reason: "NodePorts", message: /^Pod was rejected: .*free ports.*18321.*default\/p/ });
  await node.remove(name);
  const again = await node.run(sh(FOREVER, { ports: [{ containerPort: 80, hostPort: 18_321 }] }));
  await node.running(again);
  await Promise.all([node.remove(twice), node.remove(again)]);
});

/** A page, once the server listens. */
async function page(url: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await (await fetch(url, { headers: { connection: "close" } })).text();
    } catch (error) {
      if (attempt > 100) throw error;
      await new Promise((done) => setTimeout(done, 100));
    }
  }
}

/** What comes in on port 53 of a pod's network when it is sent to the host's port 18323. */
async function datagram(namespace: string): Promise<string> {
  const file = readdirSync("/run/netns").find((name) => namespace.includes(`[${statSync(`/run/netns/${name}`).ino}]`));
  const receive = `require("node:dgram").createSocket("udp4").bind(53)
    .on("message", (data) => { process.stdout.write(data); process.exit(); })`;
  const server = spawn("nsenter", [`--net=/run/netns/${file}`, process.execPath, "-e", receive], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 60_000,
  });
  const chunks: Buffer[] = [];
  server.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const socket = createSocket("udp4");
  const sending = setInterval(() => socket.send("datagram", 18_323, "127.0.0.1"), 100);
  try {
    await new Promise((done) => server.once("close", done));
  } finally {
    clearInterval(sending);
    socket.close();
    server.kill("SIGKILL");
  }
  return Buffer.concat(chunks).toString();
}
