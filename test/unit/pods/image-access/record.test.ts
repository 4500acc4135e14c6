// What is noted of a pull, and whom it lets use the image.

import t from "tap";

import {
  accessWith,
  decodeIntent,
  decodeRecord,
  encodeIntent,
  encodeRecord,
  openAccess,
  recordPull,
  wasPulled,
  wholeName,
  type PulledRecord,
  type PullSecret,
} from "../../../../agent/pods/image-access/record.ts";

const ID = "sha256:0123";
const secret = (name: string, credentialHash: string, uid = `uid-${name}`): PullSecret => ({
  uid,
  namespace: "default",
  name,
  credentialHash,
});
const pulled = (image: string, ...secrets: PullSecret[]): PulledRecord =>
  recordPull(undefined, ID, image, { kubernetesSecrets: secrets }, 0);

t.test("who may use an image that a Secret pulled", async (t) => {
  const record = pulled("registry.example/app:1", secret("a", "hash"));
  const table: readonly [string, PullSecret[], granted: boolean, noted: boolean][] = [
    ["nothing", [], false, false],
    ["the same", [secret("a", "hash")], true, false],
    ["another Secret with the same credentials", [secret("b", "hash")], true, true],
    ["the same Secret with others now", [secret("a", "changed")], true, true],
    ["another Secret of this name", [secret("a", "other", "uid-2")], false, false],
    ["one that fits of two", [secret("b", "other"), secret("a", "hash")], true, false],
    ["no hash", [secret("b", "")], false, false],
  ];
  for (const [what, shown, granted, noted] of table) {
    const answer = accessWith(record, "registry.example/app:2", shown);
    t.equal(answer.granted, granted, what);
    t.equal(answer.note !== undefined, noted, `${what}: noted`);
  }
  t.equal(openAccess(record, "registry.example/app:1"), undefined);
  t.notOk(accessWith(record, "registry.example/other:1", [secret("a", "hash")]).granted, "another repository");
  t.equal(openAccess(record, "registry.example/other:1"), false);
});

t.test("Secrets that no API server knows are the same by their credentials only", async (t) => {
  const record = pulled("app", secret("a", "hash", ""));
  t.ok(accessWith(record, "app", [secret("a", "hash", "")]).granted);
  t.notOk(accessWith(record, "app", [secret("a", "other", "")]).granted);
});

t.test("no more than 100 Secrets are noted for what they show", async (t) => {
  const record = pulled("app", ...Array.from({ length: 100 }, (_, index) => secret(`s${index}`, "hash")));
  t.same(accessWith(record, "app", [secret("new", "hash")]), { granted: true, note: undefined });
});

t.test("a pull without credentials is for all, and stays", async (t) => {
  const first = pulled("team/app", secret("a", "hash"));
  const open = recordPull(first, ID, "docker.io/team/app:2", { nodePodsAccessible: true }, 5_000);
  t.same(open.credentialMapping, { "team/app": { nodePodsAccessible: true } });
  t.equal(open.lastUpdatedTime, "1970-01-01T00:00:05Z");
  t.equal(openAccess(open, "team/app"), true);
  t.equal(recordPull(open, ID, "team/app", { kubernetesSecrets: [secret("b", "x")] }, 9_000), open);
});

t.test("Secrets add up, a changed one in its place; what is known already changes nothing", async (t) => {
  const record = pulled("app", secret("b", "1"), secret("a", "1"));
  const more = recordPull(record, ID, "app", { kubernetesSecrets: [secret("a", "2")] }, 1_000);
  t.same(more.credentialMapping["app"]?.kubernetesSecrets, [secret("a", "2"), secret("b", "1")]);
  t.equal(recordPull(more, ID, "app", { kubernetesSecrets: [secret("b", "1")] }, 2_000), more);
  t.equal(recordPull(more, ID, "app", {}, 2_000), more, "nobody knows with what");
  const unknown = recordPull(more, ID, "other", {}, 2_000);
  t.equal(openAccess(unknown, "other"), false);
});

t.test("an image that was pulled, and has a name that it was loaded under", async (t) => {
  const record = pulled("registry.example/app:1", secret("a", "hash"));
  const names = ["registry.example/app:1", "docker.io/library/loaded:1"];
  t.ok(wasPulled(record, "registry.example/app:1", names));
  t.notOk(wasPulled(record, "loaded:1", names), "the name that it was loaded under");
  t.ok(wasPulled(record, "sha256:0123", names), "not by its id");
  t.ok(wasPulled({ ...record, credentialMapping: {} }, "loaded:1", names), "nobody knows what was pulled");
});

t.test("kubelet's texts", async (t) => {
  const text =
    '{"kind":"ImagePulledRecord","apiVersion":"kubelet.config.k8s.io/v1beta1","lastUpdatedTime":"2024-10-21T12:26:40Z",' +
    '"imageRef":"testimageref","credentialMapping":{"docker.io/testing/test":{"kubernetesSecrets":' +
    '[{"uid":"u","namespace":"default","name":"pull-secret","credentialHash":"h"}],"kubernetesServiceAccounts":[{"uid":"s"}]}}}';
  const record = decodeRecord(text);
  t.match(record, { imageRef: "testimageref", lastUpdatedTime: "2024-10-21T12:26:40Z" });
  t.same(JSON.parse(encodeRecord(record!)), JSON.parse(text));
  t.ok(decodeRecord(text.replace("v1beta1", "v1alpha1")), "the version before");
  t.same(decodeRecord(text.replace(/,"credentialMapping".*/, "}"))?.credentialMapping, {});
  for (const broken of [
    "",
    text.slice(0, -1),
    text.replace("v1beta1", "v2"),
    text.replace('"h"', "1"),
    text.replace("PulledRecord", "PullIntent"),
    text.replace('"imageRef":"testimageref"', '"imageRef":null'),
  ])
    t.equal(decodeRecord(broken), undefined, broken);
  t.equal(decodeIntent(encodeIntent("secretorg/myimage:tag")), "secretorg/myimage:tag");
  t.equal(decodeIntent(encodeIntent("A B")), undefined);
});

t.test("names to compare", async (t) => {
  t.equal(wholeName("busybox"), "docker.io/library/busybox:latest");
  const digest = `sha256:${"a".repeat(64)}`;
  t.equal(wholeName(`busybox:1@${digest}`), `docker.io/library/busybox@${digest}`);
});
