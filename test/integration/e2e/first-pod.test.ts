// time limit: 300 s
// What a person does first: start the agent, load an image, run a pod, look at it, end it.

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t from "tap";

import { BUSYBOX_REF, busyboxImage } from "../../../scripts/busybox-image.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { TestAgent } from "../../fixtures/agent.ts";
import { settledDifference, takePicture, type Picture, type PictureOptions } from "../../fixtures/picture.ts";

const EXAMPLE = resolve(import.meta.dirname, "..", "..", "..", "examples", "web.yaml");
/** Apart from the example's own, which may be in use. */
const HOST_PORT = 18_181;

const POD_LIMIT_MS = 60_000;

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly ready: boolean;
      readonly restartCount: number;
      readonly containerID: string;
    }[];
  };
}

async function pods(agent: TestAgent): Promise<readonly Pod[]> {
  const { code, out, err } = await agent.command("pods", "-o", "json");
  if (code !== 0) throw new Error(err);
  return (JSON.parse(out) as { items: readonly Pod[] }).items;
}

async function until<T>(what: string, agent: TestAgent, look: () => Promise<T | undefined | false>): Promise<T> {
  for (const limit = Date.now() + POD_LIMIT_MS; Date.now() < limit; await sleep(100)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  const { out } = await agent.command("events");
  throw new Error(`${what} did not come about\n${out}\n${agent.log()}`);
}

const running = (agent: TestAgent) =>
  until("a running pod", agent, async () =>
    (await pods(agent)).find(
      ({ status }) => status.phase === "Running" && status.containerStatuses?.every(({ ready }) => ready) === true,
    ),
  );

function putManifest(agent: TestAgent, text: string): void {
  const file = join(agent.manifests, ".web.yaml.new");
  writeFileSync(file, text);
  renameSync(file, join(agent.manifests, "web.yaml"));
}

/**
 * The whole host, but for what goes on on it besides: processes outside of pods and shims, and what has gone since. Only a process
 * or a name keeps a network namespace, so it need not be looked at itself.
 */
const pictureOptions: PictureOptions = {
  without: ["sockets", "network namespaces"],
  ignoreProcess: ({ pid }) => {
    try {
      return !/kubepods|nodelet-shims/.test(readFileSync(`/proc/${pid}/cgroup`, "utf8"));
    } catch {
      return true; // it has ended
    }
  },
};

async function leftBehind(before: Picture): Promise<readonly string[]> {
  return (await settledDifference(before, pictureOptions)).filter((line) => line.includes("left behind"));
}

t.test("a first pod", async (t) => {
  const before = await takePicture(pictureOptions);
  const manifest = readFileSync(EXAMPLE, "utf8").replace("hostPort: 18080", `hostPort: ${HOST_PORT}`);
  {
    await using agent = await TestAgent.create(1);
    await agent.start();

    const layout = join(agent.directory, "busybox");
    await writeOciLayout(layout, busyboxImage());
    t.match(await agent.command("load", layout), { code: 0, out: new RegExp(`^${BUSYBOX_REF} `) });
    t.match((await agent.command("images")).out, BUSYBOX_REF);

    putManifest(agent, manifest);
    const pod = await running(agent);
    const ip = pod.status.podIP ?? "";

    await t.test("is seen", async (t) => {
      t.match(ip, /^10\.214\.201\.\d+$/);
      t.match((await agent.command("pods")).out, /default +web\S* +2\/2 +Running +0 /);
      t.match((await agent.command("ps")).out, /httpd +0 +default\/web/);
      t.match((await agent.command("events")).out, /Started +default\/web\S*\/httpd/);
      t.match(JSON.parse((await agent.command("inspect", `${pod.metadata.name}/httpd`)).out), {
        kind: "container",
        status: { state: 1 },
      });
    });

    await t.test("answers", async (t) => {
      const page = await until("the page", agent, () =>
        fetch(`http://${ip}:8080/`).then(
          (response) => response.text(),
          () => undefined,
        ),
      );
      t.match(page, `Hello from ${pod.metadata.name}`);
      t.match(await (await fetch(`http://127.0.0.1:${HOST_PORT}/`)).text(), "Hello from", "by the host's port");
    });

    await t.test("logs", async (t) => {
      await until("two ticks", agent, async () =>
        (await agent.command("logs", pod.metadata.name, "ticker")).out.includes("tick 2"),
      );
      const { code, out } = await agent.command(
        "logs",
        pod.metadata.name,
        "-c",
        "ticker",
        "--tail",
        "1",
        "--timestamps",
      );
      t.equal(code, 0);
      t.match(out, /^\d{4}-\d\d-\d\dT[\d:.]+Z tick \d+\n$/);
    });

    await t.test("exec", async (t) => {
      const name = pod.metadata.name;
      t.match(await agent.command("exec", name, "-c", "httpd", "--", "id", "-u"), { code: 0, out: "33\n" });
      t.match(await agent.commandWith("hello", "exec", "-i", name, "-c", "ticker", "--", "cat"), {
        code: 0,
        out: "hello",
      });
      t.match(await agent.command("exec", name, "-c", "ticker", "--", "sh", "-c", "echo out; echo err >&2; exit 7"), {
        code: 7,
        out: "out\n",
        err: "err\n",
      });
      t.match(await agent.command("exec", name, "-c", "ticker", "--", "nope"), { code: 127, err: /nope/ });
    });

    await t.test("explain", async (t) => {
      const { code, out } = await agent.command("explain", `${pod.metadata.name}/httpd`);
      t.equal(code, 0);
      t.match(out, /^STEP +ACTOR +OPERATION +RESULT/);
      t.match(out, /pivot_root +ok/);
      t.match(out, /container [0-9a-f]{64}: (\d+) of \1 steps/);
      t.match((await agent.command("explain", pod.metadata.name)).out, /sandbox [0-9a-f]{64}/);
      t.match((await agent.command("explain", `${pod.metadata.name}/httpd`, "--script")).out, /^#!\/bin\/(ba)?sh\n/);
    });

    await t.test("a wrong edit leaves the pod as it is, and is said", async (t) => {
      putManifest(agent, manifest.replace("containers:\n", "containres:\n"));
      const { err } = await until("the problem", agent, async () => {
        const answer = await agent.command("pods");
        return answer.err === "" ? undefined : answer;
      });
      t.match(err, /web\.yaml:\d+:\d+: .*containres/);
      t.equal((await running(agent)).metadata.uid, pod.metadata.uid);
      putManifest(agent, manifest);
      await until("the end of the problem", agent, async () => (await agent.command("pods")).err === "");
      t.equal((await running(agent)).metadata.uid, pod.metadata.uid);
    });

    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      await t.test(
        `the daemon ends by ${signal}: the pod does not notice, and the next daemon takes it up`,
        async (t) => {
          const ids = (found: Pod): unknown =>
            found.status.containerStatuses?.map(({ containerID, restartCount }) => [containerID, restartCount]);
          const earlier = ids(await running(agent));
          const code = await agent.signal(signal);
          if (signal === "SIGTERM") t.equal(code, 0);
          t.match(await (await fetch(`http://${ip}:8080/`)).text(), "Hello from");
          t.match(await agent.command("pods"), { code: 3 });
          await agent.start();
          t.same(ids(await running(agent)), earlier);
          t.match(await agent.command("exec", pod.metadata.name, "-c", "ticker", "--", "true"), { code: 0 });
        },
      );
    }

    await t.test("run and rm", async (t) => {
      const file = join(agent.directory, "one.yaml");
      writeFileSync(
        file,
        `apiVersion: v1\nkind: Pod\nmetadata: {name: one}\nspec:\n  restartPolicy: Never\n  containers:\n  - {name: main, image: "${BUSYBOX_REF}", command: [sh, -c, "echo done; exit 3"]}\n`,
      );
      t.match(await agent.command("run", file), { code: 0 });
      await until("the end of pod one", agent, async () =>
        (await pods(agent)).some(({ metadata, status }) => metadata.name === "one" && status.phase === "Failed"),
      );
      t.match(await agent.command("logs", "-f", "one"), { code: 0, out: "done\n" });
      t.match(await agent.command("rm", "one"), { code: 0 });
      t.notOk((await pods(agent)).some(({ metadata }) => metadata.name === "one"));
    });

    await t.test("a pod ends when its manifest is taken away", async (t) => {
      rmSync(join(agent.manifests, "web.yaml"));
      await until("no pod", agent, async () => (await pods(agent)).length === 0);
      t.match(await agent.command("ps"), { code: 0, out: "" });
    });

    putManifest(agent, manifest);
    await running(agent);
    await t.test("stop --all ends the pods and the daemon", async (t) => {
      t.match(await agent.command("stop", "--all", "--grace-period", "1"), { code: 0 });
      t.equal(await agent.ended, 0);
      t.notOk(existsSync(join(agent.runDir, "nodelet.sock")));
      t.same(await leftBehind(before), [], "the host is as it was before");
    });
  }
  t.same(await leftBehind(before), [], "and after the directories are gone");
});
