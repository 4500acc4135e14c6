// time limit: 900 s
// needs built: kubernetes/kube-proxy, kubernetes/kubectl
// What people do by kubectl with a pod that runs: logs, exec, attach, cp, port-forward, debug, selections; figures of the node.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";

import { describeError } from "../../../agent/base/errors.ts";
import { BUSYBOX_REF } from "../../../scripts/busybox-image.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { TOOLS_DIR } from "../tools/build.ts";
import { example, ROLLOUT, withCluster } from "./observed.ts";

/** kubectl as somebody has it who types; what it says grows in `output`. */
class Session {
  output = "";
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const [program = "", ...args] = command;
    this.#child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    }
    this.#child.stdin?.on("error", () => undefined);
    this.ended = new Promise((resolve) => this.#child.once("close", resolve));
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Nothing more is typed. */
  close(): void {
    this.#child.stdin?.end();
  }

  async says(what: RegExp): Promise<RegExpExecArray> {
    try {
      return await eventually(`${what}`, () => what.exec(this.output) ?? undefined);
    } catch (cause) {
      throw new Error(`it only said: ${this.output}`, { cause });
    }
  }

  async end(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.ended;
  }
}

/** kubectl speaks WebSocket to servers that know it, else SPDY. */
const TRANSPORTS = {
  WebSocket: {},
  SPDY: { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: "false", KUBECTL_PORT_FORWARD_WEBSOCKETS: "false" },
};

interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly name: string };
    readonly containers?: readonly {
      readonly cpu?: { readonly usageNanoCores?: number };
      readonly memory?: { readonly workingSetBytes?: number };
    }[];
  }[];
}

const SELECTED = `
apiVersion: v1
kind: Pod
metadata: {name: selected, labels: {selected: "yes"}}
spec:
  nodeSelector: {disk: fast}
  terminationGracePeriodSeconds: 1
  containers:
    - name: main
      image: ${BUSYBOX_REF}
      command: ["sleep", "infinity"]
      volumeMounts: [{name: about, mountPath: /about}]
  volumes:
    - name: about
      downwardAPI:
        items:
          - {path: labels, fieldRef: {fieldPath: metadata.labels}}
          - {path: annotations, fieldRef: {fieldPath: metadata.annotations}}
`;

const WAITS = `
apiVersion: v1
kind: Pod
metadata: {name: waits}
spec:
  terminationGracePeriodSeconds: 1
  containers:
    - {name: main, image: "127.0.0.1:1/nothing:1"}
`;

await t.test("kubectl and a pod", (t) =>
  withCluster(t, { number: 8, nodes: 1 }, async (observed) => {
    const kubectl = (...args: string[]): Promise<string> => observed.kubectl(...args);
    const program = [join(TOOLS_DIR, "kubectl"), `--kubeconfig=${observed.cluster.plane.kubeconfig}`];
    const scratch = mkdtempSync(join(tmpdir(), "ndl-kubectl-"));
    t.teardown(() => rmSync(scratch, { recursive: true, force: true }));
    /** On a terminal of its own. */
    const onTerminal = (args: readonly string[], env = {}): Session =>
      new Session(["script", "-qec", `stty rows 31 cols 97; ${[...program, ...args].join(" ")}`, "/dev/null"], env);

    await kubectl("apply", "-f", example("shell"));
    await kubectl("wait", "--for=condition=Ready", "pod/shell", ROLLOUT);

    await t.test("logs: all, the last lines, and what comes", async (t) => {
      const following = new Session([...program, "logs", "-f", "shell", "-c", "main"]);
      const [, last = ""] = await following.says(/line (\d+)\n$/);
      await following.says(new RegExp(`line ${Number(last) + 2}\n`));
      await following.end();
      t.match(await kubectl("logs", "shell", "-c", "main", "--tail=1"), /^line \d+\n$/);
      t.match(await kubectl("logs", "-l", "app=shell", "--all-containers", "--prefix"), /^\[pod\/shell\/main\] line /m);
      t.match(
        await kubectl("logs", "shell", "-c", "main", "--timestamps", "--limit-bytes=60"),
        /^\d{4}-\d\d-\d\dT\S+ line 1\n/,
      );
    });

    for (const [transport, env] of Object.entries(TRANSPORTS)) {
      await t.test(`exec, attach and port-forward over ${transport}`, async (t) => {
        const exec = [...program, "exec", "-i", "shell", "-c", "main", "--"];
        const cat = new Session([...exec, "sh", "-c", "cat; echo to stderr >&2; exit 3"], env);
        cat.type("what is typed\n");
        cat.close();
        t.equal(await cat.ended, 3, "its exit status");
        // They come by streams of their own.
        t.match(cat.output, /^what is typed$/m);
        t.match(cat.output, /^to stderr$/m);

        const terminal = onTerminal(["exec", "-it", "shell", "-c", "main", "--", "sh"], env);
        await terminal.says(/[#$] /);
        terminal.type("tty; stty size; exit 4\n");
        t.equal(await terminal.ended, 4);
        t.match(terminal.output, /\/dev\/pts\/\d+/);
        t.match(terminal.output, /31 97/, "the size of the terminal");

        const attached = onTerminal(["attach", "-it", "shell", "-c", "reads"], env);
        await attached.says(/command prompt|[#$] /);
        attached.type("echo $((6 * 7))\n");
        await attached.says(/\b42\b/);
        await attached.end();

        const forward = new Session([...program, "port-forward", "shell", ":8080"], env);
        const [, port = ""] = await forward.says(/127\.0\.0\.1:(\d+) -> 8080/);
        for (let request = 0; request < 3; request++) {
          const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
          t.equal(await answer?.text(), "shell\n", forward.output);
        }
        await forward.end();
      });
    }

    await t.test("cp: there and back", async (t) => {
      const content = Buffer.alloc(50_000_000, "some text that is not all the same 0123456789\n");
      const there = join(scratch, "there");
      const back = join(scratch, "back");
      writeFileSync(there, content);
      await kubectl("cp", there, "shell:/tmp/there", "-c", "main");
      await kubectl("cp", "shell:/tmp/there", back, "-c", "main");
      t.ok(readFileSync(back).equals(content));
    });

    await t.test("debug: beside a container, in a copy, on the node", async (t) => {
      const image = `--image=${BUSYBOX_REF}`;
      await kubectl("debug", "shell", image, "--target=main", "--container=looker", "--", "sh", "-c", "ps; sleep 1000");
      await eventually("it sees the processes of its target", async () =>
        (await kubectl("logs", "shell", "-c", "looker").catch(() => "")).includes("httpd -p 8080"),
      );
      await kubectl("debug", "shell", image, "--copy-to=copied", "--container=more", "--", "sleep", "1000");
      await kubectl("wait", "--for=condition=Ready", "pod/copied", ROLLOUT);
      await kubectl("delete", "pod", "copied", "--grace-period=1");
      const said = await kubectl("debug", "node/node-1", image, "--", "ls", "/host/etc/hostname");
      const name = /node-debugger-\S+/.exec(said)?.[0] ?? "";
      await kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", `pod/${name}`, ROLLOUT);
      t.equal(await kubectl("logs", name), "/host/etc/hostname\n");
      await kubectl("delete", "pod", name);
    });

    await t.test("labels and annotations are set, selected on, and seen in the pod", async (t) => {
      const names = async (...args: string[]): Promise<string> =>
        (await kubectl("get", "pods", "-o", "jsonpath={.items[*].metadata.name}", ...args)).trim();
      const file = join(scratch, "selected.yaml");
      writeFileSync(file, SELECTED);
      await kubectl("label", "node", "node-1", "disk=fast");
      await kubectl("apply", "-f", file);
      await kubectl("wait", "--for=condition=Ready", "pod/selected", ROLLOUT);
      t.equal(await names("-l", "tier in (test, production), app"), "shell");
      t.equal(await names("-l", "!app"), "selected");
      await kubectl("label", "pod", "shell", "tier=production", "--overwrite");
      t.equal(await names("-l", "tier=production"), "shell");
      t.equal(await names("-l", "tier=test"), "");
      t.equal(
        await names("--field-selector", "spec.nodeName=node-1,status.phase=Running", "-l", "selected"),
        "selected",
      );
      await kubectl("annotate", "pod", "selected", "example/seen=yes");
      await kubectl("label", "pod", "selected", "color=green");
      await eventually("the pod sees both", async () => {
        const seen = await kubectl("exec", "selected", "--", "cat", "/about/annotations", "/about/labels");
        return seen.includes('example/seen="yes"') && seen.includes('color="green"');
      });
      const annotated = '{.items[?(@.metadata.annotations.example/seen=="yes")].metadata.name}';
      const path = annotated.replace("example/seen", String.raw`example\/seen`);
      t.equal((await kubectl("get", "pods", "-o", `jsonpath=${path}`)).trim(), "selected");
      await kubectl("delete", "-f", file);
    });

    await t.test("the node's figures", async (t) => {
      const raw = (path: string): Promise<string> => kubectl("get", "--raw", `/api/v1/nodes/node-1/proxy/${path}`);
      const ofShell = await eventually("figures of the pod", async () => {
        const summary = JSON.parse(await raw("stats/summary")) as Summary;
        const pod = summary.pods.find(({ podRef }) => podRef.name === "shell");
        return (pod?.containers ?? []).some(({ cpu }) => cpu?.usageNanoCores !== undefined) && pod;
      });
      t.ok(ofShell.containers?.every(({ memory }) => (memory?.workingSetBytes ?? 0) > 0));
      const metrics = await raw("metrics/resource");
      t.match(metrics, /^node_cpu_usage_seconds_total \d/m);
      t.match(metrics, /^container_cpu_usage_seconds_total\{[^}]*pod="shell"[^}]*\} \d/m);
      t.match(metrics, /^pod_memory_working_set_bytes\{[^}]*pod="shell"[^}]*\} [1-9]/m);
      const own = await raw("metrics");
      for (const series of [
        /^kubelet_pod_start_duration_seconds_count [1-9]/m,
        /^kubelet_pod_start_total_duration_seconds_count [1-9]/m,
        /^kubelet_websocket_streaming_requests_total\{subresource="exec"\} [1-9]/m,
        /^volume_manager_total_volumes\{plugin_name="kubernetes.io\/projected",state="actual_state_of_world"\} [1-9]/m,
        /^storage_operation_duration_seconds_count\{[^}]*status="success",volume_plugin="kubernetes.io\/projected"\} [1-9]/m,
        /^rest_client_requests_total\{code="200",host="[^"]+",method="GET"\} [1-9]/m,
        /^rest_client_request_duration_seconds_bucket\{host="[^"]+",verb="PATCH",le="60"\} [1-9]/m,
      ])
        t.match(own, series);
      t.match(
        await raw("metrics/cadvisor"),
        /^container_cpu_usage_seconds_total\{[^}]*container="main",pod="shell"[^}]*\} \d+\.\d/m,
      );
      t.equal(await raw("healthz"), "ok");
      t.match(await raw("pods"), /"name":"shell"/);
    });

    await t.test("what cannot be is said as kubelet says it", async (t) => {
      const file = join(scratch, "waits.yaml");
      writeFileSync(file, WAITS);
      await kubectl("apply", "-f", file);
      const said = async (...args: string[]): Promise<string> =>
        await kubectl(...args).then(
          () => "",
          (error: unknown) => describeError(error),
        );
      await eventually("its image is asked for in vain", async () =>
        (await said("logs", "waits")).includes(
          'container "main" in pod "waits" is waiting to start: trying and failing to pull image',
        ),
      );
      t.match(await said("exec", "waits", "--", "true"), /container not found \("main"\)/);
      t.match(
        await said("logs", "shell", "-c", "main", "--previous"),
        /previous terminated container "main" in pod "shell" not found/,
      );
      for (const env of Object.values(TRANSPORTS)) {
        const session = new Session([...program, "exec", "shell", "-c", "main", "--", "nothing"], env);
        t.not(await session.ended, 0);
        t.match(
          session.output,
          /Internal error occurred: error executing command in container: .*executable file not found in \$PATH/,
        );
      }
      await kubectl("delete", "-f", file);
    });

    await t.test("what is deleted goes", (t) => observed.remove(t, ["shell"]));
  }),
);
