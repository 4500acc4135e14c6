// Which pods may use images that are there, over a registry that wants credentials.
// time limit: 420 s

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t, { type Test } from "tap";

import { BUSYBOX_REF, busyboxImage } from "../../../scripts/busybox-image.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { containerStatus, FieldNode, FOREVER, sh } from "../../fixtures/fields.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { DebianRegistry } from "../../fixtures/registry.ts";
import { setting } from "../../fixtures/settings.ts";

const before = await takePicture(ownProcesses);
const scratch = mkdtempSync(join(tmpdir(), "nodelet-image-credentials-"));
t.teardown(() => rmSync(scratch, { recursive: true, force: true }));
const registry = await DebianRegistry.start(join(scratch, "registry"), { users: { puller: "word", other: "phrase" } });
t.teardown(() => registry[Symbol.asyncDispose]());
for (const name of ["private", "second"])
  await registry.push(`team/${name}`, "1", { ...busyboxImage(), created: "2026-01-01T00:00:00Z" });
// The same image as the one that is loaded.
await registry.push("team/loaded", "1", busyboxImage());
const image = (name: string): string => `${registry.address}/team/${name}:1`;

const file = join(scratch, "kubelet.yaml");
const configure = (fields: object): void =>
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      imageGCHighThresholdPercent: 100,
      registryPullQPS: 0,
      ...fields,
    }),
  );
configure({});
const node = await FieldNode.create(36, [`--config=${file}`]);
t.teardown(() => node[Symbol.asyncDispose]());

const restart = async (fields: object, signal: NodeJS.Signals = "SIGTERM"): Promise<void> => {
  configure(fields);
  await node.agent.signal(signal);
  await node.agent.start();
};

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const secret = (name: string, namespace: string, user: string): object => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace },
  type: "kubernetes.io/dockerconfigjson",
  data: { ".dockerconfigjson": base64(JSON.stringify({ auths: { [registry.address]: { auth: base64(user) } } })) },
});
node.put(
  "secrets.json",
  secret("right", "default", "puller:word"),
  secret("right", "elsewhere", "puller:word"),
  secret("also-right", "elsewhere", "other:phrase"),
  secret("wrong", "elsewhere", "puller:guess"),
);

interface Asked {
  readonly image?: string;
  readonly namespace?: string;
  readonly secret?: string;
  readonly policy?: "IfNotPresent" | "Never";
}
let serial = 0;
const start = ({ image: name = image("private"), namespace = "elsewhere", secret: of, policy }: Asked): string => {
  const pod = `c${++serial}`;
  node.put(`${pod}.json`, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: pod, namespace },
    spec: {
      terminationGracePeriodSeconds: 1,
      imagePullSecrets: of === undefined ? [] : [{ name: of }],
      containers: [sh(FOREVER, { image: name, imagePullPolicy: policy ?? "IfNotPresent" })],
    },
  });
  return pod;
};
const end = async (pod: string): Promise<void> => {
  rmSync(join(node.agent.manifests, `${pod}.json`));
  await eventually(`the end of ${pod}`, async () => (await node.pod(pod)) === undefined);
};
const runs = async (t: Test, what: string, asked: Asked): Promise<void> => {
  const pod = start(asked);
  await node.running(pod);
  t.pass(what);
  await end(pod);
};
const refused = async (t: Test, what: string, asked: Asked): Promise<void> => {
  const pod = start(asked);
  const [reason, message] =
    asked.policy === "Never"
      ? [/^ErrImageNeverPull$/, /is not present with pull policy of Never/]
      : [/^(ErrImagePull|ImagePullBackOff)$/, /asks for credentials|refuses the credentials/];
  const seen = await node.until(pod, `refusal ${what}`, (found) =>
    reason.test(containerStatus(found)?.state?.waiting?.reason ?? ""),
  );
  t.match(containerStatus(seen)?.state?.waiting?.message, message, what);
  await end(pod);
};
const records = (kind: "pulling" | "pulled"): string[] =>
  readdirSync(join(node.directory, "root", "image_manager", kind));

/** What holds of an image that the pod with the Secret pulled. */
const judged = async (t: Test): Promise<void> => {
  await refused(t, "without a Secret", {});
  await refused(t, "with a wrong one", { secret: "wrong" });
  await refused(t, "without a Secret, and no pull", { policy: "Never" });
  await runs(t, "with the Secret, and no pull", { namespace: "default", secret: "right", policy: "Never" });
  await runs(t, "with the same credentials in another Secret, and no pull", { secret: "right", policy: "Never" });
};

setting(
  t,
  "imagePullCredentialsVerificationPolicy",
  "who shows no credentials that pulled an image is refused it, though it is there; NeverVerify gives it to all, AlwaysVerify keeps loaded ones too",
  async (t) => {
    await runs(t, "the first one pulls it", { namespace: "default", secret: "right" });
    await eventually("the record", () => records("pulled").length === 1);
    await eventually("the end of the pull's intent", () => records("pulling").length === 0);
    await judged(t);
    await t.test("after a restart", async (t) => {
      await restart({}, "SIGKILL");
      await judged(t);
    });
    await refused(t, "other credentials, and no pull", { secret: "also-right", policy: "Never" });
    await runs(t, "other credentials that the registry takes", { secret: "also-right" });
    await runs(t, "which are known then", { secret: "also-right", policy: "Never" });

    await runs(t, "one that is loaded is pulled too", { image: image("loaded"), secret: "right" });
    await refused(t, "under the name of the pull", { image: image("loaded") });
    await runs(t, "under the name that it was loaded with", { image: BUSYBOX_REF, policy: "Never" });

    await restart({ imagePullCredentialsVerificationPolicy: "NeverVerify" });
    await runs(t, "NeverVerify", { policy: "Never" });

    await restart({ imagePullCredentialsVerificationPolicy: "AlwaysVerify" });
    await refused(t, "AlwaysVerify", { image: BUSYBOX_REF, policy: "Never" });
    await runs(t, "AlwaysVerify with a Secret", { secret: "right", policy: "Never" });

    await restart({ featureGates: { KubeletEnsureSecretPulledImages: false } });
    await runs(t, "without the feature", { policy: "Never" });
  },
);

setting(
  t,
  "preloadedImagesVerificationAllowlist",
  "images of the list are for all pods, others for those that show credentials, wherever they come from",
  async (t) => {
    const allowed = { imagePullCredentialsVerificationPolicy: "NeverVerifyAllowlistedImages" };
    await restart({ ...allowed, preloadedImagesVerificationAllowlist: [`${registry.address}/team/second`] });
    await runs(t, "the first one pulls it", { image: image("second"), secret: "right" });
    await runs(t, "in the list", { image: image("second"), policy: "Never" });
    await refused(t, "not in the list", { policy: "Never" });
    await refused(t, "not in the list, though it was loaded", { image: BUSYBOX_REF, policy: "Never" });
    await restart({ ...allowed, preloadedImagesVerificationAllowlist: [BUSYBOX_REF.replace(/[^/]*$/, "*")] });
    await runs(t, "below a beginning of the list", { image: BUSYBOX_REF, policy: "Never" });
    await refused(t, "elsewhere", { image: image("second"), policy: "Never" });
  },
);

t.test("records go with their images", async (t) => {
  await restart({});
  t.equal(records("pulled").length, 2);
  for (const name of ["private", "second", "loaded"]) {
    const { code, err } = await node.agent.command("rmi", image(name));
    t.equal(code, 0, err);
  }
  // The loaded one is still there, and one of the others with it under its own name.
  await restart({});
  t.equal(records("pulled").length, 1);
});

t.test("nothing is left", async (t) => {
  await node[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  t.strictSame(await settledDifference(before, ownProcesses), []);
});
