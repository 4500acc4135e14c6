// Callers that give up and ask again, callers that do everything at once, and followers of events.
// time limit: 300 s

import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import t from "tap";

import { ContainerEventType, ContainerState, NamespaceMode, PodSandboxState } from "../../../agent/cri/runtime.ts";
import { findHierarchy } from "../../../agent/system/cgroupfs.ts";
import type { CriClient } from "../../fixtures/cri-client.ts";
import { TestCri } from "../../fixtures/cri-daemon.ts";
import { ownProcesses, settledDifference, takePicture } from "../../fixtures/picture.ts";
import { containerConfig, sandboxConfig } from "../../fixtures/runtime.ts";

const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const FAILED_PRECONDITION = 9;

const before = await takePicture(ownProcesses);
const daemon = new TestCri(2);
await daemon.start();
await daemon.loadBusybox();
t.teardown(async () => {
  await daemon[Symbol.asyncDispose]();
});

async function untilState(client: CriClient, containerId: string | undefined, state: ContainerState): Promise<void> {
  while ((await client.containerStatus({ containerId })).status?.state !== state) await sleep(5);
}

t.test("many ask for the same sandbox and container: there is one", async (t) => {
  using client = daemon.connect();
  const config = sandboxConfig(daemon.logs);
  const runs = await Promise.all(Array.from({ length: 8 }, () => client.runPodSandbox({ config })));
  const podSandboxId = runs[0]?.podSandboxId;
  t.equal(new Set(runs.map((run) => run.podSandboxId)).size, 1);
  const create = { podSandboxId, config: containerConfig(["sleep", "1000"]), sandboxConfig: config };
  const creations = await Promise.all(Array.from({ length: 8 }, () => client.createContainer(create)));
  const containerId = creations[0]?.containerId;
  t.equal(new Set(creations.map((creation) => creation.containerId)).size, 1);
  await client.startContainer({ containerId });
  await t.rejects(client.createContainer(create), { code: ALREADY_EXISTS }, "its name is taken while it runs");
  await client.stopPodSandbox({ podSandboxId });
  await t.rejects(client.runPodSandbox({ config }), { code: ALREADY_EXISTS }, "its name is taken until it is removed");
  await client.removePodSandbox({ podSandboxId });
  const { podSandboxId: next } = await client.runPodSandbox({ config });
  t.not(next, podSandboxId);
  await client.removePodSandbox({ podSandboxId: next });
  t.match((await client.listContainers({})).containers, []);
});

t.test("a caller whose deadline passes finds what it asked for", async (t) => {
  using client = daemon.connect();
  const config = sandboxConfig(daemon.logs);
  await client
    .runPodSandbox({ config }, { deadline: 1 } as object)
    .catch((error: unknown) => t.match(error, { code: 4 }));
  const { podSandboxId } = await client.runPodSandbox({ config });
  t.match(await client.listPodSandbox({}), { items: [{ id: podSandboxId }] });
  t.equal((await client.listPodSandbox({})).items?.length, 1);
  const create = { podSandboxId, config: containerConfig(["sleep", "1000"]), sandboxConfig: config };
  await client
    .createContainer(create, { deadline: 1 } as object)
    .catch((error: unknown) => t.match(error, { code: 4 }));
  const { containerId } = await client.createContainer(create);
  t.same(
    (await client.listContainers({})).containers?.map(({ id }) => id),
    [containerId],
  );
  await client.removePodSandbox({ podSandboxId });
});

t.test("a sandbox that ends takes nothing new, and all that was being made", async (t) => {
  using client = daemon.connect();
  for (let round = 0; round < 5; round++) {
    const config = sandboxConfig(daemon.logs);
    const { podSandboxId } = await client.runPodSandbox({ config });
    const making = Array.from({ length: 6 }, async () => {
      const { containerId } = await client.createContainer({
        podSandboxId,
        config: containerConfig(["sleep", "1000"]),
        sandboxConfig: config,
      });
      await client.startContainer({ containerId });
    });
    await sleep(round * 5);
    const ending = round % 2 === 0 ? client.stopPodSandbox({ podSandboxId }) : Promise.resolve();
    const removing = client.removePodSandbox({ podSandboxId });
    const results = await Promise.allSettled(making);
    for (const result of results) {
      if (result.status === "rejected")
        t.ok(
          [NOT_FOUND, FAILED_PRECONDITION].includes((result.reason as { code: number }).code),
          String(result.reason),
        );
    }
    await Promise.all([ending, removing]);
    t.equal((await client.listPodSandbox({ filter: { id: podSandboxId } })).items?.length, 0);
    t.equal((await client.listContainers({ filter: { podSandboxId } })).containers?.length, 0);
  }
});

t.test("sandboxes of one pod that end together leave no group of the pod", async (t) => {
  using client = daemon.connect();
  const parent = `/nodelet-pod-${process.pid}`;
  const directory = join(findHierarchy()?.root ?? "", parent);
  for (let round = 0; round < 5; round++) {
    const config = sandboxConfig(daemon.logs, { linux: { cgroupParent: parent, resources: { cpuShares: 512n } } });
    const run = async (attempt: number): Promise<string | undefined> => {
      const metadata = { ...config.metadata, attempt };
      return (await client.runPodSandbox({ config: { ...config, metadata } })).podSandboxId;
    };
    const first = await run(0);
    t.ok(existsSync(directory));
    const second = await run(1);
    if (round % 2 === 0) {
      await client.removePodSandbox({ podSandboxId: first });
      t.ok(existsSync(directory), "it is the other's still");
    }
    await Promise.all([first, second].map((podSandboxId) => client.removePodSandbox({ podSandboxId })));
    t.notOk(existsSync(directory));
  }
});

t.test("everything at once on one pod", async (t) => {
  const seed = Number(process.env["NODELET_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  t.comment(`NODELET_SEED=${seed}`);
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
  using client = daemon.connect();
  const config = sandboxConfig(daemon.logs, {
    linux: { securityContext: { namespaceOptions: { pid: NamespaceMode.POD } } },
  });
  const containers = [1, 2, 3].map(() =>
    containerConfig(["sleep", "1000"], {
      linux: { securityContext: { namespaceOptions: { pid: NamespaceMode.POD } } },
    }),
  );
  const sandboxes = new Set<string>();
  const ids = new Set<string>();
  const pick = (from: Set<string>): string => [...from][random(from.size)] ?? "nothing";
  const operations: (() => Promise<unknown>)[] = [
    async () => sandboxes.add((await client.runPodSandbox({ config })).podSandboxId ?? ""),
    async () => {
      const podSandboxId = pick(sandboxes);
      const made = await client.createContainer({ podSandboxId, config: containers[random(3)], sandboxConfig: config });
      ids.add(made.containerId ?? "");
    },
    () => client.startContainer({ containerId: pick(ids) }),
    () => client.startContainer({ containerId: pick(ids) }),
    () => client.stopContainer({ containerId: pick(ids), timeout: BigInt(random(2)) }),
    () => client.removeContainer({ containerId: pick(ids) }),
    () => client.containerStatus({ containerId: pick(ids), verbose: random(2) === 1 }),
    () => client.execSync({ containerId: pick(ids), cmd: ["true"], timeout: 20n }),
    () => client.listContainers({}),
    () => client.stopPodSandbox({ podSandboxId: pick(sandboxes) }),
    () => client.removePodSandbox({ podSandboxId: pick(sandboxes) }),
    () => client.podSandboxStatus({ podSandboxId: pick(sandboxes), verbose: true }),
  ];
  const refusals = new Set<string>();
  const worker = async (): Promise<void> => {
    for (let count = 0; count < 60; count++) {
      try {
        await operations[random(operations.length)]?.();
      } catch (error) {
        const { code, details } = error as { code: number; details: string };
        if (![NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION, 14].includes(code)) refusals.add(`${code} ${details}`);
      }
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6].map(worker));
  t.same([...refusals], [], "whatever was refused was refused for its state");
  for (const { id } of (await client.listPodSandbox({})).items ?? [])
    await client.removePodSandbox({ podSandboxId: id });
  t.equal((await client.listContainers({})).containers?.length, 0);
});

t.test("every follower gets every event, with statuses, slow ones too", async (t) => {
  using client = daemon.connect();
  const followers = [0, 0, 100].map((pauseMs) => {
    const events: string[] = [];
    const leaving = new AbortController();
    const done = (async () => {
      for await (const event of client.getContainerEvents({}, { signal: leaving.signal })) {
        const states = event.containersStatuses?.map(({ state = 0 }) => state).join() ?? "";
        events.push(
          `${event.containerId} ${event.containerEventType ?? 0} ${event.podSandboxStatus?.state ?? 0} ${states}`,
        );
        await sleep(pauseMs);
      }
    })();
    return { events, leaving, done };
  });
  await sleep(100); // the streams have begun: their headers are not shown by this client
  const config = sandboxConfig(daemon.logs);
  const { podSandboxId } = await client.runPodSandbox({ config });
  const create = async (): Promise<string | undefined> =>
    (
      await client.createContainer({
        podSandboxId,
        config: containerConfig(["sh", "-c", "exit 0"]),
        sandboxConfig: config,
      })
    ).containerId;
  const containers: (string | undefined)[] = [];
  for (let count = 0; count < 5; count++) {
    const containerId = await create();
    containers.push(containerId);
    await client.startContainer({ containerId });
    await untilState(client, containerId, ContainerState.CONTAINER_EXITED);
    await client.removeContainer({ containerId });
  }
  await client.stopPodSandbox({ podSandboxId });
  await client.removePodSandbox({ podSandboxId });
  const { CREATED, STARTED, STOPPED, DELETED } = {
    CREATED: ContainerEventType.CONTAINER_CREATED_EVENT,
    STARTED: ContainerEventType.CONTAINER_STARTED_EVENT,
    STOPPED: ContainerEventType.CONTAINER_STOPPED_EVENT,
    DELETED: ContainerEventType.CONTAINER_DELETED_EVENT,
  };
  const [ready, notReady] = [PodSandboxState.SANDBOX_READY, PodSandboxState.SANDBOX_NOTREADY];
  const expected = [
    `${podSandboxId} ${CREATED} ${ready} `,
    `${podSandboxId} ${STARTED} ${ready} `,
    ...containers.flatMap((id) => [
      `${id} ${CREATED} ${ready} ${ContainerState.CONTAINER_CREATED}`,
      `${id} ${STARTED} ${ready} ${ContainerState.CONTAINER_RUNNING}`,
      `${id} ${STOPPED} ${ready} ${ContainerState.CONTAINER_EXITED}`,
      `${id} ${DELETED} ${ready} `,
    ]),
    `${podSandboxId} ${STOPPED} ${notReady} `,
    `${podSandboxId} ${DELETED} ${notReady} `,
  ];
  for (const { events, leaving, done } of followers) {
    while (events.length < expected.length) await sleep(10);
    leaving.abort();
    await done;
    t.same(events, expected);
  }
});

t.test("resources that are changed are shown", async (t) => {
  using client = daemon.connect();
  const config = sandboxConfig(daemon.logs);
  const { podSandboxId } = await client.runPodSandbox({ config });
  const { containerId } = await client.createContainer({
    podSandboxId,
    config: containerConfig(["sleep", "1000"], {
      linux: {
        securityContext: { namespaceOptions: { pid: NamespaceMode.CONTAINER } },
        resources: { cpuShares: 512n, oomScoreAdj: 10n },
      },
    }),
    sandboxConfig: config,
  });
  await client.updateContainerResources({ containerId, linux: { cpuShares: 256n } });
  await client.startContainer({ containerId });
  await client.updateContainerResources({ containerId, linux: { memoryLimitInBytes: 64n * 1024n * 1024n } });
  t.match(await client.containerStatus({ containerId }), {
    status: {
      resources: { linux: { cpuShares: 256n, oomScoreAdj: 10n, memoryLimitInBytes: 64n * 1024n * 1024n } },
    },
  });
  await client.removePodSandbox({ podSandboxId });
});

t.test("nothing is left", async (t) => {
  await daemon[Symbol.asyncDispose]();
  t.same(await settledDifference(before, ownProcesses), []);
});
