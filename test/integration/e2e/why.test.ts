// `nodelet why` of real pods that cannot run.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t from "tap";

import type { Why } from "../../../agent/pods/why.ts";
import { busyboxImage } from "../../../scripts/busybox-image.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { TestAgent } from "../../fixtures/agent.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";

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
    "probe",
    pod("probe", { readinessProbe: { exec: { command: ["false"] }, periodSeconds: 1 } }),
    /runs and is not ready.*readiness probe fails/,
  ],
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
    for (const [name, manifest] of PODS) writeFileSync(join(agent.manifests, `${name}.json`), manifest);
    writeFileSync(join(agent.manifests, "typo.json"), pod("typo", { comand: ["x"] }));
    for (const [name, , wanted] of [...PODS, ["typo", "", /manifests are rejected.*comand/] as const]) {
      let text = "";
      // The pod takes its time to get there; the test's own limit ends the waiting.
      for (;;) {
        const { code, out } = await agent.command("why", name, "-o", "json");
        if (code === 1 && out !== "") {
          const { chain } = JSON.parse(out) as Why;
          text = chain.map(({ says, evidence }) => [says, ...evidence].join(" ")).join(" -> ");
          if (wanted.test(text)) break;
          t.comment(`${name}: ${text}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      t.pass(`${name}: ${text}`);
    }
    const human = await agent.command("why", "image");
    t.match(human.out, /^pod default\/image is Pending\n {2}because container app waits: ErrImageNeverPull\n/);
    t.match(human.out, /\nnext: load it with `nodelet load`/);
  }
  t.strictSame(await settledDifference(before, ownProcesses), [], "nothing is left");
});
