// When pods' statuses are told, and in how many calls.

import { setImmediate as turn } from "node:timers/promises";

import type { V1ContainerState, V1Pod, V1PodStatus } from "@kubernetes/client-node";
import t from "tap";

import { changed } from "../../../agent/base/changed.ts";
import { ManualClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { TokenBucket } from "../../../agent/kube/rate-limit.ts";
import { PODS } from "../../../agent/kube/resources.ts";
import { PodStatuses } from "../../../agent/node/pod-statuses.ts";
import type { PodManager, PodView } from "../../../agent/pods/manager.ts";
import { ApiPods } from "../../../agent/sources/api-server.ts";
import { TableClient } from "../../fixtures/table-client.ts";

const namespace = "n";
const CREATING: V1ContainerState = { waiting: { reason: "ContainerCreating" } };
const RUNS: V1ContainerState = { running: { startedAt: new Date(0) } };
const ENDED: V1ContainerState = { terminated: { exitCode: 0 } };

function statusOf(phase: string, state: V1ContainerState): V1PodStatus {
  const container = { name: "main", image: "i", imageID: "", ready: false, restartCount: 0, state };
  return { phase, containerStatuses: [container] };
}

/** Lets everything that follows from what happened come to rest. */
async function settle(): Promise<void> {
  for (let count = 0; count < 20; count++) await turn();
}

type Change = Parameters<Parameters<PodManager["subscribe"]>[0]>[0];

/** An API server with pods, and the node that tells of them. */
class Telling implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly client = new TableClient();
  readonly #pods: ApiPods;
  readonly #statuses: PodStatuses;
  #listener: (change: Change) => void = () => undefined;

  constructor() {
    const { client, clock } = this;
    client.answer = ({ verb, path, body }) => {
      if (verb !== "patch") return undefined;
      const name = path.split("/").at(-1) ?? "";
      const found = this.#served.get(name);
      if (found === undefined) return undefined;
      const { status } = body as V1Pod;
      return this.serve(changed(found, { status: changed(found.status, status ?? {}) }));
    };
    this.#pods = new ApiPods({ client, clock, log: silentLogger, nodeName: "node" });
    const manager = {
      list: () => [],
      subscribe: (listener: (change: Change) => void) => {
        this.#listener = listener;
        return { [Symbol.dispose]: () => undefined };
      },
    } as unknown as PodManager;
    const options = { client, clock, log: silentLogger, pods: this.#pods, manager, mirrorOf: () => undefined };
    this.#statuses = new PodStatuses(options);
  }

  readonly #served = new Map<string, V1Pod>();

  serve(pod: V1Pod): V1Pod {
    const { name = "" } = pod.metadata ?? {};
    const stored = this.client.put(PODS, pod);
    this.#served.set(name, stored);
    return structuredClone(stored);
  }

  /** With pods at the server. */
  async start(...names: readonly string[]): Promise<void> {
    for (const name of names) this.serve({ metadata: { name, namespace, uid: name }, spec: NODE, status: PENDING });
    this.#pods.start(() => undefined, []);
    this.#statuses.start();
    await settle();
  }

  async delete(name: string): Promise<void> {
    const pod = this.#served.get(name);
    const deleted = { deletionTimestamp: new Date(0), deletionGracePeriodSeconds: 30 };
    this.serve(changed(pod, { metadata: changed(pod?.metadata, deleted) }));
    await settle();
  }

  async say(name: string, status: V1PodStatus, how: { deleting?: boolean; gone?: boolean } = {}): Promise<void> {
    const view: PodView = {
      pod: { metadata: { name, namespace, uid: name }, status },
      source: "api",
      origin: "",
      problem: undefined,
      deleting: how.deleting ?? false,
    };
    this.#listener(how.gone === true ? { removed: view } : { pod: view });
    await settle();
  }

  /** Phases that were told, and deletions, of all pods. */
  get told(): string[] {
    return this.client.calls.flatMap(({ verb, body }) => {
      if (verb === "delete") return ["deleted"];
      const status = (body as V1Pod | undefined)?.status;
      return verb !== "patch" ? [] : [status?.phase ?? Object.keys(status ?? {}).join()];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#statuses[Symbol.asyncDispose]();
    await this.#pods[Symbol.asyncDispose]();
  }
}

const NODE = { nodeName: "node", containers: [] };
const PENDING = { phase: "Pending" };

t.test("a pod that starts at once is told of once", async (t) => {
  await using telling = new Telling();
  await telling.start("a");
  await telling.say("a", statusOf("Pending", CREATING));
  t.strictSame(telling.told, []);
  await telling.clock.advance(900);
  t.strictSame(telling.told, []);
  await telling.say("a", statusOf("Running", RUNS));
  t.strictSame(telling.told, ["Running"], "without a wait for the rest of the second");
});

t.test("a pod that takes long to start is told of meanwhile; what holds up its start, at once", async (t) => {
  await using telling = new Telling();
  await telling.start("slow", "failing");
  await telling.say("slow", statusOf("Pending", CREATING));
  await telling.say("failing", statusOf("Pending", CREATING));
  await telling.say("failing", statusOf("Pending", { waiting: { reason: "ErrImagePull" } }));
  t.strictSame(telling.told, ["containerStatuses"]);
  await telling.clock.advance(1_000);
  await settle();
  t.strictSame(telling.told, ["containerStatuses", "containerStatuses"]);
  await telling.say("slow", statusOf("Running", RUNS));
  t.strictSame(telling.told.slice(2), ["Running"]);
});

t.test("a pod that is deleted: its last word, and that nothing is left of it", async (t) => {
  await using telling = new Telling();
  await telling.start("a");
  await telling.say("a", statusOf("Running", RUNS));
  await telling.delete("a");
  await telling.say("a", statusOf("Running", RUNS), { deleting: true });
  await telling.say("a", statusOf("Running", ENDED), { deleting: true });
  t.strictSame(telling.told, ["Running"]);
  await telling.say("a", statusOf("Succeeded", ENDED), { deleting: true });
  t.strictSame(telling.told, ["Running", "Succeeded"], "told when it is known");
  await telling.say("a", statusOf("Succeeded", ENDED), { deleting: true, gone: true });
  t.strictSame(telling.told, ["Running", "Succeeded", "deleted"]);
});

t.test("a pod that is deleted and whose end takes long is told of meanwhile", async (t) => {
  await using telling = new Telling();
  await telling.start("a");
  await telling.say("a", statusOf("Running", RUNS));
  await telling.delete("a");
  await telling.say("a", statusOf("Running", ENDED), { deleting: true });
  await telling.clock.advance(1_000);
  await settle();
  t.strictSame(telling.told, ["Running", "containerStatuses"]);
});

t.test("who waits for a turn tells what is so when it comes", async (t) => {
  await using telling = new Telling();
  telling.client.bucket = new TokenBucket({ perSecond: 1, burst: 1 }, telling.clock);
  await telling.start("a", "b");
  await telling.say("a", statusOf("Running", RUNS));
  t.strictSame(telling.told, ["Running"]);
  await telling.say("b", statusOf("Pending", { waiting: { reason: "ErrImagePull" } }));
  await telling.say("b", statusOf("Running", RUNS));
  t.strictSame(telling.told, ["Running"], "the rate holds");
  await telling.clock.advance(1_000);
  await settle();
  t.strictSame(telling.told, ["Running", "Running"]);
  await telling.clock.advance(10_000);
  await settle();
  t.equal(telling.told.length, 2, "there is nothing left to tell");
});

t.test("a turn for which nothing is left to tell is another's", async (t) => {
  await using telling = new Telling();
  telling.client.bucket = new TokenBucket({ perSecond: 1, burst: 1 }, telling.clock);
  await telling.start("a", "b");
  await telling.say("a", statusOf("Running", RUNS));
  await telling.say("a", statusOf("Failed", ENDED));
  await telling.say("a", statusOf("Running", RUNS));
  await telling.clock.advance(1_000);
  await settle();
  await telling.say("b", statusOf("Running", RUNS));
  t.strictSame(telling.told, ["Running", "Running"], "of a and of b, without another wait");
});

t.test(
  "where turns are few, what passes is told of when there are some to spare, and after ten seconds in any case",
  async (t) => {
    await using telling = new Telling();
    telling.client.bucket = new TokenBucket({ perSecond: 1, burst: 2 }, telling.clock);
    await telling.start("a", "b");
    await telling.say("b", statusOf("Pending", CREATING));
    await telling.say("a", statusOf("Running", RUNS));
    t.strictSame(telling.told, ["Running"]);
    const busy = async (): Promise<void> => {
      (await telling.client.turn()).use();
      await telling.clock.advance(1_000);
      await settle();
    };
    for (let second = 0; second < 9; second++) await busy();
    t.strictSame(telling.told, ["Running"], "others have more to say");
    await busy();
    await telling.clock.advance(1_000);
    await settle();
    t.strictSame(telling.told, ["Running", "containerStatuses"]);
  },
);
