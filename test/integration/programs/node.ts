// The manifests of examples/ on a daemon of their own: how tests put them, ask their programs and look at their processes.

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import type { V1Pod } from "@kubernetes/client-node";

import { packageRoot } from "../../../agent/base/paths.ts";
import { Client } from "../../../agent/commands/client.ts";
import { runSession } from "../../../agent/commands/session.ts";
import { busyboxImage } from "../../../scripts/busybox-image.ts";
import { exampleImage } from "../../../scripts/example-images.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { TestAgent } from "../../fixtures/agent.ts";
import { condition, type Pod } from "../../fixtures/fields.ts";

/** Until something that is bound to come counts as not coming. */
const LIMIT_MS = 180_000;
/** Host ports of the examples are 18080 to 18999; the test's are others, as the examples may run here. */
const PORT_SHIFT = 10_000;
const HOST_DATA = "/var/lib/nodelet-examples";

export class ProgramsNode implements AsyncDisposable {
  readonly agent: TestAgent;
  /** What stands for /var/lib/nodelet-examples. */
  readonly data: string;
  readonly #client: Client;

  private constructor(agent: TestAgent) {
    this.agent = agent;
    this.data = join(agent.directory, "data");
    mkdirSync(this.data);
    this.#client = new Client(join(agent.runDir, "nodelet.sock"));
  }

  static async create(number: number): Promise<ProgramsNode> {
    const agent = await TestAgent.create(number);
    try {
      await agent.start();
      return new ProgramsNode(agent);
    } catch (error) {
      await agent[Symbol.asyncDispose]();
      throw error;
    }
  }

  get directory(): string {
    return this.agent.directory;
  }

  async load(name: string): Promise<void> {
    let layout = join(this.agent.directory, "busybox");
    if (name === "busybox") await writeOciLayout(layout, busyboxImage());
    else layout = await exampleImage(name);
    const { code, err } = await this.agent.command("load", "-q", layout);
    if (code !== 0) throw new Error(err);
  }

  /** The text of an example, as it is for this node. */
  example(name: string): string {
    return readFileSync(join(packageRoot(), "examples", `${name}.yaml`), "utf8")
      .replaceAll(HOST_DATA, this.data)
      .replaceAll(/hostPort: (18\d{3})/g, (_, port: string) => `hostPort: ${this.hostPort(Number(port))}`);
  }

  hostPort(port: number): number {
    return port + PORT_SHIFT;
  }

  put(name: string, manifest: string): void {
    const file = join(this.agent.manifests, `.${name}.new`);
    writeFileSync(file, manifest);
    renameSync(file, join(this.agent.manifests, `${name}.yaml`));
  }

  take(name: string): void {
    rmSync(join(this.agent.manifests, `${name}.yaml`));
  }

  async pod(name: string): Promise<Pod | undefined> {
    const { items } = await this.#client.get<{ items: Pod[] }>("/pods");
    return items.find(({ metadata }) => metadata?.name === name);
  }

  async until<T>(what: string, name: string, look: () => Promise<T | undefined | false>): Promise<T> {
    let last: unknown;
    for (const limit = Date.now() + LIMIT_MS; Date.now() < limit; await sleep(200)) {
      try {
        const found = await look();
        if (found !== undefined && found !== false) return found;
        last = undefined;
      } catch (error) {
        last = error;
      }
    }
    throw new Error(`${name}: ${what} did not come about\n${await this.#evidence(name)}`, { cause: last });
  }

  async #evidence(name: string): Promise<string> {
    const logs = async ({ status }: V1Pod): Promise<string[]> =>
      await Promise.all(
        [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].map(
          async (container) =>
            `${container.name}: ${(await this.agent.command("logs", "--tail", "20", name, "-c", container.name)).out}`,
        ),
      );
    const pod = await this.pod(name).catch(() => undefined);
    const events = await this.agent.command("events");
    return [
      JSON.stringify(pod?.status, undefined, 1),
      ...(pod === undefined ? [] : await logs(pod)),
      ...events.out.split("\n").filter((line) => line.includes(`default/${name}`)),
    ].join("\n");
  }

  /** The pod of the manifest that was put last, once all of it is ready. */
  async ready(name: string, not?: string): Promise<Pod> {
    return await this.until("a ready pod", name, async () => {
      const pod = await this.pod(name);
      return pod !== undefined && pod.metadata?.uid !== not && condition(pod.status, "Ready")?.status === "True"
        ? pod
        : undefined;
    });
  }

  async gone(name: string): Promise<void> {
    await this.until("its end", name, async () => (await this.pod(name)) === undefined);
  }

  async log(name: string, container: string): Promise<string> {
    return await this.#client.text("GET", `/containerLogs/default/${name}/${container}`);
  }

  /** What a command in a container prints; an exit code other than 0 throws. As `nodelet exec`, in this process. */
  async exec(name: string, container: string, ...command: readonly string[]): Promise<string> {
    const chunks: { out: Buffer[]; err: Buffer[] } = { out: [], err: [] };
    const into = (list: Buffer[]): PassThrough => new PassThrough().on("data", (chunk: Buffer) => list.push(chunk));
    const connection = await this.#client.upgrade(`/exec/default/${name}/${container}`, {
      query: { command, input: false, output: true, error: true, tty: false },
    });
    const code = await runSession(
      connection,
      { stdin: false, tty: false },
      { stdin: new PassThrough(), stdout: into(chunks.out), stderr: into(chunks.err), env: {} },
      AbortSignal.timeout(LIMIT_MS),
    );
    const [out, err] = [chunks.out, chunks.err].map((list) => Buffer.concat(list).toString()) as [string, string];
    if (code !== 0) throw new Error(`${command.join(" ")} in ${name}/${container}: exit code ${code}: ${out}${err}`);
    return out;
  }

  /** What a client prints, that runs in another pod. */
  async client(...command: readonly string[]): Promise<string> {
    return await this.exec("toolbox", "toolbox", ...command);
  }

  /** Until a client's answer is as wanted: a server takes its time to read what was edited. */
  async answer(name: string, wanted: string | RegExp, ask: () => Promise<string>): Promise<string> {
    let last = "";
    return await this.until(`the answer ${wanted}`, name, async () => {
      last = await ask();
      return typeof wanted === "string" ? last.includes(wanted) && last : wanted.test(last) && last;
    }).catch((error: unknown) => {
      throw new Error(`${name}: the last answer was ${JSON.stringify(last)}`, { cause: error });
    });
  }

  /** Of all containers and sandboxes that there are, as their cgroups are named. */
  ids(): string[] {
    return ["containers", "sandboxes"].flatMap((kind) => readdirSync(join(this.agent.runDir, kind)));
  }

  /** Ids, numbers of starts and first processes of a pod's containers that run. */
  async lives(name: string): Promise<readonly string[]> {
    const pod = await this.pod(name);
    if (pod === undefined) throw new Error(`there is no pod ${name}`);
    const { initContainerStatuses = [], containerStatuses = [] } = pod.status;
    const running = [...initContainerStatuses, ...containerStatuses].filter(
      ({ state }) => state?.running !== undefined,
    );
    return await Promise.all(
      running.map(async ({ containerID = "", restartCount, name: container }) => {
        const id = containerID.replace(/^.*:\/\//, "");
        const { info } = await this.#client.get<{ info: { pid: string } }>("/nodelet/v1/inspect", {
          query: { name: id },
        });
        return `${container} ${id}, started ${restartCount + 1} times, process ${info.pid} of ${startTime(info.pid)}`;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent[Symbol.asyncDispose]();
  }
}

/** In clock ticks after boot: with the pid, it tells a process from a later one of the same number. */
const startTime = (pid: string): string =>
  readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) /s, "").split(" ")[19] ?? "";
