// Pulls as people and pods ask for them: `nodelet pull`, its progress, its interruption, and the reasons that pods show.
// time limit: 420 s

import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "tap";

import { busyboxImage } from "../../../scripts/busybox-image.ts";
import { TestAgent } from "../../fixtures/agent.ts";
import { ownProcesses, settledDifference, takePicture, type PictureOptions } from "../../fixtures/picture.ts";
import { Gate, ScriptedRegistry } from "../../fixtures/scripted-registry.ts";

const LIMIT_MS = 90_000;
const MAIN = resolve(import.meta.dirname, "..", "..", "..", "agent", "main.ts");

async function until<T>(what: string, agent: TestAgent, look: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; await sleep(100)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`${what} did not come about\n${(await agent.command("events")).out}\n${agent.log()}`);
}

/** A command that goes on until it is told otherwise. */
class Running {
  readonly #child: ChildProcess;
  readonly ended: Promise<number | null>;
  err = "";

  constructor(agent: TestAgent, ...argv: readonly string[]) {
    const env = { ...process.env, NODELET_RUN_DIR: agent.runDir };
    this.#child = spawn(process.execPath, [MAIN, ...argv], { stdio: ["ignore", "ignore", "pipe"], env });
    this.#child.stderr?.on("data", (chunk: Buffer) => (this.err += chunk.toString()));
    this.ended = new Promise((done) => this.#child.once("close", (code) => done(code)));
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

const picture: PictureOptions = { ...ownProcesses, without: ["sockets", "network namespaces"] };

test("pulls of people and of pods", async (t) => {
  const before = await takePicture(picture);
  {
    await using registry = await ScriptedRegistry.start();
    await using agent = await TestAgent.create(31, [`--registry-config-path=${join("/nowhere", "certs.d")}`]);
    await agent.start();
    const name = (repository: string): string => `${registry.address}/${repository}`;

    await t.test("nodelet pull", async (t) => {
      const image = registry.add("team/app", "1", busyboxImage());
      const pulled = await agent.command("pull", name("team/app:1"));
      t.equal(pulled.code, 0, pulled.err);
      t.match(pulled.out, `${name("team/app:1")} (${image.config.digest.slice(7, 20)}, `);
      t.match(pulled.err, /^\w{13}: (downloading|unpacking)/m, "a line for each step");
      const json = await agent.command("pull", name("team/app:1"), "-o", "json");
      t.match(JSON.parse(json.out), {
        id: image.config.digest,
        digests: [`${name("team/app")}@${image.manifest.digest}`],
      });
      t.equal(json.err, "");
      t.match(await agent.command("images"), { code: 0, out: name("team/app") });
      const layer = image.layers[0]!.digest.slice("sha256:".length, "sha256:".length + 12);
      const events = await agent.command("events", "-o", "json");
      const { items } = JSON.parse(events.out) as { items: { reason: string; message: string }[] };
      const said = items.filter(({ reason }) => reason === "PullProgress").map(({ message }) => message);
      for (const phase of ["downloads", "unpacks", "is done"]) {
        const start = `${name("team/app:1")}: layer ${layer} ${phase}`;
        t.ok(
          said.some((message) => message.startsWith(start)),
          `${start}, of ${said.join("; ")}`,
        );
      }
      const wrong = await agent.command("pull", name("team/app:gone"));
      t.match(wrong, { code: 1, err: /Cannot pull .*:gone: .*404.*Check the name/ });
      t.match(await agent.command("pull"), { code: 2, err: /which image/ });
      t.match(await agent.command("pull", "a", "--creds", "nobody"), { code: 2, err: /USER:PASSWORD/ });
      t.match(await agent.command("pull", name("team/app:1"), "--platform", "x"), { code: 1, err: /not a platform/ });
      t.match(await agent.command("pull", "--cancel", "team/nothing"), { code: 1, err: /is not being pulled/ });
      t.match(await agent.command("pull", "--list"), { code: 0, out: "", err: /nothing is being pulled/ });
    });

    await t.test("credentials from a file", async (t) => {
      registry.add("team/closed", "1", busyboxImage());
      const wanted = `Basic ${Buffer.from("eve:a:b c").toString("base64")}`;
      registry.script = ({ authorization }, response) => {
        if (authorization === wanted) return false;
        response.writeHead(401, { "www-authenticate": "Basic" }).end();
        return true;
      };
      const file = join(agent.directory, "creds");
      writeFileSync(file, "eve:a:b c\n", { mode: 0o600 });
      t.match(await agent.command("pull", name("team/closed:1")), { code: 1, err: /asks for credentials/ });
      t.match(await agent.command("pull", "--creds-file", file, name("team/closed:1")), { code: 0 });
      t.match(await agent.commandWith("eve:a:b c\n", "pull", "--creds-file", "-", name("team/closed:1")), { code: 0 });
      t.notMatch(agent.log(), /a:b c/, "no password is logged");
      registry.script = undefined;
    });

    await t.test("commands that end early", async (t) => {
      const layers = [{ tar: [{ name: "f", content: randomBytes(300_000) }] }];
      const image = registry.add("team/slow", "1", { layers });
      const reference = name("team/slow:1");
      const gate = new Gate(registry, image.layers[0]!.digest);
      const list = async (): Promise<{ waiting: number }[]> => {
        const { out, err } = await agent.command("pull", "--list", "-o", "json");
        if (out === "") throw new Error(err);
        return (JSON.parse(out) as { items: { waiting: number }[] }).items;
      };
      const waiting = (count: number) =>
        until(`${count} who wait`, agent, async () => (await list())[0]?.waiting === count);

      const killed = new Running(agent, "pull", reference);
      await waiting(1);
      killed.kill("SIGKILL");
      await killed.ended;
      await waiting(0);
      const first = new Running(agent, "pull", reference);
      const second = new Running(agent, "pull", reference);
      await waiting(2);
      t.match(await agent.command("pull", "--list"), { code: 0, out: new RegExp(`${reference} .* 2 `) });
      first.kill("SIGINT");
      t.equal(await first.ended, 1);
      t.match(first.err, /goes on, as others wait/);
      await waiting(1);
      t.equal(gate.asked, 1, "all of them wait for one download");
      second.kill("SIGINT");
      t.equal(await second.ended, 1);
      t.match(second.err, /cancelled/);
      t.strictSame(await list(), []);

      const third = new Running(agent, "pull", reference);
      await waiting(1);
      t.equal((await agent.command("pull", "--cancel", reference)).code, 0);
      t.equal(await third.ended, 1);
      t.match(third.err, /was cancelled/);
      const fourth = new Running(agent, "pull", reference);
      await waiting(1);
      gate.release();
      t.equal(await fourth.ended, 0, fourth.err);
      registry.script = undefined;
    });

    await t.test("pods", async (t) => {
      const pod = (pod: string, image: string, more: object = {}): void => {
        const spec = {
          containers: [{ name: "main", image, command: ["sleep", "1000"], ...more }],
          terminationGracePeriodSeconds: 1,
        };
        const text = JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: pod }, spec });
        writeFileSync(join(agent.manifests, `${pod}.json`), text);
      };
      interface Status {
        readonly metadata: { readonly name: string };
        readonly status: {
          readonly phase: string;
          readonly containerStatuses?: readonly {
            readonly state?: { readonly waiting?: { readonly reason: string; readonly message?: string } };
          }[];
        };
      }
      const state = async (pod: string): Promise<string> => {
        const { out } = await agent.command("pods", "-o", "json");
        const found = (JSON.parse(out) as { items: Status[] }).items.find(({ metadata }) =>
          metadata.name.startsWith(pod),
        );
        const waits = found?.status.containerStatuses?.[0]?.state?.waiting;
        return waits === undefined ? (found?.status.phase ?? "") : `${waits.reason}: ${waits.message ?? ""}`;
      };
      const comes = (pod: string, wanted: RegExp): Promise<string | undefined> =>
        until(`${pod} to be ${wanted}`, agent, async () => {
          const now = await state(pod);
          return wanted.test(now) ? now : undefined;
        });

      registry.add("team/pod", "1", busyboxImage());
      registry.add("team/pod", "latest", busyboxImage());
      pod("there", name("team/pod:1"));
      pod("always", name("team/pod"));
      pod("never", name("team/never:1"), { imagePullPolicy: "Never" });
      pod("missing", name("team/missing:1"));
      await comes("there", /^Running/);
      await comes("always", /^Running/);
      t.match(await comes("never", /^ErrImageNeverPull/), /pull policy of Never/);
      t.match(await comes("missing", /^ErrImagePull|^ImagePullBackOff/), /404/);
      t.match(await comes("missing", /^ImagePullBackOff/), /Back-off pulling image/);
      registry.add("team/missing", "1", busyboxImage());
      await comes("missing", /^Running/);
      const { out } = await agent.command("events");
      for (const words of [
        /Pulling +\S*there\S* +Pulling image/,
        /Pulled +\S*there\S* +Successfully pulled image .* in \d+ms \(\d+ms including waiting\)\. Image size: \d+ bytes\./,
        /Failed +\S*missing\S* +Failed to pull image/,
        /Failed +\S*missing\S* +Error: ErrImagePull/,
        /BackOff +\S*missing\S* +Back-off pulling image/,
      ]) {
        t.match(out, words);
      }
    });
  }
  t.strictSame(await settledDifference(before, picture), [], "nothing is left behind");
});
