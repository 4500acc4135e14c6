// ClusterTrustBundles: which ones a projection means, in which form their certificates come, and what a server without them says.

import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t from "tap";

import { systemClock } from "../../../agent/base/clock.ts";
import { unlessAborted } from "../../../agent/base/limits.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import type { ListOptions, ObjectList } from "../../../agent/kube/client.ts";
import { matchesSelector } from "../../../agent/kube/label-selector.ts";
import { CLUSTER_TRUST_BUNDLES, type KubeObject, type Resource } from "../../../agent/kube/resources.ts";
import { TrustBundles } from "../../../agent/kube/trust-bundles.ts";
import { TestAuthority } from "../../fixtures/certificates.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { TableClient } from "../../fixtures/table-client.ts";

const directory = mkdtempSync(join(tmpdir(), "nodelet-trust-bundles-"));
t.teardown(() => rmSync(directory, { recursive: true, force: true }));
const certificate = (name: string): string =>
  readFileSync(new TestAuthority(join(directory, name), name).certificate, "utf8");
const [one, two, three] = ["one", "two", "three"].map(certificate) as [string, string, string];

const bundle = (
  name: string,
  trustBundle: string,
  more: { signerName?: string; labels?: Record<string, string> } = {},
) => ({
  metadata: { name, ...(more.labels === undefined ? {} : { labels: more.labels }) },
  spec: { trustBundle, ...(more.signerName === undefined ? {} : { signerName: more.signerName }) },
});

/** Whose certificates they are, sorted. */
function subjects(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n/g) ?? [];
  t.equal(blocks.join(""), pem, "nothing else is in it");
  return blocks.map((block) => /CN=(\w+)/.exec(new X509Certificate(block).subject)?.[1] ?? "").toSorted();
}

const signerName = "example.com/signer";

t.test("by name, and by signer and labels", async (t) => {
  const client = new TableClient();
  await client.create(CLUSTER_TRUST_BUNDLES, bundle("plain", `of the first\n${one}\nand again\n${one}${two}`));
  const a = bundle("example.com:signer:a", one, { signerName, labels: { env: "live" } });
  await client.create(CLUSTER_TRUST_BUNDLES, a);
  const b = bundle("example.com:signer:b", two + one, { signerName, labels: { env: "test" } });
  await client.create(CLUSTER_TRUST_BUNDLES, b);
  const other = bundle("example.com:other:a", three, { signerName: "example.com/other", labels: { env: "live" } });
  await client.create(CLUSTER_TRUST_BUNDLES, other);
  await using bundles = new TrustBundles({ client, clock: systemClock, log: silentLogger });

  const plain = await bundles.anchors({ name: "plain" });
  t.strictSame(subjects(plain), ["one", "two"], "each once");
  t.equal(await bundles.anchors({ name: "plain" }), plain, "in the same order each time");
  t.strictSame(subjects(await bundles.anchors({ signerName, labelSelector: {} })), ["one", "two"]);
  const live = { matchLabels: { env: "live" } };
  t.strictSame(subjects(await bundles.anchors({ signerName, labelSelector: live })), ["one"]);
  await t.rejects(bundles.anchors({ name: "gone" }), {
    code: "not-found",
    message: /clustertrustbundle.* "gone" not found/,
  });
  t.equal(await bundles.anchors({ name: "gone", optional: true }), "");
  const none = { code: "not-found", message: /matched zero ClusterTrustBundles/ };
  await t.rejects(bundles.anchors({ signerName }), none, "without a selector none is meant");
  await t.rejects(bundles.anchors({ signerName, labelSelector: { matchLabels: { env: "no" } } }), none);
  t.equal(await bundles.anchors({ signerName, optional: true }), "");
  await t.rejects(bundles.anchors({}), { code: "invalid" });

  let changes = 0;
  using _listening = bundles.subscribe(() => changes++);
  await client.create(CLUSTER_TRUST_BUNDLES, bundle("late", three));
  await eventually("the change is told", () => changes > 0);
  t.strictSame(subjects(await bundles.anchors({ name: "late" })), ["three"]);
});

t.test("who leaves ends nobody else's question", async (t) => {
  const { promise: held, resolve: goOn } = Promise.withResolvers<undefined>();
  /** As a client does: its caller's signal ends the call. */
  class HeldClient extends TableClient {
    override list<T extends KubeObject>(resource: Resource<T>, options: ListOptions = {}): Promise<ObjectList<T>> {
      return unlessAborted(
        held.then(() => super.list(resource, options)),
        options.signal,
      );
    }
  }
  const client = new HeldClient();
  await client.create(CLUSTER_TRUST_BUNDLES, bundle("plain", one));
  await using bundles = new TrustBundles({ client, clock: systemClock, log: silentLogger });
  const leaving = new AbortController();
  const first = bundles.anchors({ name: "plain" }, leaving.signal);
  const second = bundles.anchors({ name: "plain" });
  leaving.abort(new Error("the pod is ended"));
  await t.rejects(first, { message: "the pod is ended" });
  goOn(undefined);
  t.strictSame(subjects(await second), ["one"]);
});

t.test("a server that does not answer holds no pod up, and is heard when it does", async (t) => {
  const { promise: held, resolve: goOn } = Promise.withResolvers<undefined>();
  const client = new TableClient();
  await client.create(CLUSTER_TRUST_BUNDLES, bundle("plain", one));
  client.answer = () => held;
  await using bundles = new TrustBundles({ client, clock: systemClock, log: silentLogger, limitMs: 50 });
  await t.rejects(bundles.anchors({ name: "plain" }), { code: "timeout" });
  goOn(undefined);
  await eventually("the bundles are known", () => bundles.anchors({ name: "plain" }).then(Boolean, () => false));
});

t.test("selectors of labels", async (t) => {
  const cases: [Parameters<typeof matchesSelector>[0], boolean][] = [
    [{}, true],
    [{ matchLabels: { a: "1" } }, true],
    [{ matchLabels: { a: "2" } }, false],
    [{ matchExpressions: [{ key: "a", operator: "In", values: ["1", "2"] }] }, true],
    [{ matchExpressions: [{ key: "b", operator: "In", values: ["1"] }] }, false],
    [{ matchExpressions: [{ key: "b", operator: "NotIn", values: ["1"] }] }, true],
    [{ matchExpressions: [{ key: "a", operator: "NotIn", values: ["1"] }] }, false],
    [{ matchExpressions: [{ key: "a", operator: "Exists" }] }, true],
    [{ matchExpressions: [{ key: "a", operator: "DoesNotExist" }] }, false],
    [{ matchLabels: { a: "1" }, matchExpressions: [{ key: "a", operator: "DoesNotExist" }] }, false],
  ];
  for (const [selector, holds] of cases)
    t.equal(matchesSelector(selector, { a: "1" }), holds, JSON.stringify(selector));
});
