// Manifests that are wrong: each gives exactly one error with file, line, field and what to do.

import { test } from "tap";

import { describeError, NodeletError } from "../../../agent/base/errors.ts";
import { decodePod } from "../../../agent/pods/schema/decode.ts";
import { parseContent } from "../../../agent/sources/documents.ts";

async function errorsOf(text: string): Promise<string[]> {
  const { documents, problems } = await parseContent(text, "web.yaml");
  const errors: NodeletError[] = [...problems];
  for (const { value, locate } of documents) {
    try {
      decodePod(value, { origin: "web.yaml", locate });
    } catch (error) {
      if (!(error instanceof NodeletError)) throw error;
      errors.push(error);
    }
  }
  return errors.map((error) => describeError(error));
}

/** Lines 1 to 4 are the head, `spec:` is line 4, so what is given begins on line 5. */
const pod = (...lines: string[]): string =>
  ["apiVersion: v1", "kind: Pod", "metadata: {name: web}", "spec:", ...lines.map((line) => `  ${line}`), ""].join("\n");
/** The container's fields begin on line 8. */
const main = (...lines: string[]): string =>
  pod("containers:", "- name: main", "  image: busybox:1", ...lines.map((line) => `  ${line}`));

const bad: Record<string, [text: string, error: RegExp]> = {
  "a tab": ["apiVersion: v1\nkind: Pod\nmetadata:\n\tname: x\n", /^web\.yaml:4:1: Not valid YAML/],
  "a key twice": [
    pod("hostNetwork: true", "hostNetwork: false"),
    /^web\.yaml:6:3: Not valid YAML: Map keys must be unique/,
  ],
  "not a mapping": ["- a\n- b\n", /^web\.yaml:1:1: A document must be a mapping: it is a list/],
  "no document": ["# nothing\n", /^web\.yaml: The file has no document .*remove the file/],
  "no kind": ["apiVersion: v1\nmetadata: {}\n", /^web\.yaml:1:1: Required field kind is missing \(Write kind: Pod\)/],
  "another kind": ["apiVersion: v1\nkind: Service\n", /^web\.yaml:2:7: kind: Documents of kind "Service" are not used/],
  "another version": [
    "apiVersion: apps/v1\nkind: Deployment\n",
    /^web\.yaml:1:13: apiVersion: Must be v1: it is "apps\/v1"/,
  ],
  "an alias bomb": [
    `apiVersion: v1\nkind: Pod\na: &a [x,x,x,x,x,x,x,x,x]\n${["b a", "c b", "d c", "e d", "f e"].map((pair) => `${pair[0]}: &${pair[0]} [${`*${pair[2]},`.repeat(9).slice(0, -1)}]\n`).join("")}`,
    /aliases of the document cannot be resolved/,
  ],
  "no name": [
    "apiVersion: v1\nkind: Pod\nmetadata: {}\nspec:\n  containers: [{name: a, image: b}]\n",
    /^web\.yaml:3:11: metadata: Required field name is missing/,
  ],
  "a bad name": [
    "apiVersion: v1\nkind: Pod\nmetadata: {name: Web_1}\nspec:\n  containers: [{name: a, image: b}]\n",
    /^web\.yaml:3:18: metadata\.name: "Web_1" must be .*RFC 1123 subdomain/,
  ],
  "no containers": [pod("hostNetwork: true"), /^web\.yaml:5:3: spec: Required field containers is missing/],
  "an empty list of containers": [
    pod("containers: []"),
    /^web\.yaml:5:15: spec\.containers: Must have at least 1 entry/,
  ],
  "an unknown field": [
    main("comand: [sh]"),
    /^web\.yaml:8:5: spec\.containers\[0\]\.comand: Unknown field "comand" \(Did you mean command\?\)/,
  ],
  "a field that is not supported yet": [
    main("resizePolicy: []", "volumeDevices: []"),
    /^web\.yaml:9:5: spec\.containers\[0\]\.volumeDevices: This field is not supported yet/,
  ],
  "a field that cannot work": [
    main("securityContext: {windowsOptions: {}}"),
    /^web\.yaml:8:23: .*windowsOptions: This field is not supported: this node runs Linux \(Remove it\)/,
  ],
  "a volume kind that is not supported yet": [
    pod("volumes:", "- name: v", "  nfs: {}", "containers: [{name: a, image: b}]"),
    /^web\.yaml:7:5: spec\.volumes\[0\]\.nfs: This field is not supported yet/,
  ],
  "CVE-2024-10220, CVE-2025-1767: a volume out of a git repository": [
    pod(
      "volumes:",
      "- name: v",
      "  gitRepo: {repository: 'https://example.com/x'}",
      "containers: [{name: a, image: b}]",
    ),
    /^web\.yaml:7:5: spec\.volumes\[0\]\.gitRepo: This field is not supported/,
  ],
  "a number for a string": [
    main("env:", "- name: PORT", "  value: 80"),
    /^web\.yaml:10:14: spec\.containers\[0\]\.env\[0\]\.value: Must be a string: it is the number 80 \(Put it in quotes: "80"\)/,
  ],
  "a string for a number": [
    main('ports: [{containerPort: "80"}]'),
    /^web\.yaml:8:29: .*containerPort: Must be a whole number: it is the string "80" \(Write it without quotes\)/,
  ],
  "a string for a list": [main("command: sh"), /^web\.yaml:8:14: .*command: Must be a list: it is the string "sh"/],
  "a port out of range": [
    main("ports: [{containerPort: 70000}]"),
    /containerPort: Must be a whole number from 1 to 65535: it is 70000/,
  ],
  "a bad choice": [
    main("imagePullPolicy: Allways"),
    /imagePullPolicy: Must be one of Always, IfNotPresent, Never: it is "Allways" \(Did you mean Always\?\)/,
  ],
  "a bad quantity": [
    main("resources: {limits: {memory: 1Gigabyte}}"),
    /resources\.limits\.memory: Must be a quantity such as 500m, 2 or 1Gi: it is the string "1Gigabyte"/,
  ],
  "a request over its limit": [
    main("resources: {limits: {cpu: 1}, requests: {cpu: 1500m}}"),
    /^web\.yaml:8:51: .*requests\.cpu: Must be at most the limit 1: it is 1500m/,
  ],
  "a container name twice": [
    pod("containers:", "- {name: a, image: b}", "- {name: a, image: b}"),
    /^web\.yaml:7:12: spec\.containers\[1\]\.name: Container name "a" is used twice/,
  ],
  "a volume that is not there": [
    pod(
      "volumes: [{name: data, emptyDir: {}}]",
      "containers:",
      "- name: a",
      "  image: b",
      "  volumeMounts: [{name: dato, mountPath: /d}]",
    ),
    /^web\.yaml:9:27: spec\.containers\[0\]\.volumeMounts\[0\]\.name: The pod has no volume "dato" \(Did you mean data\?\)/,
  ],
  "a volume without a kind": [
    pod("volumes: [{name: v}]", "containers: [{name: a, image: b}]"),
    /spec\.volumes\[0\]: A volume must have one kind/,
  ],
  "a volume of two kinds": [
    pod("volumes: [{name: v, emptyDir: {}, hostPath: {path: /x}}]", "containers: [{name: a, image: b}]"),
    /it has emptyDir and hostPath/,
  ],
  "a way up in a host path": [
    pod("volumes: [{name: v, hostPath: {path: /x/../y}}]", "containers: [{name: a, image: b}]"),
    /hostPath\.path: "\/x\/\.\.\/y" must not contain '\.\.'/,
  ],
  "two sources of a variable": [
    main("env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]"),
    /env\[0\]\.valueFrom: Must not be set together with value/,
  ],
  "a field that is none": [
    main("env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.nam}}}]"),
    /fieldPath: Must be one of metadata\.name/,
  ],
  "a negative user": [
    main("securityContext: {runAsUser: -1}"),
    /runAsUser: Must be a whole number from 0 to 2147483647: it is -1/,
  ],
  "privileged but not to be": [
    main("securityContext: {privileged: true, allowPrivilegeEscalation: false}"),
    /allowPrivilegeEscalation: Must not be false in a privileged container/,
  ],
  "Unmasked without a user namespace": [
    main("securityContext: {procMount: Unmasked}"),
    /procMount: Unmasked needs a user namespace .*hostUsers: false/,
  ],
  "Bidirectional without privileges": [
    pod(
      "volumes: [{name: v, emptyDir: {}}]",
      "containers: [{name: a, image: b, volumeMounts: [{name: v, mountPath: /v, mountPropagation: Bidirectional}]}]",
    ),
    /mountPropagation: Bidirectional needs a privileged container/,
  ],
  "user namespace beside the host's": [
    pod("hostUsers: false", "hostNetwork: true", "containers: [{name: a, image: b}]"),
    /^web\.yaml:6:16: spec\.hostNetwork: Cannot be combined with hostUsers: false/,
  ],
  "a sysctl of the whole node": [
    pod("securityContext: {sysctls: [{name: vm.swappiness, value: '1'}]}", "containers: [{name: a, image: b}]"),
    /sysctls\[0\]\.name: Sysctl vm\.swappiness is not namespaced/,
  ],
  "a sysctl that is not safe": [
    pod("securityContext: {sysctls: [{name: net.core.somaxconn, value: '1'}]}", "containers: [{name: a, image: b}]"),
    /--allowed-unsafe-sysctls=net\.core\.somaxconn/,
  ],
  "hooks of an init container": [
    pod("initContainers: [{name: i, image: b, lifecycle: {}}]", "containers: [{name: a, image: b}]"),
    /initContainers\[0\]\.lifecycle: An init container has no hooks/,
  ],
  "rules without a restart policy": [
    main("restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]"),
    /^web\.yaml:8:5: .*restartPolicyRules: Needs restartPolicy of the container/,
  ],
  "an unknown restart policy": [main("restartPolicy: always"), /restartPolicy: Must be one of .*Did you mean Always/],
  "a probe without an action": [main("livenessProbe: {}"), /livenessProbe: Must have exactly one of exec, httpGet/],
  "a probe with two actions": [
    main("livenessProbe: {exec: {command: [a]}, tcpSocket: {port: 1}}"),
    /livenessProbe: Must have exactly one of exec, httpGet, tcpSocket, grpc/,
  ],
  "a liveness probe that has to pass twice": [
    main("livenessProbe: {exec: {command: [a]}, successThreshold: 2}"),
    /livenessProbe\.successThreshold: Must be 1: it is 2/,
  ],
  "a readiness probe with a grace": [
    main("readinessProbe: {exec: {command: [a]}, terminationGracePeriodSeconds: 2}"),
    /readinessProbe\.terminationGracePeriodSeconds: A readiness probe ends no container/,
  ],
  "a probe of an init container": [
    pod(
      "initContainers: [{name: i, image: b, readinessProbe: {exec: {command: [a]}}}]",
      "containers: [{name: a, image: b}]",
    ),
    /initContainers\[0\]\.readinessProbe: An init container has no probes/,
  ],
  "a probe of a port that has no name": [
    main("livenessProbe: {httpGet: {port: web}}"),
    /livenessProbe\.httpGet\.port: The container has no port named "web"/,
  ],
  "a header that is none": [
    main("livenessProbe: {httpGet: {port: 80, httpHeaders: [{name: 'a b', value: c}]}}"),
    /httpHeaders\[0\]\.name: "a b" must be the name of an HTTP header/,
  ],
  "an unknown field of a probe": [
    main("livenessProbe:", "  httpGet:", "    port: 80", "    pth: /"),
    /^web\.yaml:11:9: .*livenessProbe\.httpGet\.pth: Unknown field "pth" \(Did you mean path\?\)/,
  ],
  "envFrom without a source": [main("envFrom: [{prefix: A}]"), /envFrom\[0\]: Must have one of configMapRef/],
  "a hook with two actions": [
    main("lifecycle: {preStop: {exec: {command: [a]}, httpGet: {port: 1}}}"),
    /lifecycle\.preStop: Must have exactly one of exec, httpGet and sleep/,
  ],
  "a name for the host twice": [
    pod("hostnameOverride: a", "hostNetwork: true", "containers: [{name: a, image: b}]"),
    /spec\.hostNetwork: Cannot be combined with hostnameOverride/,
  ],
  "ephemeral containers": [
    pod("ephemeralContainers: []", "containers: [{name: a, image: b}]"),
    /ephemeralContainers: This field is not supported: ephemeral containers can only be added/,
  ],
  "None without name servers": [
    pod("dnsPolicy: None", "containers: [{name: a, image: b}]"),
    /spec\.dnsPolicy: None needs at least one entry/,
  ],
  "a host port twice": [
    main("ports:", "- {containerPort: 80, hostPort: 8080}", "- {containerPort: 81, hostPort: 8080}"),
    /^web\.yaml:10:37: .*ports\[1\]\.hostPort: Host port 8080 is used twice/,
  ],
  "a NUL character": [main('command: ["a\\0b"]'), /command\[0\]: "a\\u0000b" must not have a NUL character/],
  "several problems": [
    main("comand: [sh]", "prots: []", "tty: 1"),
    /^web\.yaml:8:5: .*Unknown field "comand"; 2 more problems follow/,
  ],
  "an item of a list": [
    "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  spec: {}\n",
    /^web\.yaml:7:9: spec: Required field containers is missing/,
  ],
  JSON: [
    '{"apiVersion": "v1", "kind": "Pod",\n "metadata": {"name": "a"},\n "spec": {"containers": [{"name": "a",\n  "image": 5}]}}',
    /^web\.yaml:4:12: spec\.containers\[0\]\.image: Must be a string/,
  ],
};

test("each gives one error", async (t) => {
  for (const [name, [text, expected]] of Object.entries(bad)) {
    const errors = await errorsOf(text);
    t.match(errors, [expected], name);
    t.equal(errors.length, 1, `${name}: one error`);
  }
});

test("other documents of the file are used", async (t) => {
  const { documents, problems } = await parseContent(
    `${main()}---\nkind: Service\napiVersion: v1\n---\na: b: c\n---\n${main()}`,
    "x.yaml",
  );
  t.equal(documents.length, 2);
  t.equal(problems.length, 2);
});

test("what generators write is accepted", async (t) => {
  const text = [
    "apiVersion: v1",
    "kind: Pod",
    "metadata: {name: web, creationTimestamp: null, labels: {run: web}, resourceVersion: '5'}",
    "spec:",
    "  nodeSelector: {a: b}",
    "  tolerations: [{operator: Exists}]",
    "  enableServiceLinks: false",
    "  containers:",
    "  - image: nginx",
    "    name: web",
    "    resources: {}",
    "    ports:",
    "    - {containerPort: 80}",
    "  dnsPolicy: ClusterFirst",
    "  restartPolicy: Always",
    "status: {}",
  ].join("\n");
  t.strictSame(await errorsOf(text), []);
});

test("defaults", async (t) => {
  const { documents } = await parseContent(
    pod(
      "hostNetwork: yes",
      "containers:",
      "- {name: a, image: nginx, ports: [{containerPort: 80}], resources: {limits: {cpu: 0.5}}}",
      "- {name: b, image: 'r:5000/x:1'}",
      "- {name: c, image: 'x@sha256:1'}",
    ),
    "x",
  );
  const { pod: result } = decodePod(documents[0]?.value, { origin: "x" });
  t.match(result.spec, {
    hostNetwork: true,
    restartPolicy: "Always",
    dnsPolicy: "ClusterFirst",
    terminationGracePeriodSeconds: 30,
  });
  t.equal(result.metadata.namespace, "default");
  t.match(result.spec.containers, [
    {
      imagePullPolicy: "Always",
      terminationMessagePath: "/dev/termination-log",
      terminationMessagePolicy: "File",
      ports: [{ protocol: "TCP", hostPort: 80 }],
      resources: { requests: { cpu: "0.5" } },
    },
    { imagePullPolicy: "IfNotPresent" },
    { imagePullPolicy: "IfNotPresent" },
  ]);
});

test("hashes depend on what was written and not on its order", async (t) => {
  const decode = (value: object): ReturnType<typeof decodePod> => decodePod(value, { origin: "x" });
  const spec = { containers: [{ name: "a", image: "i:1" }] };
  const one = decode({ apiVersion: "v1", kind: "Pod", metadata: { name: "x", namespace: "n" }, spec });
  const other = decode({
    spec,
    metadata: { namespace: "n", name: "x", creationTimestamp: null },
    kind: "Pod",
    apiVersion: "v1",
    status: {},
  });
  t.equal(one.hash, other.hash);
  t.strictSame(one.containerHashes, other.containerHashes);
  const third = decode({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "x" },
    spec: { containers: [{ name: "a", image: "i:2" }] },
  });
  t.not(third.hash, one.hash);
  t.not(third.containerHashes.get("a"), one.containerHashes.get("a"));
});

test("every field of a pod is in the tables", async (t) => {
  const models = await import("@kubernetes/client-node");
  const tables = await import("../../../agent/pods/schema/tables.ts");
  const pairs = [
    [models.V1PodSpec, tables.specFields],
    [models.V1Container, tables.containerFields],
    [models.V1ObjectMeta, tables.metadataFields],
    [models.V1SecurityContext, tables.securityContextFields],
    [models.V1PodSecurityContext, tables.podSecurityContextFields],
    [models.V1Volume, tables.volumeFields],
    [models.V1VolumeMount, tables.volumeMountFields],
    [models.V1ResourceRequirements, tables.resourcesFields],
    [models.V1EnvVar, tables.envFields],
  ] as const;
  for (const [model, fields] of pairs) {
    const names = model.getAttributeTypeMap().map(({ baseName }: { baseName: string }) => baseName);
    t.strictSame(Object.keys(fields).toSorted(), names.toSorted(), model.name);
  }
});
