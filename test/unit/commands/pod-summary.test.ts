import t from "tap";

import { summarizePod } from "../../../agent/commands/pod-summary.ts";
import { podView } from "../server/fakes.ts";

const running = (name: string, ready = true) => ({ name, ready, restartCount: 0, state: { running: {} } });

t.test("the word for a pod's state", async (t) => {
  const of = (status: object, options: { deleting?: boolean; inits?: object[] } = {}): string => {
    const view = podView("web", { status, ...(options.deleting === undefined ? {} : { deleting: options.deleting }) });
    if (options.inits !== undefined && view.pod.spec !== undefined)
      view.pod.spec.initContainers = options.inits as never;
    return summarizePod(view).status;
  };
  t.equal(of({ phase: "Pending" }), "Pending");
  t.equal(of({ containerStatuses: [running("app")] }), "Running");
  t.equal(of({ containerStatuses: [running("app")] }, { deleting: true }), "Terminating");
  t.equal(of({ phase: "Failed", reason: "Evicted" }), "Evicted");
  t.equal(
    of({ containerStatuses: [{ name: "app", state: { waiting: { reason: "CrashLoopBackOff" } } }] }),
    "CrashLoopBackOff",
  );
  t.equal(
    of({ containerStatuses: [{ name: "app", state: { terminated: { exitCode: 1, reason: "Error" } } }] }),
    "Error",
  );
  t.equal(of({ containerStatuses: [{ name: "app", state: { terminated: { exitCode: 1 } } }] }), "ExitCode:1");
  t.equal(
    of({ containerStatuses: [{ name: "app", state: { terminated: { exitCode: 137, signal: 9 } } }] }),
    "Signal:9",
  );
  const half = [{ name: "app", state: { terminated: { exitCode: 0, reason: "Completed" } } }, running("side")];
  t.equal(of({ containerStatuses: half }), "NotReady");
  t.equal(of({ containerStatuses: half, conditions: [{ type: "Ready", status: "True" }] }), "Running");
  const inits = [{ name: "a" }, { name: "b" }];
  const done = { name: "a", state: { terminated: { exitCode: 0 } } };
  t.equal(of({ initContainerStatuses: [done, { name: "b", state: { running: {} } }] }, { inits }), "Init:1/2");
  t.equal(
    of({ initContainerStatuses: [done, { name: "b", state: { waiting: { reason: "PodInitializing" } } }] }, { inits }),
    "Init:1/2",
  );
  t.equal(
    of({ initContainerStatuses: [{ name: "a", state: { waiting: { reason: "ImagePullBackOff" } } }] }, { inits }),
    "Init:ImagePullBackOff",
  );
  t.equal(
    of({ initContainerStatuses: [{ name: "a", state: { terminated: { exitCode: 3 } } }] }, { inits }),
    "Init:ExitCode:3",
  );
  const sidecar = [{ name: "a", restartPolicy: "Always" }];
  t.equal(
    of(
      { initContainerStatuses: [{ ...running("a"), started: true }], containerStatuses: [running("app")] },
      { inits: sidecar },
    ),
    "Running",
  );
});

t.test("counts", async (t) => {
  const view = podView("web", {
    containers: ["app", "side"],
    status: {
      podIP: "10.0.0.1",
      containerStatuses: [
        { ...running("app"), restartCount: 2, lastState: { terminated: { finishedAt: "2026-01-01T00:00:05Z" } } },
        running("side", false),
      ],
      initContainerStatuses: [{ ...running("init"), started: true, restartCount: 1 }],
    },
  });
  if (view.pod.spec !== undefined) view.pod.spec.initContainers = [{ name: "init", restartPolicy: "Always" }] as never;
  t.match(summarizePod(view), {
    ready: 2,
    containers: 3,
    restarts: 3,
    ip: "10.0.0.1",
    lastRestart: Date.parse("2026-01-01T00:00:05Z"),
  });
});
