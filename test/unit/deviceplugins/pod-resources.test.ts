import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { ServiceError } from "@grpc/grpc-js";
import type { V1Pod } from "@kubernetes/client-node";
import t, { type Test } from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { FakeSystem } from "../../../agent/system/fake.ts";
import type { Allocation } from "../../../deviceplugins/allocations.ts";
import { servePodResources } from "../../../deviceplugins/pod-resources.ts";
import { messages, services } from "../../../proto/deviceplugins/podresources.gen.js";
import { callGrpc } from "../../fixtures/grpc-call.ts";

const X = "example.com/x";
const NOT_FOUND = 5;
const RESOURCE_EXHAUSTED = 8;

const pods = ["Running", "Pending", "Succeeded"].map((phase): V1Pod => ({
  metadata: { uid: `uid-${phase}`, name: phase.toLowerCase(), namespace: "default" },
  spec: {
    initContainers: [{ name: "init" }, { name: "sidecar", restartPolicy: "Always" }],
    containers: [{ name: "main" }],
  },
  status: { phase },
}));

const held: readonly Allocation[] = [
  {
    podUid: "uid-Running",
    container: "main",
    resource: X,
    devices: new Map([
      [-1, ["far"]],
      [0, ["near", "between"]],
      [1, ["between"]],
    ]),
    response: Buffer.alloc(0),
  },
];

type Call = (name: string, request?: object) => Promise<object>;

async function serve(t: Test): Promise<Call> {
  const rootDir = mkdtempSync(join(tmpdir(), "ndl-podres-"));
  const fake = new FakeSystem();
  fake.answer("peerCredentials", () => ({ pid: process.pid, uid: process.getuid?.() ?? 0, gid: 0 }));
  const served = await servePodResources({
    rootDir,
    devices: {
      ofContainer: (uid, container) => held.filter((item) => item.podUid === uid && item.container === container),
      allocatable: () => new Map([[X, new Map([["near", [0]]])]]),
    },
    pods: () => pods,
    system: fake.system,
    clock: new ManualClock(),
    log: silentLogger,
  });
  t.teardown(async () => {
    await served[Symbol.asyncDispose]();
    rmSync(rootDir, { recursive: true, force: true });
  });
  const socket = join(rootDir, "pod-resources", "kubelet.sock");
  return (name, request) => callGrpc(socket, { messages, table: services.PodResourcesLister }, name, request);
}

t.test("who has what, of pods that live", async (t) => {
  const call = await serve(t);
  const device = (id: string, ...nodes: readonly bigint[]) => ({
    resourceName: X,
    deviceIds: [id],
    ...(nodes.length === 0 ? {} : { topology: { nodes: nodes.map((ID) => (ID === 0n ? {} : { ID })) } }),
  });
  const { podResources } = (await call("list")) as { podResources: { name: string; containers: object[] }[] };
  t.match(podResources, [
    {
      name: "running",
      namespace: "default",
      containers: [
        { name: "sidecar" },
        { name: "main", devices: [device("far"), device("near", 0n), device("between", 0n, 1n)] },
      ],
    },
    { name: "pending", containers: [{ name: "sidecar" }, { name: "main" }] },
  ]);
  t.equal(podResources.length, 2);
  t.match(await call("getAllocatableResources"), { devices: [device("near", 0n)] });
  t.match(await call("get", { podName: "running", podNamespace: "default" }), { podResources: podResources[0] });
  await t.rejects(call("get", { podName: "running", podNamespace: "other" }), {
    code: NOT_FOUND,
    details: "pod running in namespace other not found",
  });
});

t.test("who asks too often is refused", async (t) => {
  const call = await serve(t);
  const results = await Promise.allSettled(Array.from({ length: 12 }, () => call("list")));
  const refused = results.flatMap((result) => (result.status === "rejected" ? [result.reason as ServiceError] : []));
  t.same(
    refused.map(({ code }) => code),
    [RESOURCE_EXHAUSTED, RESOURCE_EXHAUSTED],
  );
});
