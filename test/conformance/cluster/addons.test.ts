// time limit: 1800 s
// needs built: coredns, kubernetes/kube-proxy
// Two nodes with names by CoreDNS, and an application with its database.

import t from "tap";

import { exampleImage } from "../../../scripts/example-images.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { addonImage } from "../images/addons.ts";
import { example, ROLLOUT, withCluster } from "./observed.ts";

const images = [await addonImage("coredns"), await exampleImage("postgres"), await exampleImage("toolbox")];

await t.test("two nodes with CoreDNS", (t) =>
  withCluster(t, { number: 9 }, async (observed) => {
    const kubectl = (...args: string[]): Promise<string> => observed.kubectl(...args);
    for (const layout of images) await observed.cluster.load(layout);

    await t.test("CoreDNS answers pods of both nodes for Services and pods", async (t) => {
      for (const name of ["dns", "web", "everywhere", "in-order"]) await kubectl("apply", "-f", example(name));
      await kubectl("-n", "kube-system", "rollout", "status", "deployment/coredns", ROLLOUT);
      await kubectl("rollout", "status", "deployment/web", ROLLOUT);
      await kubectl("rollout", "status", "daemonset/everywhere", ROLLOUT);
      await kubectl("rollout", "status", "statefulset/in-order", ROLLOUT);
      const address = (await kubectl("get", "service", "web", "-o", "jsonpath={.spec.clusterIP}")).trim();
      const inOrder = (await observed.podsOf("in-order")).find(({ name }) => name === "in-order-0");
      const everywhere = await observed.podsOf("everywhere");
      t.strictSame(everywhere.map(({ node }) => node).toSorted(), ["node-1", "node-2"]);
      for (const { name, node } of everywhere) {
        const lookUp = (host: string): Promise<string> =>
          kubectl("exec", name, "--", "nslookup", `${host}.default.svc.cluster.local`).catch(() => "");
        const found = await eventually(`a Service by its name from ${node}`, async () => {
          const said = await lookUp("web");
          return said.includes(address) && said;
        });
        t.match(found, "10.96.0.10", "by the cluster's name server");
        await eventually(`a pod by its name from ${node}`, async () =>
          (await lookUp("in-order-0.in-order")).includes(inOrder?.ip ?? "?"),
        );
      }
      for (const name of ["web", "everywhere", "in-order"]) {
        await kubectl("delete", "-f", example(name), "--timeout=120s");
      }
    });

    await t.test("an application and its database, with a password from a Secret", async (t) => {
      await kubectl("apply", "-f", example("guestbook"));
      await kubectl("rollout", "status", "deployment/guestbook-db", ROLLOUT);
      await kubectl("rollout", "status", "deployment/guestbook", ROLLOUT);
      const address = (await kubectl("get", "service", "guestbook", "-o", "jsonpath={.spec.clusterIP}")).trim();
      const guestbook = `${address}/cgi-bin/guestbook`;
      const lines = async (node: number, query = ""): Promise<string[]> =>
        (await observed.page(node, `${guestbook}${query}`))?.split("\n") ?? [];
      // kube-proxy hears of pods that are ready a moment after kubectl.
      for (const node of [1, 2]) {
        await eventually(
          `it is there on node-${node}`,
          async () => (await observed.page(node, guestbook)) !== undefined,
        );
      }
      t.strictSame(await lines(1, "?first"), ["first"]);
      t.strictSame(await lines(2, "?it's+second"), ["first", "it's+second"]);
      const pods = await observed.podsOf("guestbook");
      t.strictSame(pods.map(({ node }) => node).toSorted(), ["node-1", "node-2"]);
      for (const { name, node } of pods) {
        const said = await kubectl("exec", name, "--", "curl", "-sS", "http://guestbook/cgi-bin/guestbook");
        t.equal(said, "first\nit's+second\n", `by the Service's name from ${node}`);
      }
      await kubectl("rollout", "restart", "deployment/guestbook");
      await kubectl("rollout", "status", "deployment/guestbook", ROLLOUT);
      await eventually("others tell the same", async () => (await lines(1)).join() === "first,it's+second");
      const wrong = Buffer.from("another").toString("base64");
      const body = JSON.stringify({ data: { password: wrong } });
      await kubectl("patch", "secret", "guestbook", "-p", body);
      await kubectl("scale", "deployment/guestbook", "--replicas=3");
      await eventually("who has another password is not let in", async () => {
        const logs = await kubectl("logs", "-l", "app=guestbook", "--tail=-1").catch(() => "");
        return logs.includes("password authentication failed");
      });
      await kubectl("delete", "-f", example("guestbook"), "--timeout=120s");
    });

    await t.test("what is deleted goes", (t) => observed.remove(t, ["dns"]));
  }),
);
