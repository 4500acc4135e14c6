import t from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { podObjects } from "../../../agent/commands/agent/pod-objects.ts";
import { CONFIG_MAPS } from "../../../agent/kube/resources.ts";
import type { PodObjects } from "../../../agent/kube/watched-objects.ts";
import { setting } from "../../fixtures/settings.ts";
import { TableClient } from "../../fixtures/table-client.ts";

const namespace = "default";
const reference = { kind: "ConfigMap", namespace, name: "a" } as const;
const MINUTE = 60_000;

setting(
  t,
  "configMapAndSecretChangeDetectionStrategy",
  "Watch has a watch of each object; Get asks whenever one is needed, Cache when an answer is as old as the Node says",
  async (t) => {
    const client = new TableClient();
    const put = (x: string): void =>
      void client.put(CONFIG_MAPS, { metadata: { name: "a", namespace, resourceVersion: x }, data: { x } });
    const gets = (): number => client.calls.filter(({ verb }) => verb === "get").length;
    const value = async (objects: PodObjects): Promise<string | undefined> =>
      (await objects.configMap(namespace, "a"))?.data?.["x"];
    const begin = (strategy: "Get" | "Cache" | "Watch", ttl?: string) => {
      put("1");
      const clock = new ManualClock();
      const annotations: Record<string, string> = ttl === undefined ? {} : { "node.alpha.kubernetes.io/ttl": ttl };
      const objects = podObjects({
        kubelet: { configMapAndSecretChangeDetectionStrategy: strategy, syncFrequency: "1m0s" },
        client,
        clock,
        log: silentLogger,
        node: () => ({ metadata: { annotations } }),
      });
      const told: string[] = [];
      objects.subscribe(({ name }) => void told.push(name));
      objects.retain("pod", [reference]);
      client.calls.length = 0;
      return { clock, objects, told };
    };

    await t.test("Watch", async (t) => {
      const { objects } = begin("Watch");
      await using _objects = objects;
      t.equal(await value(objects), "1");
      t.equal(client.watches, 1);
      t.equal(gets(), 0);
    });

    await t.test("Get", async (t) => {
      const { clock, objects, told } = begin("Get");
      await using _objects = objects;
      t.equal(await value(objects), "1");
      put("2");
      t.equal(await value(objects), "2");
      t.equal(gets(), 2);
      t.strictSame(told, []);
      await clock.advance(MINUTE);
      t.strictSame(told, ["a"]);
      await clock.advance(MINUTE);
      t.strictSame(told, ["a"], "nothing changed");
      client.remove(CONFIG_MAPS, "a", namespace);
      await clock.advance(MINUTE);
      t.strictSame(told, ["a", "a"]);
      t.equal(await value(objects), undefined);
      client.answer = () => {
        throw new Error("away");
      };
      await t.rejects(value(objects), { code: "unavailable" });
      client.answer = () => undefined;
      objects.release("pod");
      const before = gets();
      await clock.advance(10 * MINUTE);
      t.equal(gets(), before, "nobody names it any more");
      t.equal(client.watches, 0);
    });

    await t.test("Cache", async (t) => {
      const { clock, objects, told } = begin("Cache", "90");
      await using _objects = objects;
      t.equal(await value(objects), "1");
      await clock.advance(MINUTE);
      put("2");
      t.equal(await value(objects), "1", "the answer holds");
      t.equal(gets(), 1);
      told.length = 0;
      await clock.advance(MINUTE);
      t.strictSame(told, ["a"]);
      t.equal(await value(objects), "2");
      put("3");
      objects.retain("other", [reference]);
      t.equal(await value(objects), "3", "asked anew for a pod that is new");
      await clock.advance(2 * MINUTE);
      client.answer = () => {
        throw new Error("away");
      };
      await clock.advance(2 * MINUTE);
      t.equal(await value(objects), "3", "it holds while the server is away");
      client.answer = () => undefined;
    });
    t.equal(client.watches, 0);
  },
);
