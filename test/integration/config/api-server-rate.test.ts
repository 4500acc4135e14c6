// How many requests an agent makes of its API server: one with a pod that names many ConfigMaps, which it refuses and counts.
// time limit: 300 s

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t from "tap";

import { BUSYBOX_REF } from "../../../scripts/busybox-image.ts";
import { TestAgent } from "../../fixtures/agent.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { listen } from "../../fixtures/fields.ts";
import { setting } from "../../fixtures/settings.ts";

const CONFIG_MAPS = 20;
const COUNTED = 12;

const scratch = mkdtempSync(join(tmpdir(), "nodelet-api-rate-"));
t.teardown(() => rmSync(scratch, { recursive: true, force: true }));

const volumes = Array.from({ length: CONFIG_MAPS }, (_, number) => ({
  name: `v${number}`,
  configMap: { name: `c${number}` },
}));
const pod = {
  metadata: { name: "many", namespace: "default", uid: "7a0c9ad2-6c2b-4a31-8c4c-0d3b4b3c1a5e", resourceVersion: "1" },
  spec: { nodeName: "node", volumes, containers: [{ name: "main", image: BUSYBOX_REF }] },
};

/** When ConfigMaps were asked for, milliseconds of the monotonic clock. */
const asked: number[] = [];
const server = createServer((request, response) => {
  request.resume();
  const { pathname, searchParams } = new URL(request.url ?? "", "http://server");
  if (pathname.includes("/configmaps")) asked.push(performance.now());
  const kind = { "/api/v1/pods": "PodList", "/api/v1/nodes": "NodeList" }[pathname];
  if (request.method === "GET" && kind !== undefined) {
    response.writeHead(200, { "content-type": "application/json" });
    const items = kind === "PodList" ? [pod] : [];
    const list = { apiVersion: "v1", kind, metadata: { resourceVersion: "1" }, items };
    // A watch tells of nothing.
    if (searchParams.has("watch")) response.flushHeaders();
    else response.end(JSON.stringify(list));
    return;
  }
  response.writeHead(500, { "content-type": "application/json" }).end("{}");
});
const port = await listen(t, server);
const kubeconfig = join(scratch, "kubeconfig");
writeFileSync(
  kubeconfig,
  JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: "node", user: {} }],
    contexts: [{ name: "test", context: { cluster: "test", user: "node" } }],
    "current-context": "test",
  }),
);

setting(t, ["kubeAPIQPS", "kubeAPIBurst"], "so many requests at once, and then so many a second", async (t) => {
  const config = join(scratch, "kubelet.json");
  const kind = { apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration" };
  const run = async (fields: object): Promise<void> => {
    const text = { ...kind, imageGCHighThresholdPercent: 100, enableServer: false, ...fields };
    writeFileSync(config, JSON.stringify(text));
    asked.length = 0;
    await using agent = await TestAgent.create(39, [
      `--kubeconfig=${kubeconfig}`,
      "--hostname-override=node",
      `--config=${config}`,
    ]);
    await agent.start();
    await eventually("the ConfigMaps are asked for", () => asked.length >= COUNTED);
  };
  /** Whether there were never more than these at once and a second; one may have been held up on its way. */
  const within = (burst: number, perSecond: number): boolean => {
    const [first = 0] = asked;
    return asked.every((at, index) => index + 1 <= burst + 1 + ((at - first) / 1000) * perSecond);
  };
  const times = (): string => asked.map((at) => Math.round(at - (asked[0] ?? 0))).join(" ");
  await run({ kubeAPIQPS: 2, kubeAPIBurst: 2 });
  t.ok(within(2, 2), times());
  await run({});
  t.notOk(within(2, 2), times());
});
