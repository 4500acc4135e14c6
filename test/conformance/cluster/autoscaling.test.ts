// time limit: 1800 s
// soak limit: 1800 s
// needs built: metrics-server, kubernetes/kube-proxy
// Figures by metrics-server, and as many pods as the load asks for.

import t from "tap";

import { eventually } from "../../fixtures/eventually.ts";
import { soaking } from "../../fixtures/soak.ts";
import { addonImage } from "../images/addons.ts";
import { toolsBuilt } from "../tools/build.ts";
import { example, ROLLOUT, withCluster } from "./observed.ts";

/** A first figure takes two scrapes, the controller looks at them now and then. */
const METRICS_LIMIT_MS = 180_000;

/** The controller waits 15 s between looks, and for minutes after a pod's start, unless it is told otherwise. */
const controllerManagerFlags = [
  "--horizontal-pod-autoscaler-sync-period=2s",
  "--horizontal-pod-autoscaler-initial-readiness-delay=1s",
  "--horizontal-pod-autoscaler-cpu-initialization-period=5s",
];

const obstacle =
  soaking || toolsBuilt("metrics-server")
    ? undefined
    : "no metrics-server is built here: `make soak` or `make cluster-addons` builds it";

await t.test("two nodes with metrics-server", { skip: obstacle ?? false }, async (t) => {
  const image = await addonImage("metrics-server");
  await withCluster(t, { number: 6, controllerManagerFlags }, async (observed) => {
    const kubectl = (...args: string[]): Promise<string> => observed.kubectl(...args);
    await observed.cluster.load(image);
    await kubectl("apply", "-f", example("metrics"));

    await t.test("kubectl top", async (t) => {
      await kubectl("-n", "kube-system", "rollout", "status", "deployment/metrics-server", ROLLOUT);
      const nodes = await eventually(
        "figures of both nodes",
        async () => {
          const rows = (await kubectl("top", "nodes", "--no-headers").catch(() => "")).trim().split("\n");
          return rows.length === 2 && rows;
        },
        METRICS_LIMIT_MS,
      );
      for (const row of nodes) t.match(row, /^node-[12] +\d+m +\d+% +[1-9]\d*Mi +\d+%/);
      const pods = await eventually("figures of pods", async () => {
        const rows = await kubectl("top", "pods", "-A", "--containers", "--no-headers").catch(() => "");
        return rows.includes("metrics-server") && rows;
      });
      t.match(pods, /^kube-system +metrics-server-\S+ +metrics-server +\d+m +[1-9]\d*Mi/m);
    });

    await t.test("a HorizontalPodAutoscaler makes more pods under load, and fewer when it is over", async (t) => {
      await kubectl("apply", "-f", example("autoscaled"));
      await kubectl("rollout", "status", "deployment/autoscaled", ROLLOUT);
      const replicas = async (): Promise<number> =>
        Number(await kubectl("get", "deployment", "autoscaled", "-o", "jsonpath={.status.readyReplicas}"));
      const [first] = await observed.podsOf("autoscaled");
      await kubectl("exec", first?.name ?? "", "--", "touch", "/tmp/busy");
      await eventually("more pods", async () => (await replicas()) > 1, METRICS_LIMIT_MS);
      for (const { name } of await observed.podsOf("autoscaled")) {
        await kubectl("exec", name, "--", "rm", "-f", "/tmp/busy").catch(() => "");
      }
      await eventually("one pod", async () => (await replicas()) === 1, METRICS_LIMIT_MS);
      const events = await kubectl("describe", "hpa", "autoscaled");
      t.match(events, /SuccessfulRescale/);
      await kubectl("delete", "-f", example("autoscaled"), "--timeout=120s");
    });

    await t.test("what is deleted goes", (t) => observed.remove(t, ["metrics"]));
  });
});
