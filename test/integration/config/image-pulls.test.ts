// How pods take turns at a registry, seen from there: Debian's, behind a server that holds requests for manifests.
// time limit: 420 s

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t, { type Test } from "tap";

import { busyboxImage } from "../../../scripts/busybox-image.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { containerStatus, FieldNode, FOREVER, listen, sh } from "../../fixtures/fields.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { DebianRegistry } from "../../fixtures/registry.ts";
import { setting } from "../../fixtures/settings.ts";

/** What is not to happen is waited for so long. */
const QUIET_MS = 2_000;

const before = await takePicture(ownProcesses);
const scratch = mkdtempSync(join(tmpdir(), "nodelet-image-pulls-"));
t.teardown(() => rmSync(scratch, { recursive: true, force: true }));
const registry = await DebianRegistry.start(join(scratch, "registry"));
t.teardown(() => registry[Symbol.asyncDispose]());

/** Stands before the registry. Whoever asks for a manifest waits until it is opened for the repository. */
class Door {
  /** Requests for manifests; `at` in milliseconds of the monotonic clock. */
  readonly asked: { readonly repository: string; readonly at: number }[] = [];
  readonly #opened = new Set<string>();
  #wide = false;
  readonly #held = new Map<string, (() => void)[]>();

  answer(request: IncomingMessage, response: ServerResponse): void {
    const repository = /^\/v2\/(.+)\/manifests\//.exec(request.url ?? "")?.[1];
    const pass = (): void => {
      const { method, headers, url } = request;
      const [hostname, port] = registry.address.split(":");
      const onward = forward({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on("error", () => response.destroy());
      request.pipe(onward);
    };
    if (repository === undefined) return pass();
    this.asked.push({ repository, at: performance.now() });
    if (this.#wide || this.#opened.has(repository)) return pass();
    this.#held.set(repository, [...(this.#held.get(repository) ?? []), pass]);
  }

  /** Repositories that are waited for. */
  get held(): readonly string[] {
    return [...this.#held.keys()];
  }

  open(repository: string): void {
    this.#opened.add(repository);
    const passes = this.#held.get(repository) ?? [];
    this.#held.delete(repository);
    for (const pass of passes) pass();
  }

  /** For all, from now on. */
  openWide(): void {
    this.#wide = true;
    for (const repository of this.held) this.open(repository);
  }
}

let door = new Door();
const port = await listen(
  t,
  createServer((request, response) => door.answer(request, response)),
);
let serial = 0;
/** So many images that differ in their names; `REPOSITORY`. */
const publish = async (count: number): Promise<string[]> => {
  const names = Array.from({ length: count }, () => `team/app-${++serial}`);
  for (const name of names) await registry.push(name, "1", { ...busyboxImage(), created: "2026-01-01T00:00:00Z" });
  return names;
};
const image = (repository: string): string => `127.0.0.1:${port}/${repository}:1`;

const file = join(scratch, "kubelet.yaml");
const configure = (fields: object): void =>
  writeFileSync(
    file,
    JSON.stringify({
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      imageGCHighThresholdPercent: 100,
      ...fields,
    }),
  );
configure({});
const node = await FieldNode.create(32, [`--config=${file}`, `--registry-config-path=${join(scratch, "certs.d")}`]);
t.teardown(() => node[Symbol.asyncDispose]());

const restartWith = async (fields: object): Promise<void> => {
  door = new Door();
  configure(fields);
  await node.agent.signal("SIGTERM");
  await node.agent.start();
};
/** Pods of one container each, at once; their names. */
const runAll = (repositories: readonly string[]): Promise<string[]> =>
  Promise.all(repositories.map((repository) => node.run(sh(FOREVER, { image: image(repository) }))));

/** With so many at a time, `repositories` are pulled one after the other as the door opens for them. */
const turns = async (t: Test, repositories: readonly string[], atATime: number): Promise<void> => {
  const pods = await runAll(repositories);
  for (let left = repositories.length; left > 0; left--) {
    const expected = Math.min(atATime, left);
    await eventually(
      `${expected} pulls wait, of ${JSON.stringify(door.asked)}`,
      async () => door.held.length === expected,
    );
    if (left > atATime) {
      await sleep(QUIET_MS);
      t.equal(door.held.length, expected, "the others wait for their turn");
    }
    door.open(door.held[0] ?? "");
  }
  await Promise.all(pods.map((pod) => node.running(pod)));
  await Promise.all(pods.map((pod) => node.remove(pod, 1)));
};

setting(t, "serializeImagePulls", "images are pulled one after the other, or side by side without it", async (t) => {
  await restartWith({});
  await turns(t, await publish(3), 1);
  await restartWith({ serializeImagePulls: false, registryPullQPS: 0 });
  await turns(t, await publish(4), 4);
});

setting(
  t,
  "maxParallelImagePulls",
  "so many images are pulled at a time, the others wait for their turn",
  async (t) => {
    await restartWith({ serializeImagePulls: false, maxParallelImagePulls: 2 });
    await turns(t, await publish(4), 2);
  },
);

setting(
  t,
  ["registryPullQPS", "registryBurst"],
  "so many pulls begin at once and then in a second; those beyond fail and are tried again after their back-off",
  async (t) => {
    await restartWith({ serializeImagePulls: false, registryPullQPS: 1, registryBurst: 2 });
    door.openWide();
    const began = performance.now();
    let pods: string[] = [];
    const refused = async (pod: string): Promise<boolean> => {
      const waiting = containerStatus((await node.pod(pod))!)?.state?.waiting;
      return /pull QPS exceeded/.test(waiting?.message ?? "");
    };
    // On a slow machine few pods may come slowly enough.
    const refusedPod = await eventually("a pull too many", async () => {
      pods = [...pods, ...(await runAll(await publish(5)))];
      await sleep(QUIET_MS);
      for (const pod of pods) if (await refused(pod)) return pod;
      return undefined;
    });
    await node.running(refusedPod);
    const first = new Map<string, number>();
    for (const { repository, at } of door.asked) if (!first.has(repository)) first.set(repository, at);
    t.ok(first.size > 2, `${first.size} were pulled`);
    for (const [index, at] of [...first.values()].toSorted((a, b) => a - b).entries())
      t.ok(index + 1 <= 2 + (at - began) / 1000, `pull ${index + 1} after ${at - began} ms`);
    for (const pod of pods) await node.remove(pod, 1);
  },
);

t.test("an image that is missing is asked for once for all containers of the pod, and again after 10 s", async (t) => {
  await restartWith({});
  door.openWide();
  const missing = { image: image("team/missing") };
  const pod = await node.run(undefined, {
    containers: [sh(FOREVER, missing), sh(FOREVER, { ...missing, name: "other" })],
  });
  const waiting = (message: RegExp, name: string) =>
    node.until(pod, `${name} waits`, (seen) => {
      const state = containerStatus(seen, name)?.state?.waiting;
      return state?.reason === "ImagePullBackOff" && message.test(state.message ?? "");
    });
  const backOff = /^Back-off pulling image ".*team\/missing:1": ErrImagePull: /;
  await waiting(backOff, "other");
  await waiting(backOff, "main");
  // One pull is a HEAD, and a GET after its failure: they follow each other closely.
  const pause = await eventually("another attempt", () =>
    door.asked.map(({ at }, index) => at - (door.asked[index - 1]?.at ?? at)).find((time) => time > 5_000),
  );
  t.ok(pause >= 9_000, `not before its time: ${pause} ms`);
  const told = await node.told(pod);
  t.ok(told.includes(`BackOff: Back-off pulling image "${missing.image}"`), told.join("\n"));
  t.ok(told.includes("Failed: Error: ImagePullBackOff"));
});

t.test("nothing is left", async (t) => {
  await node[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  t.strictSame(await settledDifference(before, ownProcesses), []);
});
