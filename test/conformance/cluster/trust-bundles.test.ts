// time limit: 600 s
// Volumes of ClusterTrustBundles, on an API server that has them, for a node that may do what nodes may.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { V1ClusterTrustBundleProjection, V1Pod } from "@kubernetes/client-node";
import t from "tap";

import { CLUSTER_TRUST_BUNDLES, PODS } from "../../../agent/kube/resources.ts";
import { BUSYBOX_REF } from "../../../scripts/busybox-image.ts";
import { TestAuthority } from "../../fixtures/certificates.ts";
import { TestCluster } from "./node.ts";

const NUMBER = 37;
const SIGNER = "example.com/authority";
const OBEDIENT = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"];

const cluster = await TestCluster.start(NUMBER, {
  plane: {
    authorization: "RBAC",
    apiServerFlags: [
      "--runtime-config=certificates.k8s.io/v1beta1/clustertrustbundles=true",
      "--feature-gates=ClusterTrustBundle=true,ClusterTrustBundleProjection=true",
    ],
  },
});
t.teardown(() => cluster[Symbol.asyncDispose]());
const { client, agent, directory } = cluster;
await cluster.ready();

/** In the form that pods find it. */
const certificate = (name: string): string => {
  const { certificate: path } = new TestAuthority(join(directory, name), name);
  return readFileSync(path, "utf8").trim();
};
const [first, second] = ["first", "second"].map(certificate) as [string, string];

const put = (name: string, certificates: readonly string[], more: { signerName?: string; env?: string } = {}) =>
  client.create(CLUSTER_TRUST_BUNDLES, {
    metadata: { name, ...(more.env === undefined ? {} : { labels: { env: more.env } }) },
    spec: {
      trustBundle: certificates.join("\n"),
      ...(more.signerName === undefined ? {} : { signerName: more.signerName }),
    },
  });

const create = (name: string, sources: readonly V1ClusterTrustBundleProjection[], spec: Partial<V1Pod["spec"]> = {}) =>
  cluster.create(name, {
    ...spec,
    containers: [
      { name: "main", image: BUSYBOX_REF, command: OBEDIENT, volumeMounts: [{ name: "trust", mountPath: "/trust" }] },
    ],
    volumes: [{ name: "trust", projected: { sources: sources.map((clusterTrustBundle) => ({ clusterTrustBundle })) } }],
  });

const shown = async (pod: string, path: string): Promise<string[]> => {
  const { code, out, err } = await agent.command("exec", pod, "--", "cat", `/trust/${path}`);
  if (code !== 0) throw new Error(err);
  return out
    .split(/(?<=-----END CERTIFICATE-----)\n/)
    .filter((block) => block !== "")
    .toSorted();
};
const both = [first, second].toSorted();

t.test("by name: the pod waits for the bundle, and follows it", async (t) => {
  await create("named", [{ name: "anchors", path: "ca/anchors.pem" }]);
  await cluster.until("the pod says what it waits for", async () =>
    (await agent.command("events")).out.includes('clustertrustbundle.certificates.k8s.io "anchors" not found'),
  );
  await put("anchors", [first]);
  await cluster.phase("named", "Running");
  t.strictSame(await shown("named", "ca/anchors.pem"), [first]);
  const body = { spec: { trustBundle: `${first}\n${second}` } };
  await client.patch(CLUSTER_TRUST_BUNDLES, "anchors", { type: "merge", body });
  t.ok(await cluster.until("the other certificate", async () => (await shown("named", "ca/anchors.pem")).length === 2));
  t.strictSame(await shown("named", "ca/anchors.pem"), both);
  await client.delete(PODS, "named", { namespace: "default" });
  await cluster.gone("named");
});

t.test("by signer and labels; what is optional may be missing; another user's file is its own", async (t) => {
  await put("example.com:authority:live", [first], { signerName: SIGNER, env: "live" });
  await put("example.com:authority:test", [second, first], { signerName: SIGNER, env: "test" });
  await create(
    "signed",
    [
      { signerName: SIGNER, labelSelector: { matchLabels: { env: "live" } }, path: "live.pem" },
      { signerName: SIGNER, labelSelector: {}, path: "all.pem" },
      { signerName: SIGNER, path: "none.pem", optional: true },
      { name: "missing", path: "missing.pem", optional: true },
    ],
    { securityContext: { runAsUser: 1234 } },
  );
  await cluster.phase("signed", "Running");
  t.strictSame(await shown("signed", "live.pem"), [first]);
  t.strictSame(await shown("signed", "all.pem"), both, "each certificate once");
  t.strictSame(await shown("signed", "none.pem"), []);
  t.strictSame(await shown("signed", "missing.pem"), []);
  const { out } = await agent.command("exec", "signed", "--", "stat", "-L", "-c", "%u %a", "/trust/live.pem");
  t.equal(out.trim(), "1234 600");
  await client.delete(PODS, "signed", { namespace: "default" });
  await cluster.gone("signed");
});
