// time limit: 400 s
// Fields that say what a container runs: program, environment, streams, resources, last words.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t from "tap";

import { BUSYBOX_REF, busyboxImage } from "../../../../scripts/busybox-image.ts";
import { containerStatus, field, FieldNode, FOREVER, sh } from "../../../fixtures/fields.ts";
import { DebianRegistry } from "../../../fixtures/registry.ts";

const node = await FieldNode.create(12);
t.teardown(() => node[Symbol.asyncDispose]());

const ENV = "env | grep ^T_ | sort";
const base64 = (text: string): string => Buffer.from(text).toString("base64");

field(t, "spec.containers[].{name,image,command,args,workingDir}", "what runs, and where", async (t) => {
  const output = await node.output({
    name: "main",
    image: BUSYBOX_REF,
    command: ["sh", "-c", 'pwd; printf "%s\n" "$@"'],
    args: ["sh", "a b", "$(T_A)", "$$(T_A)"],
    env: [{ name: "T_A", value: "1" }],
    workingDir: "/var/www",
  });
  t.equal(output, "/var/www\na b\n1\n$(T_A)\n");
  const missing = await node.run(sh("true", { workingDir: "/not/there" }), { restartPolicy: "Never" });
  await node.until(missing, "its end or start", ({ status }) => status.phase !== "Pending");
  const other = await node.run(sh("true", { command: ["/no/such/program"] }), { restartPolicy: "Never" });
  const { status } = await node.until(other, "the failure", (pod) => pod.status.phase === "Failed");
  t.match(status.containerStatuses?.[0]?.state?.terminated, { exitCode: 128, message: /\/no\/such\/program/ });
});

field(
  t,
  "spec.containers[].imagePullPolicy",
  "IfNotPresent takes the image that is there; Never says when it is not",
  async (t) => {
    const name = await node.run(sh(FOREVER, { imagePullPolicy: "IfNotPresent" }));
    await node.running(name);
    t.match(await node.told(name), [`Pulled: Container image "${BUSYBOX_REF}" already present on machine`]);
    const never = await node.run(sh("true", { image: "localhost/none:1", imagePullPolicy: "Never" }));
    const pod = await node.until(
      never,
      "the reason",
      (found) =>
        containerStatus(found)?.state?.waiting !== undefined &&
        containerStatus(found)?.state?.waiting?.reason === "ErrImageNeverPull",
    );
    t.match(containerStatus(pod)?.state?.waiting?.message, "is not present with pull policy of Never");
    await Promise.all([node.remove(name), node.remove(never)]);
  },
);

field(
  t,
  "spec.imagePullSecrets[].name",
  "credentials of Secrets beside the pods; without them the pull is refused and says so",
  async (t) => {
    const users = { puller: "hidden-word" };
    await using registry = await DebianRegistry.start(join(node.directory, "registry"), { users });
    await registry.push("team/app", "1", busyboxImage());
    const image = `${registry.address}/team/app:1`;
    const refused = await node.run(sh(FOREVER, { image }));
    const pod = await node.until(refused, "the refusal", (found) =>
      /ErrImagePull|ImagePullBackOff/.test(containerStatus(found)?.state?.waiting?.reason ?? ""),
    );
    t.match(containerStatus(pod)?.state?.waiting?.message, /401|credentials|unauthorized/i);
    const spec = { imagePullSecrets: [{ name: "no-such-secret" }, { name: "registry" }] };
    const auths = { [registry.address]: { auth: base64("puller:hidden-word") } };
    node.put("pull-secret.json", {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "registry" },
      type: "kubernetes.io/dockerconfigjson",
      data: { ".dockerconfigjson": base64(JSON.stringify({ auths })) },
    });
    const name = await node.run(sh(FOREVER, { image }), spec);
    await node.running(name);
    const told = await node.told(name);
    t.ok(told.some((line) => line.startsWith("FailedToRetrieveImagePullSecret: ") && line.includes("no-such-secret")));
    t.ok(told.some((line) => line.startsWith(`Pulled: Successfully pulled image "${image}"`)));
    t.notMatch(node.agent.log(), "hidden-word");
    await Promise.all([node.remove(refused), node.remove(name)]);
  },
);

field(t, "spec.containers[].env[].{name,value}", "variables, with references to those before", async (t) => {
  const env = [
    { name: "T_A", value: "1" },
    { name: "T_B", value: "$(T_A)$(T_NO)$$(T_A)" },
    { name: "T_EMPTY" },
    { name: "T_A", value: "2" },
  ];
  t.equal(await node.output(sh(ENV, { env })), "T_A=2\nT_B=1$(T_NO)$(T_A)\nT_EMPTY=\n");
});

field(
  t,
  "spec.containers[].env[].valueFrom.fieldRef.{fieldPath,apiVersion}",
  "fields of the pod and its addresses",
  async (t) => {
    const paths = {
      T_HOST: "status.hostIP",
      T_HOSTS: "status.hostIPs",
      T_IP: "status.podIP",
      T_IPS: "status.podIPs",
      T_LABEL: "metadata.labels['example.com/x']",
      T_NAME: "metadata.name",
      T_NAMESPACE: "metadata.namespace",
      T_NODE: "spec.nodeName",
      T_NOTE: "metadata.annotations['note']",
      T_SERVICE: "spec.serviceAccountName",
      T_UID: "metadata.uid",
    };
    const name = await node.run(
      sh(`${ENV}; ip -4 -o addr show dev eth0 | sed 's/.*inet \\([^/]*\\).*/\\1/'; ${FOREVER}`, {
        env: Object.entries(paths).map(([key, fieldPath]) => ({
          name: key,
          valueFrom: { fieldRef: { apiVersion: "v1", fieldPath } },
        })),
      }),
      { serviceAccountName: "robot" },
      { labels: { "example.com/x": "label" }, annotations: { note: "a note" } },
    );
    const { metadata, status } = await node.running(name);
    const log = await node.logged(name, /^10\./m);
    t.equal(
      log,
      [
        `T_HOST=${status.hostIP}`,
        `T_HOSTS=${status.hostIPs?.map(({ ip }) => ip).join(",")}`,
        `T_IP=${status.podIP}`,
        `T_IPS=${status.podIPs?.map(({ ip }) => ip).join(",")}`,
        "T_LABEL=label",
        `T_NAME=${name}`,
        "T_NAMESPACE=default",
        /^T_NODE=(.*)$/m.exec(log)?.[0] ?? "T_NODE",
        "T_NOTE=a note",
        "T_SERVICE=robot",
        `T_UID=${metadata?.uid}`,
        status.podIP,
        "",
      ].join("\n"),
    );
    t.match(
      await node.refusal(sh("true", { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.x" } } }] })),
      "fieldPath: Must be one of",
    );
    await node.remove(name);
  },
);

field(
  t,
  "spec.containers[].env[].valueFrom.resourceFieldRef.{resource,divisor,containerName}",
  "requests and limits of a container, in units, rounded up; without a limit what the node has",
  async (t) => {
    const from = (key: string, resource: string, divisor?: string, containerName?: string): object => ({
      name: key,
      valueFrom: {
        resourceFieldRef: {
          resource,
          ...(divisor === undefined ? {} : { divisor }),
          ...(containerName === undefined ? {} : { containerName }),
        },
      },
    });
    const env = [
      from("T_CPU", "limits.cpu"),
      from("T_MEMORY", "limits.memory", "1Mi"),
      from("T_MILLI", "requests.cpu", "1m"),
      from("T_OTHER", "limits.memory", "1Ki", "other"),
      from("T_STORAGE", "requests.ephemeral-storage"),
    ] as NonNullable<Parameters<typeof sh>[1]>["env"];
    const resources = {
      limits: { cpu: "1500m", memory: "64Mi" },
      requests: { cpu: "250m", "ephemeral-storage": "1Ki" },
    };
    const other = sh("true", { name: "other", resources: { limits: { memory: "10Mi" } } });
    const output = await node.output(undefined, {
      containers: [sh(ENV, { resources, ...(env === undefined ? {} : { env }) }), other],
    });
    t.equal(output, "T_CPU=2\nT_MEMORY=64\nT_MILLI=250\nT_OTHER=10240\nT_STORAGE=1024\n");
  },
);

field(
  t,
  [
    "spec.containers[].env[].valueFrom.configMapKeyRef.{name,key,optional}",
    "spec.containers[].env[].valueFrom.secretKeyRef.{name,key,optional}",
    "spec.containers[].envFrom[].prefix",
    "spec.containers[].envFrom[].configMapRef.{name,optional}",
    "spec.containers[].envFrom[].secretRef.{name,optional}",
  ],
  "values of ConfigMaps and Secrets beside the pods; what is missing is waited for and named",
  async (t) => {
    const head = (kind: string, name: string): object => ({ apiVersion: "v1", kind, metadata: { name } });
    const container = (config: string): ReturnType<typeof sh> =>
      sh(ENV, {
        envFrom: [
          { configMapRef: { name: config } },
          { prefix: "T_P_", secretRef: { name: "env-secret" } },
          { configMapRef: { name: "none", optional: true } },
          { secretRef: { name: "none", optional: true } },
        ],
        env: [
          { name: "T_C", valueFrom: { configMapKeyRef: { name: config, key: "other" } } },
          { name: "T_S", valueFrom: { secretKeyRef: { name: "env-secret", key: "KEY" } } },
          { name: "T_NO", valueFrom: { configMapKeyRef: { name: config, key: "none", optional: true } } },
          { name: "T_NO2", valueFrom: { secretKeyRef: { name: "none", key: "none", optional: true } } },
          { name: "T_X", value: "$(T_A) $(T_P_KEY)" },
        ],
      });
    const name = await node.run(container("env-config"), { restartPolicy: "Never" });
    const pod = await node.until(
      name,
      "the error",
      (found) => containerStatus(found)?.state?.waiting?.reason === "CreateContainerConfigError",
    );
    t.equal(containerStatus(pod)?.state?.waiting?.message, 'configmap "env-config" not found');
    node.put("env-objects.json", { ...head("Secret", "env-secret"), data: { KEY: base64("secret") } });
    node.put("env-config.json", { ...head("ConfigMap", "env-config"), data: { T_A: "a", other: "o" } });
    await node.until(name, "its end", ({ status }) => status.phase === "Succeeded");
    t.equal(await node.log(name), "T_A=a\nT_C=o\nT_P_KEY=secret\nT_S=secret\nT_X=a secret\n");

    const lacking = await node.run(
      sh("true", { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "env-secret", key: "K" } } }] }),
    );
    const waiting = await node.until(
      lacking,
      "the error",
      (found) => containerStatus(found)?.state?.waiting?.reason === "CreateContainerConfigError",
    );
    t.equal(containerStatus(waiting)?.state?.waiting?.message, "couldn't find key K in Secret default/env-secret");
    await Promise.all([node.remove(name), node.remove(lacking)]);
  },
);

field(
  t,
  "spec.containers[].env[].valueFrom.fileKeyRef.{volumeName,path,key,optional}",
  "values of a file that an init container wrote into an emptyDir, which no link leads out of",
  async (t) => {
    const file = { name: "files", mountPath: "/files" };
    const from = (name: string, key: string, path = "made/env", optional = false) => ({
      name,
      valueFrom: { fileKeyRef: { volumeName: "files", path, key, optional } },
    });
    const script = `mkdir /files/made; mkfifo /files/pipe; ln -s /proc/1/environ /files/out; ln -s made/env /files/link
printf "# by init\\nA='one'\\nB='two\\nlines'\\n" > /files/made/env`;
    const spec = {
      restartPolicy: "Never",
      volumes: [{ name: "files", emptyDir: {} }],
      initContainers: [sh(script, { name: "init", volumeMounts: [file] })],
    };
    const env = [
      from("T_A", "A"),
      from("T_B", "B", "link"),
      from("T_NO", "C", "made/env", true),
      from("T_NONE", "A", "no/file", true),
      { name: "T_X", value: "$(T_A)!" },
    ];
    const output = await node.output(sh('echo "$T_A|$T_B|$T_X"; env | grep -c ^T_NO', { env }), spec);
    t.equal(output, "one|two\nlines|one!\n0\n");
    const wrong: readonly [container: ReturnType<typeof sh>, message: RegExp][] = [
      [sh("true", { env: [from("A", "C")] }), /key "C" not found in file "files\/made\/env"/],
      [sh("true", { env: [from("A", "A", "out")] }), /"files\/out" not found/],
      [sh("true", { env: [from("A", "A", "pipe")] }), /files\/pipe: it is not a regular file/],
    ];
    await Promise.all(
      wrong.map(async ([container, message]) => {
        const name = await node.run(container, spec);
        const pod = await node.until(
          name,
          "the error",
          (found) => containerStatus(found)?.state?.waiting?.reason === "CreateContainerConfigError",
        );
        t.match(containerStatus(pod)?.state?.waiting?.message, message);
        await node.remove(name);
      }),
    );
    t.match(await node.refusal(sh("true", { env: [from("A", "A")] })), 'The pod has no volume "files"');
  },
);

field(
  t,
  "spec.containers[].resources.{requests,limits}",
  "quality of service, the kernel's choice of victims, and the status follow from them",
  async (t) => {
    const cases = [
      { resources: {}, qos: "BestEffort", score: /^1000$/ },
      { resources: { requests: { memory: "1Mi" } }, qos: "Burstable", score: /^9\d\d$/ },
      // A host whose own processes may not lower theirs gives none that is lower either.
      { resources: { limits: { cpu: "100m", memory: "32Mi" } }, qos: "Guaranteed", score: /^(-997|0)$/ },
    ];
    for (const { resources, qos, score } of cases) {
      const name = await node.run(sh(FOREVER, { resources }));
      const pod = await node.running(name);
      t.equal(pod.status.qosClass, qos);
      t.match((await node.exec(name, "cat", "/proc/1/oom_score_adj")).trim(), score);
      if (qos === "Guaranteed") {
        t.match(containerStatus(pod), {
          allocatedResources: { cpu: "100m", memory: "32Mi" },
          resources: { limits: { memory: "32Mi" } },
        });
      }
      await node.remove(name);
    }
    t.match(
      await node.refusal(sh("true", { resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } })),
      "at most the limit",
    );
    const refusal = await node.refusal(sh("true", { resources: { limits: { "hugepages-2Mi": "2Mi" } } }));
    t.match(refusal, "is not supported yet");
    t.match(refusal, `spec.containers[0].resources.limits`);
  },
);

field(t, "spec.resources.{requests,limits}", "of the pod as a whole decide on its quality of service", async (t) => {
  const name = await node.run(sh(FOREVER), { resources: { limits: { cpu: "100m", memory: "64Mi" } } });
  t.equal((await node.running(name)).status.qosClass, "Guaranteed");
  await node.remove(name);
});

field(
  t,
  "spec.containers[].{terminationMessagePath,terminationMessagePolicy}",
  "a container's last words: a file, or the end of the log",
  async (t) => {
    const message = async (script: string, more: object): Promise<string | undefined> => {
      const name = await node.run(sh(script, more), { restartPolicy: "Never" });
      const pod = await node.until(name, "its end", (found) => containerStatus(found)?.state?.terminated !== undefined);
      return containerStatus(pod)?.state?.terminated?.message;
    };
    t.equal(await message("echo -n bye > /tmp/last", { terminationMessagePath: "/tmp/last" }), "bye");
    t.equal(await message("echo -n bye > /dev/termination-log; echo log", {}), "bye");
    const logs = { terminationMessagePolicy: "FallbackToLogsOnError" };
    t.equal(await message("echo from the log; exit 1", logs), "from the log");
    t.equal(await message("echo from the log; exit 0", logs), undefined);
    t.equal(await message("echo -n file > /dev/termination-log; echo log; exit 1", logs), "file");
  },
);

field(t, "spec.containers[].tty", "the streams are a terminal", async (t) => {
  const script = "test -t 0 && test -t 1 && test -t 2 && echo terminal || echo none";
  t.match(await node.output(sh(script, { tty: true })), /^terminal\r?\n$/);
  t.equal(await node.output(sh(script)), "none\n");
});

field(
  t,
  "spec.containers[].{stdin,stdinOnce}",
  "input comes by attach; with stdinOnce it ends with the first session",
  async (t) => {
    t.equal(await node.output(sh("cat; echo end")), "end\n", "without stdin there is none");
    const once = await node.run(sh("cat; echo end", { stdin: true, stdinOnce: true }), { restartPolicy: "Never" });
    await node.running(once);
    t.equal((await node.agent.commandWith("hello\n", "attach", "-i", once)).code, 0);
    await node.until(once, "its end", ({ status }) => status.phase === "Succeeded");
    t.equal(await node.log(once), "hello\nend\n");
    const kept = await node.run(sh("read a; echo $a; read b; echo $b; echo end", { stdin: true }), {
      restartPolicy: "Never",
    });
    await node.running(kept);
    const first = node.agent.commandWith("one\n", "attach", "-i", kept);
    await node.logged(kept, "one");
    await sleep(500);
    t.notOk((await node.log(kept)).includes("end"), "it goes on after a session's input has ended");
    await node.agent.commandWith("two\n", "attach", "-i", kept);
    await first;
    await node.until(kept, "its end", ({ status }) => status.phase === "Succeeded");
    t.equal(await node.log(kept), "one\ntwo\nend\n");
  },
);
