// time limit: 400 s
// Fields that say how containers begin, are looked after, and end.

import { createServer } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";

import t from "tap";

import {
  condition,
  containerStatus,
  field,
  FieldNode,
  FOREVER,
  listen,
  restarts,
  sh,
} from "../../../fixtures/fields.ts";

const node = await FieldNode.create(11);
t.teardown(() => node[Symbol.asyncDispose]());

/** Quick and certain, but for what a test asks about. */
const QUICK = { periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 30 };

/** Runs on the host, as the pod does with hostNetwork. */
const onHost = { hostNetwork: true };

field(
  t,
  [
    "spec.containers[].{livenessProbe,startupProbe,readinessProbe}.exec.command",
    "spec.containers[].{livenessProbe,startupProbe,readinessProbe}.periodSeconds",
    "spec.containers[].{livenessProbe,startupProbe}.failureThreshold",
  ],
  "a command in the container decides; a startup probe comes before the others, a failed liveness probe restarts the container",
  async (t) => {
    const name = await node.run(
      sh(`sleep 2; touch /tmp/up; sleep 2; touch /tmp/ready; ${FOREVER}`, {
        startupProbe: { ...QUICK, failureThreshold: 1000, exec: { command: ["test", "-e", "/tmp/up"] } },
        readinessProbe: { ...QUICK, exec: { command: ["test", "-e", "/tmp/ready"] } },
        livenessProbe: { ...QUICK, failureThreshold: 2, exec: { command: ["test", "!", "-e", "/tmp/ill"] } },
      }),
    );
    const starting = await node.running(name);
    t.match(containerStatus(starting), { started: false, ready: false });
    await node.until(name, "started and not ready", (pod) => containerStatus(pod)?.started === true);
    await node.ready(name);
    await node.exec(name, "touch", "/tmp/ill");
    const after = await node.until(name, "a restart", (pod) => restarts(pod) === 1);
    t.match(containerStatus(after)?.lastState?.terminated, { exitCode: 0 });
    const told = await node.told(name);
    t.ok(told.includes("Killing: Container main failed liveness probe, will be restarted"));
    t.ok(told.some((line) => line.startsWith("Unhealthy: Startup probe failed: ")));
    t.ok(told.some((line) => line.startsWith("Unhealthy: Readiness probe failed: ")));
    t.ok(told.some((line) => line.startsWith("Unhealthy: Liveness probe failed: ")));
    await node.remove(name);
  },
);

field(
  t,
  [
    "spec.containers[].{livenessProbe,startupProbe,readinessProbe}.httpGet.{port,path}",
    "spec.containers[].ports[].name",
    "spec.containers[].ports[].containerPort",
  ],
  "the agent asks the pod over HTTP; a port may be given by its name",
  async (t) => {
    const http = (path: string): object => ({ httpGet: { port: "web", path } });
    const name = await node.run(
      sh("mkdir /tmp/w; echo up > /tmp/w/up; httpd -p 8080 -h /tmp/w; " + FOREVER, {
        ports: [{ name: "web", containerPort: 8080 }],
        startupProbe: { ...QUICK, failureThreshold: 1000, ...http("/up") },
        readinessProbe: { ...QUICK, ...http("/ready") },
        livenessProbe: { ...QUICK, ...http("/up") },
      }),
    );
    await node.until(name, "not ready", (_pod, events) =>
      events.some(({ message }) => message === "Readiness probe failed: HTTP probe failed with statuscode: 404"),
    );
    await node.exec(name, "touch", "/tmp/w/ready");
    await node.ready(name);
    await node.exec(name, "rm", "/tmp/w/up");
    await node.until(name, "a restart", (pod) => restarts(pod) > 0);
    t.match(await node.told(name), /Liveness probe failed: HTTP probe failed with statuscode: 404/);
    await node.remove(name);
  },
);

field(
  t,
  [
    "spec.containers[].{livenessProbe,startupProbe,readinessProbe}.httpGet.{host,httpHeaders[].name,httpHeaders[].value}",
    "spec.containers[].lifecycle.{postStart,preStop}.httpGet.{host,httpHeaders[].name,httpHeaders[].value,port,path,scheme}",
  ],
  "probes and hooks ask another host, with headers",
  async (t) => {
    const seen = new Map<string, string | undefined>();
    const port = await listen(
      t,
      createServer((request, response) => {
        seen.set(request.url ?? "", [request.headers["x-a"], request.headers.host].join(" "));
        response.end();
      }),
    );
    const httpHeaders = [
      { name: "X-A", value: "yes" },
      { name: "Host", value: "shop.example" },
    ];
    const ask = (path: string): object => ({ httpGet: { host: "127.0.0.1", port, path, httpHeaders, scheme: "HTTP" } });
    const name = await node.run(
      sh(FOREVER, {
        startupProbe: { ...QUICK, ...ask("/startup") },
        livenessProbe: { ...QUICK, ...ask("/liveness") },
        readinessProbe: { ...QUICK, ...ask("/readiness") },
        lifecycle: { postStart: ask("/postStart"), preStop: ask("/preStop") },
      }),
    );
    await node.ready(name);
    await node.until(name, "liveness", () => seen.has("/liveness"));
    await node.remove(name, 30);
    t.strictSame(
      [...seen.keys()].toSorted(),
      ["/liveness", "/postStart", "/preStop", "/readiness", "/startup"],
      "each was asked",
    );
    t.ok([...seen.values()].every((value) => value === "yes shop.example"));
  },
);

field(
  t,
  "spec.containers[].{livenessProbe,startupProbe,readinessProbe}.httpGet.scheme",
  "HTTPS is spoken, HTTP is not taken for it",
  async (t) => {
    const port = await listen(
      t,
      createServer((_request, response) => response.end()),
    );
    const ask = (scheme: string): object => ({ httpGet: { host: "127.0.0.1", port, scheme } });
    const name = await node.run(
      sh(FOREVER, {
        startupProbe: { ...QUICK, ...ask("HTTP") },
        livenessProbe: { ...QUICK, ...ask("HTTP") },
        readinessProbe: { ...QUICK, ...ask("HTTPS") },
      }),
    );
    await node.until(name, "the failure", (_pod, events) =>
      events.some(({ message }) => message.startsWith('Readiness probe failed: Get "https://127.0.0.1:')),
    );
    const { status } = await node.running(name);
    t.match(condition(status, "ContainersReady"), { status: "False", reason: "ContainersNotReady" });
    await node.remove(name);
  },
);

field(
  t,
  "spec.containers[].{livenessProbe,startupProbe,readinessProbe}.tcpSocket.{port,host}",
  "a connection is enough",
  async (t) => {
    const port = await listen(t);
    const tcp = { tcpSocket: { host: "127.0.0.1", port } };
    const name = await node.run(
      sh(`while :; do nc -l -p 7000 < /dev/null > /dev/null; done`, {
        startupProbe: { ...QUICK, ...tcp },
        livenessProbe: { ...QUICK, ...tcp },
        readinessProbe: { ...QUICK, failureThreshold: 1000, tcpSocket: { port: 7000 } },
      }),
    );
    await node.ready(name);
    const closed = await node.run(sh(FOREVER, { readinessProbe: { ...QUICK, tcpSocket: { port: 7000 } } }));
    await node.until(closed, "the failure", (_pod, events) =>
      events.some(({ message }) => /^Readiness probe failed: dial tcp .*: connect: connection refused$/.test(message)),
    );
    t.equal(condition((await node.running(closed)).status, "Ready")?.status, "False");
    await Promise.all([node.remove(name), node.remove(closed)]);
  },
);

field(
  t,
  "spec.containers[].{livenessProbe,startupProbe,readinessProbe}.grpc.{port,service}",
  "grpc.health.v1 is asked for the service",
  async (t) => {
    const asked = new Set<string>();
    const server = createHttp2Server();
    server.on("stream", (stream: ServerHttp2Stream) => {
      stream.on("error", () => undefined);
      stream.once("data", (body: Buffer) => {
        const service = body.subarray(7).toString();
        asked.add(service);
        stream.respond({ "content-type": "application/grpc" }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.end(Buffer.from([0, 0, 0, 0, 2, 8, service === "down" ? 2 : 1]));
      });
    });
    const port = await listen(t, server);
    const grpc = (service: string): object => ({ ...QUICK, grpc: { port, service } });
    const name = await node.run(
      sh(FOREVER, { startupProbe: grpc("s"), livenessProbe: grpc("l"), readinessProbe: grpc("r") }),
      onHost,
    );
    await node.ready(name);
    t.ok(asked.has("s") && asked.has("r"));
    const down = await node.run(sh(FOREVER, { readinessProbe: grpc("down") }), onHost);
    await node.until(down, "the failure", (_pod, events) =>
      events.some(
        ({ message }) => message === 'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")',
      ),
    );
    await Promise.all([node.remove(name), node.remove(down)]);
  },
);

field(
  t,
  "spec.containers[].{livenessProbe,startupProbe,readinessProbe}.timeoutSeconds",
  "an attempt that takes longer is a failure",
  async (t) => {
    const slow = { ...QUICK, timeoutSeconds: 1, exec: { command: ["sleep", "500"] } };
    const names = await Promise.all([
      node.run(sh(FOREVER, { livenessProbe: slow })),
      node.run(sh(FOREVER, { startupProbe: slow })),
      node.run(sh(FOREVER, { readinessProbe: slow })),
    ]);
    for (const [index, kind] of ["Liveness", "Startup", "Readiness"].entries()) {
      await node.until(names[index] ?? "", "the failure", (_pod, events) =>
        events.some(
          ({ message }) => message === `${kind} probe failed: command timed out: "sleep 500" timed out after 1s`,
        ),
      );
    }
    await node.until(names[0] ?? "", "a restart", (pod) => restarts(pod) > 0);
    await Promise.all(names.map((name) => node.remove(name)));
    t.pass("each was told");
  },
);

field(
  t,
  "spec.containers[].{livenessProbe,startupProbe,readinessProbe}.initialDelaySeconds",
  "nothing is asked before",
  async (t) => {
    const log = "echo asked >> /proc/1/fd/1";
    const probe = (kind: string): object => ({
      ...QUICK,
      initialDelaySeconds: 3,
      exec: { command: ["sh", "-c", `${log}; echo $(date +%s) >> /tmp/${kind}`] },
    });
    const begin = `date +%s > /tmp/begin; ${FOREVER}`;
    const name = await node.run(
      sh(begin, { startupProbe: probe("s"), livenessProbe: probe("l"), readinessProbe: probe("r") }),
    );
    await node.ready(name);
    await node.until(name, "liveness", () => true);
    const lines = (await node.exec(name, "sh", "-c", "cat /tmp/begin; head -qn1 /tmp/s /tmp/r")).trim().split("\n");
    const [start = 0, ...first] = lines.map(Number);
    t.equal(first.length, 2);
    for (const time of first) t.ok(time - start >= 2, `${time - start} s`);
    await node.remove(name);
  },
);

field(
  t,
  "spec.containers[].readinessProbe.{successThreshold,failureThreshold}",
  "so many attempts in a row change readiness",
  async (t) => {
    const count = "echo x >> /tmp/n; test ! -e /tmp/ill";
    const name = await node.run(
      sh(FOREVER, {
        readinessProbe: { ...QUICK, successThreshold: 3, failureThreshold: 2, exec: { command: ["sh", "-c", count] } },
      }),
    );
    await node.ready(name);
    const attempts = (await node.exec(name, "cat", "/tmp/n")).trim().split("\n").length;
    t.ok(attempts >= 3, `${attempts} attempts`);
    await node.exec(name, "touch", "/tmp/ill");
    await node.until(name, "not ready", ({ status }) => condition(status, "Ready")?.status === "False");
    const failures = (await node.events(name)).filter(({ reason }) => reason === "Unhealthy");
    t.ok(failures.reduce((sum, { count: times }) => sum + times, 0) >= 2);
    await node.remove(name);
  },
);

field(
  t,
  "spec.containers[].{livenessProbe,startupProbe}.successThreshold",
  "is 1; anything else is refused",
  async (t) => {
    const probe = { ...QUICK, successThreshold: 2, exec: { command: ["true"] } };
    for (const kind of ["livenessProbe", "startupProbe"])
      t.match(await node.refusal(sh("true", { [kind]: probe })), `${kind}.successThreshold: Must be 1`);
  },
);

field(
  t,
  "spec.containers[].{livenessProbe,startupProbe}.terminationGracePeriodSeconds",
  "counts for a container that the probe ends",
  async (t) => {
    const deaf = "trap '' TERM; while :; do sleep 1; done";
    const probe = { ...QUICK, terminationGracePeriodSeconds: 1, exec: { command: ["false"] } };
    const long = { terminationGracePeriodSeconds: 3600 };
    const names = await Promise.all([
      node.run(sh(deaf, { livenessProbe: probe }), long),
      node.run(sh(deaf, { startupProbe: probe }), long),
    ]);
    for (const name of names) {
      const pod = await node.until(name, "a restart", (found) => restarts(found) > 0);
      t.equal(containerStatus(pod)?.lastState?.terminated?.exitCode, 137);
      await node.remove(name, 1);
    }
  },
);

field(
  t,
  "spec.containers[].readinessProbe.terminationGracePeriodSeconds",
  "is refused: a readiness probe ends no container",
  async (t) => {
    const probe = { exec: { command: ["true"] }, terminationGracePeriodSeconds: 1 };
    t.match(await node.refusal(sh("true", { readinessProbe: probe })), "A readiness probe ends no container");
  },
);

field(
  t,
  ["spec.containers[].lifecycle.{postStart,preStop}.exec.command", "spec.terminationGracePeriodSeconds"],
  "commands after the start and before the stop signal, within the grace",
  async (t) => {
    const name = await node.run(
      sh("trap 'echo term >> /proc/1/fd/1; exit 0' TERM; while :; do sleep 0.1; done", {
        lifecycle: {
          postStart: { exec: { command: ["sh", "-c", "sleep 1; echo started > /proc/1/fd/1"] } },
          preStop: { exec: { command: ["sh", "-c", "echo stopping > /proc/1/fd/1; sleep 1"] } },
        },
      }),
      { restartPolicy: "Never", terminationGracePeriodSeconds: 60, activeDeadlineSeconds: 5 },
    );
    await node.until(name, "its end", (pod) => containerStatus(pod)?.state?.terminated !== undefined);
    t.equal(await node.log(name), "started\nstopping\nterm\n");
    const deaf = await node.run(sh("trap '' TERM; while :; do sleep 1; done"), {
      terminationGracePeriodSeconds: 2,
      activeDeadlineSeconds: 1,
    });
    const killed = await node.until(deaf, "its end", (pod) => containerStatus(pod)?.state?.terminated !== undefined);
    t.equal(containerStatus(killed)?.state?.terminated?.exitCode, 137);
    await Promise.all([node.remove(name), node.remove(deaf)]);
  },
);

field(
  t,
  "spec.containers[].lifecycle.{postStart,preStop}.sleep.seconds",
  "waits after the start and before the stop signal",
  async (t) => {
    const name = await node.run(
      sh("trap 'date +%s; exit 0' TERM; date +%s; while :; do sleep 0.1; done", {
        lifecycle: { postStart: { sleep: { seconds: 2 } }, preStop: { sleep: { seconds: 2 } } },
      }),
      { restartPolicy: "Never", terminationGracePeriodSeconds: 30, activeDeadlineSeconds: 3 },
    );
    const waiting = await node.until(name, "the hook", (_pod, events) =>
      events.some(({ reason }) => reason === "Started"),
    );
    t.match(
      containerStatus(waiting)?.state,
      { waiting: { reason: "ContainerCreating" } },
      "not running before it ends",
    );
    await node.until(name, "its end", (pod) => containerStatus(pod)?.state?.terminated !== undefined);
    const [begin = 0, end = 0] = (await node.log(name)).trim().split("\n").map(Number);
    t.ok(end - begin >= 4, `${end - begin} s`);
    await node.remove(name);
  },
);

field(
  t,
  "spec.containers[].lifecycle.{postStart,preStop}.tcpSocket.{port,host}",
  "is no hook: it fails when it is to run, as the API says",
  async (t) => {
    const tcpSocket = { port: 80, host: "127.0.0.1" };
    const name = await node.run(sh(FOREVER, { lifecycle: { postStart: { tcpSocket }, preStop: { tcpSocket } } }));
    await node.until(name, "the failure", (_pod, events) =>
      events.some(({ reason, message }) => reason === "FailedPostStartHook" && message.includes("invalid handler")),
    );
    await node.remove(name);
    const other = await node.run(sh(FOREVER, { lifecycle: { preStop: { tcpSocket } } }));
    await node.running(other);
    await node.remove(other);
    t.match(await node.told(other), /FailedPreStopHook: PreStopHook failed: .*invalid handler/);
  },
);

field(t, "spec.containers[].lifecycle.stopSignal", "is sent in place of SIGTERM", async (t) => {
  const name = await node.run(
    sh("trap 'echo usr1; exit 3' USR1; trap 'echo term' TERM; while :; do sleep 0.1; done", {
      lifecycle: { stopSignal: "SIGUSR1" },
    }),
    { restartPolicy: "Never", terminationGracePeriodSeconds: 30, activeDeadlineSeconds: 2, os: { name: "linux" } },
  );
  const pod = await node.until(name, "its end", (found) => containerStatus(found)?.state?.terminated !== undefined);
  t.equal(containerStatus(pod)?.state?.terminated?.exitCode, 3);
  t.equal(await node.log(name), "usr1\n");
  await node.remove(name);
});

field(
  t,
  ["spec.containers[].restartPolicy", "spec.initContainers"],
  "init containers run in order; one with Always is a sidecar, which stays and ends last; a container's policy stands before the pod's",
  async (t) => {
    const say = (word: string): string =>
      `trap 'echo end ${word}; exit 0' TERM; echo ${word}; while :; do sleep 0.1; done`;
    const name = await node.run(undefined, {
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      initContainers: [
        sh("date +%s%N", { name: "first" }),
        sh(say("one"), {
          name: "one",
          restartPolicy: "Always",
          startupProbe: { ...QUICK, failureThreshold: 1000, exec: { command: ["true"] }, initialDelaySeconds: 1 },
        }),
        sh("date +%s%N", { name: "second" }),
        sh(say("two"), { name: "two", restartPolicy: "Always" }),
      ],
      containers: [
        sh("exit 3", { name: "never", restartPolicy: "Never" }),
        sh("exit 0", { name: "failure", restartPolicy: "OnFailure" }),
        sh("sleep 1; exit 4", { restartPolicy: "Never" }),
      ],
    });
    const pod = await node.until(name, "its end", ({ status }) => status.phase === "Failed");
    t.match(containerStatus(pod, "never")?.state?.terminated, { exitCode: 3 });
    t.match(containerStatus(pod, "failure")?.state?.terminated, { exitCode: 0 });
    for (const container of ["never", "failure", "main"]) t.equal(restarts(pod, container), 0);
    const times = (container: string): [began: number, ended: number] => {
      const { startedAt, finishedAt } = containerStatus(pod, container)?.state?.terminated ?? {};
      return [Date.parse(String(startedAt)), Date.parse(String(finishedAt))];
    };
    t.ok(times("first")[1] <= times("one")[0]);
    t.ok(times("second")[0] - times("one")[0] >= 1000, "the startup probe holds the next");
    t.ok(times("two")[1] <= times("one")[1], "reverse order");
    t.ok(times("main")[1] <= times("two")[1], "after the main containers");
    t.equal(await node.log(name, "one"), "one\nend one\n");
    await node.remove(name);
  },
);

field(
  t,
  "spec.containers[].restartPolicyRules[].{action,exitCodes.operator,exitCodes.values}",
  "an exit code decides on the restart of a container, or of all",
  async (t) => {
    const rule = (action: string, operator: string): object => ({
      restartPolicy: "Never",
      restartPolicyRules: [{ action, exitCodes: { operator, values: [42] } }],
    });
    // The first run of a container leaves a mark in the volume.
    const mount = { volumeMounts: [{ name: "marks", mountPath: "/marks" }] };
    const once = (code: number): string => `test -e /marks/$HOSTNAME && exit 0; touch /marks/$HOSTNAME; exit ${code}`;
    const volumes = [{ name: "marks", emptyDir: {} }];
    const ended = (name: string) =>
      node.until(name, "its end", ({ status }) => status.phase === "Succeeded" || status.phase === "Failed");

    const matched = await node.run(sh(once(42), { ...rule("Restart", "In"), ...mount }), {
      restartPolicy: "Never",
      volumes,
    });
    t.equal(restarts(await ended(matched)), 1);
    const other = await node.run(sh(once(42), { ...rule("Restart", "NotIn"), ...mount }), {
      restartPolicy: "Never",
      volumes,
    });
    t.match(await ended(other), { status: { phase: "Failed", containerStatuses: [{ restartCount: 0 }] } });

    const all = await node.run(undefined, {
      restartPolicy: "Never",
      volumes,
      initContainers: [sh("echo init", { name: "init" })],
      containers: [
        sh(`sleep 1; ${once(42)}`, { ...rule("RestartAllContainers", "In"), ...mount }),
        sh("trap 'exit 9' TERM; test $(ls /marks | wc -l) = 0 || exit 0; while :; do sleep 0.1; done", {
          name: "other",
          ...mount,
        }),
      ],
    });
    const pod = await ended(all);
    t.equal(pod.status.phase, "Succeeded");
    for (const container of ["init", "main", "other"]) t.equal(restarts(pod, container), 1, container);
    t.match(containerStatus(pod, "other")?.lastState?.terminated, { exitCode: 9 });
    t.equal(condition(pod.status, "AllContainersRestarting")?.status, "False");
    await Promise.all([matched, other, all].map((name) => node.remove(name)));
  },
);

field(t, "spec.restartPolicy", "Always, OnFailure and Never", async (t) => {
  const [always, failure, success, never] = await Promise.all([
    node.run(sh("exit 0"), { restartPolicy: "Always" }),
    node.run(sh("exit 1"), { restartPolicy: "OnFailure" }),
    node.run(sh("exit 0"), { restartPolicy: "OnFailure" }),
    node.run(sh("exit 1"), { restartPolicy: "Never" }),
  ]);
  for (const name of [always, failure]) {
    const pod = await node.until(
      name,
      "the back-off",
      (found) => containerStatus(found)?.state?.waiting?.reason === "CrashLoopBackOff",
    );
    t.ok(restarts(pod) >= 1);
    t.match(containerStatus(pod)?.state?.waiting?.message, /^back-off 10s restarting failed container=main/);
  }
  const ended = (name: string) =>
    node.until(name, "its end", ({ status }) => status.phase === "Succeeded" || status.phase === "Failed");
  t.equal((await ended(success)).status.phase, "Succeeded");
  t.match(await ended(never), { status: { phase: "Failed", containerStatuses: [{ restartCount: 0 }] } });
  await Promise.all([always, failure, success, never].map((name) => node.remove(name)));
});

field(t, "spec.activeDeadlineSeconds", "ends the pod, which has then failed", async (t) => {
  const name = await node.run(sh(FOREVER), { activeDeadlineSeconds: 2 });
  const pod = await node.until(name, "its end", ({ status }) => status.phase === "Failed");
  t.match(pod.status, {
    reason: "DeadlineExceeded",
    message: "Pod was active on the node longer than the specified deadline",
  });
  await node.until(
    name,
    "the end of its container",
    (found) => containerStatus(found)?.state?.terminated !== undefined,
  );
  await node.remove(name);
});

field(
  t,
  "spec.readinessGates[].conditionType",
  "holds Ready back: nobody sets the condition on a node alone",
  async (t) => {
    const name = await node.run(sh(FOREVER), { readinessGates: [{ conditionType: "example.com/gate" }] });
    const { status } = await node.until(
      name,
      "its containers",
      (pod) => condition(pod.status, "ContainersReady")?.status === "True",
    );
    t.match(condition(status, "Ready"), {
      status: "False",
      reason: "ReadinessGatesNotReady",
      message: /"example.com\/gate"/,
    });
    await node.remove(name);
  },
);
