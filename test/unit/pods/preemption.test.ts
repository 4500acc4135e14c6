// Critical pods that the node has no room for: which others give way.

import type { V1Pod } from "@kubernetes/client-node";
import t from "tap";

import type { NodeFacts } from "../../../agent/pods/admission.ts";
import { isCritical } from "../../../agent/pods/critical.ts";
import { givesWay, preempted } from "../../../agent/pods/preemption.ts";

const node: NodeFacts = { name: "n", labels: {}, cpuMilli: 4000n, memory: 4096n, pods: 6n };

function asking(requests: Record<string, string>, more: { limits?: boolean; priority?: number } = {}): V1Pod {
  const resources = { requests, ...(more.limits === true ? { limits: requests } : {}) };
  const spec = { containers: [{ name: "c", image: "i", resources }] };
  return { spec: Object.assign(spec, more.priority === undefined ? {} : { priority: more.priority }) };
}

const named = (pods: Record<string, V1Pod>): { key: string; pod: V1Pod }[] =>
  Object.entries(pods).map(([key, pod]) => ({ key, pod }));
const chosen = (pod: V1Pod, pods: Record<string, V1Pod>, kept: Record<string, V1Pod> = {}): string[] | undefined =>
  preempted(pod, named(pods), named(kept), node)?.map(({ key }) => key);

t.test("who is critical, and who gives way", async (t) => {
  t.ok(isCritical({}, "file"));
  t.ok(isCritical({}, "url"));
  t.notOk(isCritical({}, "local"));
  t.notOk(isCritical(asking({}, { priority: 1_000_000_000 }), "api"));
  const critical = asking({}, { priority: 2_000_000_000 });
  t.ok(isCritical(critical, "api"));
  t.ok(givesWay({}, critical));
  t.notOk(givesWay(critical, critical));
  t.ok(givesWay(critical, asking({}, { priority: 2_000_001_000 })));
  t.notOk(givesWay(critical, {}), "a manifest's without a priority");
});

t.test("as few as make room, of the lowest classes", async (t) => {
  const burstable = asking({ cpu: "1" });
  const guaranteed = asking({ cpu: "2", memory: "100" }, { limits: true });
  t.strictSame(chosen(asking({ cpu: "1" }), { burstable, guaranteed }), [], "there is room");
  t.strictSame(chosen(asking({ cpu: "2" }), { burstable, guaranteed }), ["burstable"]);
  t.strictSame(chosen(asking({ cpu: "3" }), { burstable, guaranteed }), ["guaranteed"]);
  t.strictSame(chosen(asking({ cpu: "4" }), { burstable, guaranteed })?.toSorted(), ["burstable", "guaranteed"]);
  const small = asking({ cpu: "500m" });
  const exact = asking({ cpu: "1500m" });
  t.strictSame(chosen(asking({ cpu: "1500m" }), { small, guaranteed, exact }), ["exact"], "the nearest, and not more");
  const one = asking({ cpu: "1", memory: "9" });
  const other = asking({ cpu: "1", memory: "8" });
  t.strictSame(chosen(asking({ cpu: "3" }), { one, other }), ["other"], "the smaller of two as near");
});

t.test("a place of a pod is made by one without requests", async (t) => {
  const pods = Object.fromEntries(["a", "b", "c", "d"].map((name) => [name, asking({ cpu: "1m" })]));
  t.strictSame(chosen({}, { ...pods, none: asking({}), more: asking({ cpu: "2m" }) }), ["none"]);
});

t.test("nobody is ended in vain", async (t) => {
  const taken = asking({ cpu: "3" });
  t.equal(chosen(asking({ cpu: "2" }), { taken: asking({ cpu: "500m" }) }, { taken }), undefined, "not enough");
  t.equal(chosen(asking({ cpu: "5" }), { taken }), undefined, "more than the node has");
  const elsewhere = asking({ cpu: "2" });
  Object.assign(elsewhere.spec ?? {}, { nodeSelector: { no: "such" } });
  t.equal(chosen(elsewhere, { taken }), undefined, "it is not for this node");
});
