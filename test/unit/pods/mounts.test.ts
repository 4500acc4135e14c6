// A container's mounts of volumes, and what of them is refused.

import { test } from "tap";

import type { V1Container } from "@kubernetes/client-node";

import { describeError } from "../../../agent/base/errors.ts";
import { containerMounts, mountStatuses } from "../../../agent/pods/mounts.ts";
import type { MountSettings } from "../../../agent/pods/mounts.ts";
import { subPathsOf } from "../../../agent/pods/sub-paths.ts";
import { decoded } from "./node.ts";

const settings: MountSettings = {
  layout: { rootDir: "/root", podLogsDir: "/logs", containerLogsDir: "/links" },
  attempt: 0,
  volumes: new Map([
    ["data", { hostPath: "/host/data" }],
    ["files", { hostPath: "/host/files", readOnly: true }],
    ["image", { hostPath: "", image: "sha256:1", readOnly: true }],
  ]),
  subPaths: new Map([
    [1, "/bound/1"],
    [3, "bin"],
  ]),
  recursiveReadOnly: true,
  userNamespace: undefined,
};

function container(...volumeMounts: object[]): V1Container {
  return { name: "main", image: "i:1", volumeMounts: volumeMounts as NonNullable<V1Container["volumeMounts"]> };
}

test("volumes, parts of them and images", (t) => {
  const { pod } = decoded("p");
  const mounts = containerMounts(
    pod,
    container(
      { name: "data", mountPath: "relative/", mountPropagation: "Bidirectional" },
      { name: "data", mountPath: "/part", subPath: "a" },
      { name: "files", mountPath: "/files" },
      { name: "image", mountPath: "/image", subPath: "bin" },
    ),
    settings,
  );
  t.match(mounts, [
    { containerPath: "/relative", hostPath: "/host/data", readonly: false, propagation: 2 },
    { containerPath: "/part", hostPath: "/bound/1", readonly: false, propagation: 0 },
    { containerPath: "/files", hostPath: "/host/files", readonly: true },
    { containerPath: "/image", image: { image: "sha256:1" }, imageSubPath: "bin", readonly: true },
    { containerPath: "/etc/hosts" },
  ]);
  t.end();
});

test("recursive read-only mounts, by what the runtime can", (t) => {
  const { pod } = decoded("p");
  const asked = (recursiveReadOnly: string | undefined, supported: boolean): string => {
    const main = container({ name: "data", mountPath: "/d", readOnly: true, recursiveReadOnly });
    try {
      const [mount] = containerMounts(pod, main, { ...settings, recursiveReadOnly: supported });
      const [status] = mountStatuses(main, supported);
      return `${String(mount?.recursiveReadOnly)} ${status?.recursiveReadOnly}`;
    } catch (error) {
      return describeError(error);
    }
  };
  t.equal(asked(undefined, true), "false Disabled");
  t.equal(asked("Disabled", true), "false Disabled");
  t.equal(asked("IfPossible", true), "true Enabled");
  t.equal(asked("IfPossible", false), "false Disabled");
  t.equal(asked("Enabled", true), "true Enabled");
  t.match(asked("Enabled", false), /volumeMounts\[0\]\.recursiveReadOnly: The runtime cannot .*IfPossible/);
  t.end();
});

test("subPath and subPathExpr", (t) => {
  const of = (mount: object): string => {
    try {
      const env = new Map([
        ["A", "one"],
        ["UP", ".."],
        ["ROOT", "/etc"],
        ["EMPTY", ""],
      ]);
      return subPathsOf(container({ name: "data", mountPath: "/d", ...mount }), env).get(0) ?? "none";
    } catch (error) {
      return describeError(error);
    }
  };
  t.equal(of({}), "none");
  t.equal(of({ subPath: "" }), "none");
  t.equal(of({ subPath: "a/$(A)" }), "a/$(A)");
  t.equal(of({ subPathExpr: "x/$(A)-$$(A)" }), "x/one-$(A)");
  t.equal(of({ subPathExpr: "$(EMPTY)" }), "none");
  t.match(of({ subPathExpr: "$(NONE)" }), /subPathExpr: missing value for "NONE"/);
  t.match(of({ subPathExpr: "a/$(UP)/b" }), /has a '\.\.'/);
  t.match(of({ subPathExpr: "$(ROOT)" }), /is absolute/);
  t.end();
});

test("what a manifest may not ask for", (t) => {
  const refused = (spec: object): string => {
    try {
      decoded("p", spec);
      return "accepted";
    } catch (error) {
      return describeError(error);
    }
  };
  const volume = (fields: object): string => refused({ volumes: [{ name: "v", ...fields }] });
  const main = (mount: object, fields: object = { emptyDir: {} }): string =>
    refused({
      volumes: [{ name: "v", ...fields }],
      containers: [{ name: "main", image: "i:1", volumeMounts: [{ name: "v", mountPath: "/v", ...mount }] }],
    });
  t.match(volume({ emptyDir: { medium: "HugePages-2Mi" } }), /emptyDir\.medium: .*HugePages-2Mi" is not supported yet/);
  t.match(volume({ configMap: { name: "c", items: [{ key: "k", path: "../x" }] } }), /path: .*must not contain '\.\.'/);
  t.match(volume({ configMap: { name: "c", items: [{ key: "k", path: "..x" }] } }), /must not start with '\.\.'/);
  t.match(
    volume({ secret: { secretName: "s", defaultMode: 0o1000 } }),
    /defaultMode: Must be a whole number from 0 to 511/,
  );
  const twice = [
    { key: "k", path: "a" },
    { key: "l", path: "a/b" },
  ];
  t.match(volume({ secret: { secretName: "s", items: twice } }), /items\[1\]\.path: "a\/b" conflicts with "a"/);
  t.match(
    volume({ projected: { sources: [{ serviceAccountToken: { path: "t" } }] } }),
    /serviceAccountToken: .*API server/,
  );
  t.match(
    volume({ projected: { sources: [{ clusterTrustBundle: { path: "t" } }] } }),
    /clusterTrustBundle: .*API server/,
  );
  t.match(volume({ projected: { sources: [{}] } }), /exactly one source/);
  t.match(
    volume({ downwardAPI: { items: [{ path: "ip", fieldRef: { fieldPath: "status.podIP" } }] } }),
    /fieldPath: Must be one of metadata\.name/,
  );
  t.match(volume({ ephemeral: {} }), /ephemeral: .*API server/);
  t.match(volume({ persistentVolumeClaim: {} }), /claimName/);
  t.match(volume({ csi: { driver: "d" } }), /csi: This field is not supported yet/);
  t.match(main({ subPath: "/a" }), /subPath: .*must be a relative path/);
  t.match(main({ subPath: "a/../b" }), /subPath: .*must not contain '\.\.'/);
  t.match(main({ subPath: "a", subPathExpr: "b" }), /Must not be set together with subPath/);
  t.match(main({ subPathExpr: "b" }, { image: { reference: "i:1" } }), /An image has no subPathExpr/);
  t.match(main({ mountPropagation: "Bidirectional" }), /needs a privileged container/);
  t.match(main({ recursiveReadOnly: "Enabled" }), /Needs readOnly: true/);
  t.match(
    refused({ containers: [{ name: "main", image: "i:1", volumeDevices: [{ name: "v", devicePath: "/d" }] }] }),
    /volumeDevices: This field is not supported yet \(Use volumeMounts\)/,
  );
  t.end();
});
