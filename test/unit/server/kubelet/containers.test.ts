// What kubectl shows where a request names what is not there: kubelet's words, which tools look for.

import t from "tap";

import type { PodManager, PodView } from "../../../../agent/pods/manager.ts";
import { containerToEnter, containerWithLog, requirePod } from "../../../../agent/server/kubelet/containers.ts";

const waiting = (name: string, reason?: string): object => ({
  name,
  ...(reason === undefined ? {} : { state: { waiting: { reason } } }),
});
const view = {
  pod: {
    metadata: { name: "p", namespace: "default", uid: "u1" },
    spec: { containers: ["runs", "pulls", "backs", "creates", "new"].map((name) => ({ name })) },
    status: {
      containerStatuses: [
        { name: "runs" },
        waiting("pulls", "ErrImagePull"),
        waiting("backs", "ImagePullBackOff"),
        waiting("creates", "ContainerCreating"),
        waiting("new"),
      ],
    },
  },
  source: "api",
} as unknown as PodView;

const pods = {
  get: (namespace: string, name: string) => (namespace === "default" && name === "p" ? view : undefined),
  container: (_namespace: string, name: string, container: string, { previous = false } = {}) =>
    name === "p" && container === "runs" && !previous ? { id: "c1", logPath: "/log" } : undefined,
} as unknown as PodManager;

t.test("logs", async (t) => {
  const find = (pod: string, container: string, previous = false): object =>
    containerWithLog(pods, "default", pod, container, { previous });
  t.strictSame(find("p", "runs"), { id: "c1", logPath: "/log" });
  t.throws(() => find("q", "runs"), { code: "not-found", message: 'pod "q" does not exist' });
  t.throws(() => find("p", "none"), { code: "not-found", message: 'container "none" not found in pod "p"' });
  const table: [container: string, previous: boolean, message: string][] = [
    ["runs", true, 'previous terminated container "runs" in pod "p" not found'],
    ["pulls", false, 'container "pulls" in pod "p" is waiting to start: image can\'t be pulled'],
    ["backs", false, 'container "backs" in pod "p" is waiting to start: trying and failing to pull image'],
    ["creates", false, 'container "creates" in pod "p" is waiting to start: ContainerCreating'],
    ["new", false, 'container "new" in pod "p" is waiting to start - no logs yet'],
  ];
  for (const [container, previous, message] of table)
    t.throws(() => find("p", container, previous), { code: "invalid", message });
});

t.test("exec, attach, port-forward", async (t) => {
  const enter = (pod: string, container: string, uid?: string): string =>
    containerToEnter(pods, { namespace: "default", pod, uid, container });
  t.equal(enter("p", "runs"), "c1");
  t.equal(enter("p", "runs", "u1"), "c1");
  t.throws(() => enter("q", "runs"), { code: "not-found", message: "pod does not exist" });
  t.throws(() => enter("p", "none"), { code: "not-found", message: 'container not found ("none")' });
  t.throws(() => requirePod(pods, "default", "p", "u2"), { code: "not-found", message: "pod not found" });
});
