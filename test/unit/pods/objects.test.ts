// ConfigMaps and Secrets beside the pods: what is refused and how it is said, what is kept, and how pods wait for them.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { test } from "tap";

import { describeError } from "../../../agent/base/errors.ts";
import type { ObjectChange } from "../../../agent/kube/objects.ts";
import { ManifestObjects } from "../../../agent/pods/objects.ts";
import { parseContent } from "../../../agent/sources/documents.ts";
import { podText, TestNode } from "./node.ts";

async function problemsOf(text: string): Promise<string[]> {
  const objects = new ManifestObjects();
  const content = await parseContent(text, "o.yaml");
  objects.apply("file", content);
  return [...content.problems, ...objects.problems()].map((problem) => describeError(problem));
}

const secret = (...lines: string[]): string =>
  ["apiVersion: v1", "kind: Secret", "metadata: {name: s}", ...lines, ""].join("\n");
const configMap = (name: string, ...lines: string[]): string =>
  ["apiVersion: v1", "kind: ConfigMap", `metadata: {name: ${name}}`, ...lines, ""].join("\n");

const bad: Record<string, [text: string, error: RegExp]> = {
  "an unknown field": [
    secret("stringdata: {a: hidden}"),
    /^o\.yaml:4:1: stringdata: Unknown field "stringdata" .*stringData/,
  ],
  "not base64": [secret("data:", "  a: hidden!"), /^o\.yaml:5:6: data\.a: Must be base64 .*stringData/],
  "a number": [
    secret("stringData: {pin: 12345}"),
    /^o\.yaml:4:19: stringData\.pin: Must be a string \(Put it in quotes\)$/,
  ],
  "a key": [secret("stringData: {a/b: x}"), /^o\.yaml:4:14: stringData\["a\/b"\]: A key must be/],
  "a key of the node's": [configMap("c", "data: {..data: x}"), /A key must be/],
  "a type without its keys": [
    secret("type: kubernetes.io/tls", "stringData: {tls.crt: x}"),
    /must have the key tls\.key/,
  ],
  "a key twice": [configMap("c", "data: {a: x}", "binaryData: {a: eA==}"), /The key is in data as well/],
  "an object twice": [
    `${configMap("c")}---\n${configMap("c")}`,
    /^o\.yaml:7:18: metadata\.name: ConfigMap default\/c is in this file twice/,
  ],
  "too much": [configMap("c", `data: {a: "${"x".repeat(1024 * 1024 + 1)}"}`), /at most 1048576 bytes/],
  "broken YAML": [
    secret("data: {a: 'hidden", "b: }"),
    /^o\.yaml:\d+:\d+: Not valid YAML; not quoted here, as the file has a Secret/,
  ],
};

const volume = (name: string, spec: string): string =>
  `apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
const claim = (name: string, spec: string): string =>
  `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: ${name}}\nspec: ${spec}\n`;

test("claims and their volumes", async (t) => {
  const objects = new ManifestObjects();
  const put = async (origin: string, ...texts: string[]): Promise<void> =>
    objects.apply("file", await parseContent(texts.join("---\n"), origin));
  const found = async (name: string): Promise<string | undefined> =>
    (await objects.persistentVolume("default", name)).metadata?.name;
  await t.rejects(found("a"), { code: "not-found", message: 'persistentvolumeclaim "a" not found' });
  await put("claims.yaml", claim("a", "{volumeName: one}"), claim("b", "{}"), claim("c", "{volumeName: two}"));
  await t.rejects(found("a"), { code: "not-found", message: /"a" is not bound: no volume one/ });
  await t.rejects(found("b"), { code: "not-found", message: /"b" is not bound: no volume has a claimRef/ });
  await put(
    "volumes.yaml",
    volume("one", "{local: {path: /one}}"),
    volume("two", "{hostPath: {path: /two}, claimRef: {name: b, namespace: default}}"),
  );
  t.equal(await found("a"), "one");
  t.equal(await found("b"), "two");
  await t.rejects(found("c"), /"c" is not bound/, "it belongs to another claim");
  t.match(await problemsOf(volume("v", "{capacity: {storage: 1Gi}}")), [
    /^o\.yaml:4:7: spec: Must have one of local and/,
  ]);
  t.match(await problemsOf(volume("v", "{nfs: {server: x, path: /}}")), [
    /^o\.yaml:4:8: spec\.nfs.*Use local or hostPath/,
  ]);
  t.match(await problemsOf(volume("v", "{local: {path: /x}, volumeMode: Block}")), [
    /volumeMode: Must be one of Filesystem/,
  ]);
  t.match(await problemsOf(claim("c", "{selector: {}}")), [/^o\.yaml:4:8: spec\.selector.*volumeName/]);
});

test("what is wrong is told with its place, and without values", async (t) => {
  for (const [name, [text, error]] of Object.entries(bad)) {
    const problems = await problemsOf(text);
    t.match(problems, [error], name);
    t.notMatch(problems.join(), /hidden|12345/, `${name}: no value`);
  }
  t.strictSame(
    await problemsOf(secret("type: Opaque", "immutable: true", "data: {a: eA==}", "stringData: {b: text}")),
    [],
  );
});

test("lists, several files, and the last good version", async (t) => {
  const objects = new ManifestObjects();
  const changes: ObjectChange[] = [];
  objects.subscribe((change) => changes.push(change));
  const apply = async (origin: string, text: string): Promise<void> =>
    objects.apply("file", await parseContent(text, origin));
  const value = async (): Promise<string | undefined> => (await objects.configMap("default", "c"))?.data?.["a"];

  const item = { metadata: { name: "c" }, data: { a: "1" } };
  await apply("a.json", JSON.stringify({ apiVersion: "v1", kind: "ConfigMapList", items: [item] }));
  t.equal(await value(), "1");
  await apply("b.yaml", configMap("c", "data: {a: other}"));
  t.equal(await value(), "1");
  t.match(
    objects.problems().map((problem) => describeError(problem)),
    [/^b\.yaml: .*already defined by a\.json/],
  );
  await apply("a.json", '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "dat": {}}');
  t.equal(await value(), "1", "a bad edit leaves it");
  objects.remove("a.json");
  t.equal(await value(), "other");
  await apply("b.yaml", configMap("c", "data: {a: other}", "immutable: true"));
  objects.remove("b.yaml");
  t.equal(await value(), undefined);
  t.equal(changes.length, 4);
  t.same(changes[0], { kind: "ConfigMap", namespace: "default", name: "c" });
});

test("a pod waits for what it refers to, and its files follow", async (t) => {
  const volumes = [
    { name: "config", configMap: { name: "c" } },
    { name: "plain", emptyDir: {} },
  ];
  const node = new TestNode(t, { "p.json": podText("p", { volumes }) });
  await node.start();
  t.equal(node.phase("p"), "Pending");
  t.equal(node.state("p", "main"), "waiting ContainerCreating");
  const mountFailures = (): string[] =>
    node.manager.events().flatMap((event) => (event.reason === "FailedMount" ? [event.message] : []));
  t.match(mountFailures(), [/^MountVolume\.SetUp failed for volume "config" : configmap "c" not found/]);
  await node.source.set("c.yaml", configMap("c", "data: {key: one}"));
  await node.settle();
  t.equal(node.phase("p"), "Running");
  const uid = node.manager.get("default", "p")?.pod.metadata?.uid ?? "";
  const file = join(node.directory, "root/pods", uid, "volumes/kubernetes.io~configmap/config/key");
  t.equal(readFileSync(file, "utf8"), "one");
  await node.source.set("c.yaml", configMap("c", "immutable: true", "data: {key: two}"));
  await node.until(() => readFileSync(file, "utf8") === "two");
  await node.source.set("c.yaml", configMap("c", "dat: {key: three}"));
  await node.settle();
  t.match(node.manager.problems(), [/^c\.yaml:4:1: dat: Unknown field/]);
  t.equal(readFileSync(file, "utf8"), "two");
  await node.restart();
  await node.settle();
  t.equal(node.phase("p"), "Running", "though the ConfigMap cannot be read any more");
  node.source.remove("p.json");
  await node.settle();
  t.equal(node.phase("p"), undefined);
});
