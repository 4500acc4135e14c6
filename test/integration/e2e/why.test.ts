// time limit: 300 s
// `nodelet why` of real pods that cannot run.

import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t from "tap";

import type { Why } from "../../../agent/pods/why.ts";
import { busyboxImage } from "../../../scripts/busybox-image.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { TestAgent } from "../../fixtures/agent.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";

/** Until a cause that is bound to show counts as not shown. */
const LIMIT_MS = 60_000;

const IMAGE = "localhost/nodelet/busybox:1";

const pod = (name: string, container: object, spec: object = {}): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "app", image: IMAGE, imagePullPolicy: "Never", command: ["sleep", "1000"], ...container }],
      ...spec,
    },
  });

const PODS: readonly [name: string, manifest: string, chain: RegExp][] = [
  ["image", pod("image", { image: "localhost/none:1" }), /ErrImageNeverPull.*localhost\/none:1 is not on this node/],
  ["program", pod("program", { command: ["/no-such-program"] }), /cannot be started.*no such program/],
  [
    "crash",
    pod("crash", { command: ["sh", "-c", "echo no database; exit 3"] }),
    /(CrashLoopBackOff|ended with).*exit code 3.*no database/,
  ],
  [
    "mount",
    pod(
      "mount",
      { volumeMounts: [{ name: "v", mountPath: "/v" }] },
      { volumes: [{ name: "v", hostPath: { path: "/no-such-directory", type: "Directory" } }] },
    ),
    /volume cannot be made ready.*no-such-directory/,
  ],
  [
    "init",
    pod(
      "init",
      {},
      {
        initContainers: [
          {
            name: "wait",
            image: IMAGE,
            imagePullPolicy: "Never",
            command: ["sh", "-c", "echo waiting for db; sleep 1000"],
          },
        ],
      },
    ),
    /init container wait has to end.*still runs.*waiting for db/,
  ],
  [
    "liveness",
    pod("liveness", {
      command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"],
      livenessProbe: { exec: { command: ["sh", "-c", "echo is ill; false"] }, periodSeconds: 1, failureThreshold: 1 },
    }),
    /CrashLoopBackOff.*ended as its probe failed.*is ill/,
  ],
  [
    "pull",
    pod("pull", { image: "127.0.0.1:1/none:1", imagePullPolicy: "Always" }),
    /(ErrImagePull|ImagePullBackOff).*127\.0\.0\.1:1\/none:1 cannot be pulled.*ECONNREFUSED/,
  ],
  [
    "probe",
    pod("probe", { readinessProbe: { exec: { command: ["false"] }, periodSeconds: 1 } }),
    /runs and is not ready.*readiness probe fails/,
  ],
];

/** A port that a program of the host has, and one that another pod has. */
const TAKEN = createServer().listen(0, "0.0.0.0");
await once(TAKEN, "listening");
t.teardown(() => TAKEN.close());
const takenPort = (TAKEN.address() as AddressInfo).port;
const onPort = (name: string, hostPort: number): string => pod(name, { ports: [{ containerPort: 80, hostPort }] });
const POD_PORT = 18_342;

const PORTS: typeof PODS = [
  ["port-host", onPort("port-host", takenPort), /port of the host is taken.*\d+/],
  ["port-pod", onPort("port-pod", POD_PORT), /NodePorts.*port of the host.*another pod/],
];

t.test("each cause, from outside", async (t) => {
  const before = await takePicture(ownProcesses);
  const layout = mkdtempSync(join(tmpdir(), "ndl-layout-"));
  t.teardown(() => rmSync(layout, { recursive: true, force: true }));
  await writeOciLayout(layout, busyboxImage());
  {
    await using agent = await TestAgent.create(42);
    await agent.start();
    t.equal((await agent.command("load", layout)).code, 0);
    writeFileSync(join(agent.manifests, "holder.json"), onPort("holder", POD_PORT));
    while (!/holder +1\/1 +Running/.test((await agent.command("pods")).out))
      await new Promise((resolve) => setTimeout(resolve, 200));
    const all = [...PODS, ...PORTS];
    for (const [name, manifest] of all) writeFileSync(join(agent.manifests, `${name}.json`), manifest);
    writeFileSync(join(agent.manifests, "typo.json"), pod("typo", { comand: ["x"] }));
    for (const [name, , wanted] of [...all, ["typo", "", /manifests are rejected.*comand/] as const]) {
      let text = "";
      // The pod takes its time to get there.
      let found = false;
      for (const limit = Date.now() + LIMIT_MS; !found && Date.now() < limit;) {
        const { code, out } = await agent.command("why", name, "-o", "json");
        if (code === 1 && out !== "") {
          const { chain } = JSON.parse(out) as Why;
          text = chain.map(({ says, evidence }) => [says, ...evidence].join(" ")).join(" -> ");
          found = wanted.test(text);
        }
        if (!found) await new Promise((resolve) => setTimeout(resolve, 500));
      }
      t.ok(found, `${name}: ${text}`);
    }
    const human = await agent.command("why", "image");
    t.match(human.out, /^pod default\/image is Pending\n {2}because container app waits: ErrImageNeverPull\n/);
    t.match(human.out, /\nnext: load it with `nodelet load`/);
  }
  t.strictSame(await settledDifference(before, ownProcesses), [], "nothing is left");
});
