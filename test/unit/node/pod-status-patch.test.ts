import type { V1PodCondition, V1PodStatus } from "@kubernetes/client-node";
import { test } from "tap";

import { changed } from "../../../agent/base/changed.ts";
import { podStatusPatch } from "../../../agent/node/pod-status-patch.ts";

const at = (seconds: number): Date => new Date(seconds * 1000);
const ready = (status: string, rest: Partial<V1PodCondition> = {}): V1PodCondition => ({
  type: "Ready",
  status,
  lastTransitionTime: at(5),
  ...rest,
});
/** As the API server gives it back. */
const wire = (status: V1PodStatus): V1PodStatus =>
  JSON.parse(JSON.stringify(status).replaceAll(".000Z", "Z")) as V1PodStatus;

test("nothing is sent when nothing changed", (t) => {
  const status: V1PodStatus = {
    phase: "Running",
    startTime: at(1),
    podIPs: [{ ip: "10.0.0.1" }],
    conditions: [ready("True")],
    containerStatuses: [
      { name: "a", image: "i", imageID: "", ready: true, restartCount: 0, state: { running: { startedAt: at(2) } } },
    ],
  };
  t.equal(podStatusPatch(wire(status), status, "u"), undefined);
  t.equal(
    podStatusPatch(wire(status), changed(status, { conditions: [ready("True", { lastTransitionTime: at(9) })] }), "u"),
    undefined,
  );
  t.end();
});

test("what changed is sent, with the uid; what others set stays", (t) => {
  const known = wire({
    phase: "Pending",
    reason: "Old",
    qosClass: "Burstable",
    startTime: at(1),
    podIPs: [{ ip: "10.0.0.1" }],
    conditions: [ready("False", { reason: "ContainersNotReady", message: "m" }), { type: "gate", status: "True" }],
  });
  const wanted: V1PodStatus = {
    phase: "Running",
    qosClass: "BestEffort",
    startTime: at(3),
    podIPs: [{ ip: "10.0.0.2" }],
    conditions: [ready("True", { lastTransitionTime: at(8) })],
  };
  t.same(podStatusPatch(known, wanted, "u"), {
    metadata: { uid: "u" },
    status: {
      phase: "Running",
      reason: null,
      podIPs: [{ $patch: "replace" }, { ip: "10.0.0.2" }],
      conditions: [
        { type: "Ready", status: "True", lastTransitionTime: "1970-01-01T00:00:08Z", reason: null, message: null },
      ],
    },
  });
  t.end();
});

test("a condition of a resize goes when it is over; what others set stays", (t) => {
  const gate = { type: "gate", status: "True" };
  const known = wire({ conditions: [ready("True"), gate, { type: "PodResizeInProgress", status: "True" }] });
  t.same(podStatusPatch(known, { conditions: [ready("True")] }, "u"), {
    metadata: { uid: "u" },
    status: { conditions: [{ $patch: "delete", type: "PodResizeInProgress" }] },
  });
  t.end();
});

test("a condition that holds on keeps its time though its reason changes", (t) => {
  const known = wire({ conditions: [ready("False", { reason: "A" })] });
  const patch = podStatusPatch(
    known,
    { conditions: [ready("False", { reason: "B", lastTransitionTime: at(9) })] },
    "u",
  );
  t.match(patch, { status: { conditions: [{ reason: "B", lastTransitionTime: "1970-01-01T00:00:05Z" }] } });
  t.end();
});
