// The device manager between plugins on real sockets and pods that the test makes up.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, watch } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { V1Container } from "@kubernetes/client-node";
import t, { type Test } from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { FakeSystem } from "../../../agent/system/fake.ts";
import type { DevicePod } from "../../../deviceplugins/allocations.ts";
import { DeviceManager } from "../../../deviceplugins/device-manager.ts";
import { TestDevicePlugin } from "../../fixtures/device-plugin.ts";
import { eventually } from "../../fixtures/eventually.ts";

const X = "example.com/x";
const Y = "example.com/y";
const GRACE_MS = 5 * 60_000;
const never = new AbortController().signal;

class Node {
  readonly clock = new ManualClock();
  readonly rootDir = mkdtempSync(join(tmpdir(), "ndl-devices-"));
  readonly directory = join(this.rootDir, "device-plugins");
  live: ReadonlySet<string> | undefined = new Set();
  readonly changes: string[] = [];
  manager: DeviceManager;
  readonly #plugins: TestDevicePlugin[] = [];

  private constructor() {
    this.manager = this.#create();
  }

  static async start(t: Test): Promise<Node> {
    const node = new Node();
    t.teardown(async () => {
      await node.manager[Symbol.asyncDispose]();
      for (const plugin of node.#plugins) await plugin[Symbol.asyncDispose]();
      rmSync(node.rootDir, { recursive: true, force: true });
    });
    await node.#begin();
    return node;
  }

  #create(): DeviceManager {
    const fake = new FakeSystem();
    fake.answer("peerCredentials", () => ({ pid: process.pid, uid: process.getuid?.() ?? 0, gid: 0 }));
    return new DeviceManager({ rootDir: this.rootDir, system: fake.system, clock: this.clock, log: silentLogger });
  }

  async #begin(): Promise<void> {
    await this.manager.start({ livePods: () => this.live, onChange: (resource) => void this.changes.push(resource) });
  }

  async stop(): Promise<void> {
    await this.manager[Symbol.asyncDispose]();
  }

  /** The agent starts anew. */
  async restart(): Promise<void> {
    await this.stop();
    this.manager = this.#create();
    await this.#begin();
  }

  /** Serves and is registered. */
  async plugin(...args: readonly [string, readonly string[], ConstructorParameters<typeof TestDevicePlugin>[3]?]) {
    const plugin = new TestDevicePlugin(this.directory, ...args);
    this.#plugins.push(plugin);
    await plugin.serve();
    await plugin.register();
    return plugin;
  }

  amounts(resource: string): readonly [number, number] | undefined {
    const found = this.manager.amounts().get(resource);
    return found === undefined ? undefined : [found.capacity, found.allocatable];
  }

  async until(resource: string, capacity: number, allocatable: number): Promise<void> {
    await eventually(`${resource} ${capacity}/${allocatable}`, () => {
      const [all, healthy] = this.amounts(resource) ?? [];
      return all === capacity && healthy === allocatable;
    });
  }

  admit(pod: DevicePod, unscheduled = false, signal = never): Promise<string | undefined> {
    this.live = new Set([...(this.live ?? []), pod.metadata.uid ?? ""]);
    return this.manager.admit({ pod, unscheduled }, signal);
  }

  /** Ids of its devices. */
  async devices(pod: DevicePod, name = "main"): Promise<readonly string[]> {
    const container = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((item) => item.name === name)!;
    const options = await this.manager.prepare({ pod, unscheduled: false }, container, never);
    return options?.env.get("TEST_DEVICES")?.split(",").toSorted() ?? [];
  }
}

function wanting(name: string, limits: Record<string, string>, more: Partial<V1Container> = {}): V1Container {
  return { name, resources: { limits, requests: limits }, ...more };
}

function pod(uid: string, limits: Record<string, string>, initContainers: readonly V1Container[] = []): DevicePod {
  return {
    metadata: { uid, namespace: "default", name: uid },
    spec: { initContainers, containers: [wanting("main", limits)] },
  };
}

t.test("a plugin registers, and what it has counts by its health", async (t) => {
  const node = await Node.start(t);
  t.equal(statSync(join(node.directory, "kubelet.sock")).mode & 0o777, 0o600);
  t.equal(node.amounts(X), undefined);
  const plugin = await node.plugin(X, ["1", "2", "3"]);
  await node.until(X, 3, 3);
  plugin.tellUnhealthy("2");
  await node.until(X, 3, 2);
  plugin.tellUnhealthy();
  await node.until(X, 3, 3);
  plugin.tell([{ ID: "1", health: "Healthy" }]);
  await node.until(X, 1, 1);
  t.equal(node.changes.length, 4);
  plugin.tellUnhealthy();
  plugin.tellUnhealthy("1");
  await node.until(X, 1, 0);
  t.equal(node.changes.length, 5, "what is told again changes nothing");
  t.ok(node.changes.every((resource) => resource === X));
  t.same(plugin.calls, ["GetDevicePluginOptions", "ListAndWatch"]);
});

t.test("registrations that are refused", async (t) => {
  const node = await Node.start(t);
  const plugin = await node.plugin(X, []);
  await t.rejects(plugin.register({ version: "v1alpha" }), {
    message: /requested API version "v1alpha" is not supported by kubelet. Supported version is \["v1beta1"\]/,
  });
  await t.rejects(plugin.register({ endpoint: "../elsewhere.sock" }), { message: /leaves the plugins' directory/ });
  symlinkSync(plugin.socket, join(node.directory, "link.sock"));
  await t.rejects(plugin.register({ endpoint: "link.sock" }), { message: /"link.sock" is no socket/ });
  await t.rejects(node.plugin("cpu", []), { message: /the ResourceName "cpu" is invalid/ });
  const fail = (call: string): void => {
    if (call === "GetDevicePluginOptions") throw new Error("no options today");
  };
  await t.rejects(node.plugin(Y, ["1"], { fail }), {
    message: /failed to get device plugin options: rpc error: code = Unknown desc = no options today/,
  });
  t.equal(node.amounts(Y), undefined, "it is not used");
});

t.test("a plugin that goes away: nothing of it is handed out, and after the grace it is forgotten", async (t) => {
  const node = await Node.start(t);
  const plugin = await node.plugin(X, ["1", "2"]);
  await node.until(X, 2, 2);
  await plugin[Symbol.asyncDispose]();
  await node.until(X, 2, 0);
  t.equal(
    await node.admit(pod("u", { [X]: "1" })),
    `no healthy devices present; cannot allocate unhealthy devices ${X}`,
  );
  await node.clock.advance(GRACE_MS - 1_000);
  t.same(node.amounts(X), [2, 0]);
  await node.clock.advance(2_000);
  await node.until(X, 0, 0);
  t.equal(await node.admit(pod("v", { [X]: "1" })), undefined, "a resource of nobody's is not ours to judge");
  await t.rejects(
    node.admit(pod("w", { [X]: "1" }), true),
    { code: "unavailable" },
    "a pod of a manifest waits for a plugin",
  );
  await node.plugin(X, ["1"]);
  await node.until(X, 1, 1);
});

t.test("a list that fails at once: the resource is there with nothing", async (t) => {
  const node = await Node.start(t);
  const fail = (call: string): void => {
    if (call === "ListAndWatch") throw new Error("no list today");
  };
  const plugin = await node.plugin(X, ["1"], { fail });
  await eventually("the list was asked for", () => plugin.calls.includes("ListAndWatch"));
  await eventually(
    "it is no longer waited for",
    async () => (await node.admit(pod("u", { [X]: "1" })).catch(() => undefined)) !== undefined,
  );
  t.same(node.amounts(X), [0, 0]);
  t.same(plugin.calls, ["GetDevicePluginOptions", "ListAndWatch"], "it is not asked again");
});

t.test("a plugin that follows another of its resource", async (t) => {
  const node = await Node.start(t);
  const old = await node.plugin(X, ["1", "2"]);
  await node.until(X, 2, 2);
  await node.plugin(X, ["1", "2", "3"], { socket: "new.sock" });
  await node.until(X, 3, 3);
  await eventually("the old one's list is let go of", () => old.lists === 0);
  await old[Symbol.asyncDispose]();
  await sleep(200);
  t.same(node.amounts(X), [3, 3], "the end of the old one is nothing to the new one");
});

t.test("devices are given, and to nobody else while the pod lives", async (t) => {
  const node = await Node.start(t);
  const plugin = await node.plugin(X, ["1", "2", "3"]);
  await node.until(X, 3, 3);
  const first = pod("u1", { [X]: "2", cpu: "1" });
  t.equal(await node.admit(first), undefined);
  const had = await node.devices(first);
  t.equal(had.length, 2);
  t.equal(
    await node.admit(pod("u2", { [X]: "2" })),
    `requested number of devices unavailable for ${X}. Requested: 2, Available: 1`,
  );
  const second = pod("u3", { [X]: "1" });
  t.equal(await node.admit(second), undefined);
  t.same([...had, ...(await node.devices(second))].toSorted(), ["1", "2", "3"]);
  t.equal(await node.admit(first), undefined, "again");
  t.same(await node.devices(first), had);
  t.equal(plugin.calls.filter((call) => call.startsWith("Allocate")).length, 2, "the plugin is asked once for each");
  node.live = new Set(["u3"]);
  t.equal(await node.admit(pod("u4", { [X]: "2" })), undefined, "of a pod that is over they come back");
  node.manager.release("u4");
  t.equal(await node.admit(pod("u5", { [X]: "2" })), undefined);
});

t.test("many pods at once never share a device", async (t) => {
  const node = await Node.start(t);
  await node.plugin(
    X,
    Array.from({ length: 16 }, (_, index) => `d${index}`),
  );
  await node.until(X, 16, 16);
  const pods = Array.from({ length: 20 }, (_, index) => pod(`u${index}`, { [X]: "1" }));
  node.live = new Set(pods.map(({ metadata }) => metadata.uid ?? ""));
  const refused = (await Promise.all(pods.map((one) => node.admit(one)))).filter((why) => why !== undefined);
  t.equal(refused.length, 4);
  t.equal(
    new Set(
      pods
        .flatMap(({ metadata }) => node.manager.ofContainer(metadata.uid ?? "", "main"))
        .flatMap(({ devices }) => [...devices.values()].flat()),
    ).size,
    16,
  );
});

t.test("changes that come faster than the disk takes them are recorded together", async (t) => {
  const node = await Node.start(t);
  const ids = Array.from({ length: 40 }, (_, index) => `d${index}`);
  await node.plugin(X, ids);
  await node.until(X, ids.length, ids.length);
  for (const id of ids) await node.admit(pod(`u-${id}`, { [X]: "1" }));
  const checkpoint = join(node.directory, "kubelet_internal_checkpoint");
  let writes = 0;
  const watcher = watch(node.directory, (_event, name) => {
    if (name === "kubelet_internal_checkpoint") writes++;
  });
  t.teardown(() => watcher.close());
  for (const id of ids) node.manager.release(`u-${id}`);
  await eventually("all are recorded", () => writes > 0 && !readFileSync(checkpoint, "utf8").includes("u-d"));
  await node.stop();
  t.ok(writes < ids.length / 2, `${writes} times for ${ids.length} changes`);
});

t.test("init containers leave their devices to those that follow, sidecars keep theirs", async (t) => {
  const node = await Node.start(t);
  await node.plugin(X, ["1", "2", "3"]);
  await node.until(X, 3, 3);
  const inits = [wanting("init", { [X]: "2" }), wanting("sidecar", { [X]: "1" }, { restartPolicy: "Always" })];
  const one = pod("u", { [X]: "2" }, inits);
  t.equal(await node.admit(one), undefined, "three devices are enough");
  const [init, sidecar, main] = [
    await node.devices(one, "init"),
    await node.devices(one, "sidecar"),
    await node.devices(one),
  ];
  t.ok(init.includes(sidecar[0] ?? ""), "the sidecar has one of the init container's");
  t.notOk(main.includes(sidecar[0] ?? ""), "the others have not the sidecar's");
  t.equal(main.filter((id) => init.includes(id)).length, 1);
});

t.test("the plugin's preference, its hook before a start, and its errors", async (t) => {
  const node = await Node.start(t);
  let failing = "";
  const plugin = await node.plugin(X, ["1", "2", "3", "4"], {
    options: { getPreferredAllocationAvailable: true, preStartRequired: true },
    prefer: ({ availableDeviceIDs = [] }) => ["4", "9", ...availableDeviceIDs].slice(0, 2),
    fail: (call) => {
      if (call === failing) throw new Error(`${call} fails`);
    },
  });
  await node.until(X, 4, 4);
  const one = pod("u", { [X]: "2" });
  t.equal(await node.admit(one), undefined);
  const had = await node.devices(one);
  t.ok(had.includes("4"), "what it prefers, of what there is");
  t.match(plugin.calls.slice(2), [
    "GetPreferredAllocation",
    `Allocate ${had.join(" ")}`,
    `PreStartContainer ${had.join(" ")}`,
  ]);
  failing = "PreStartContainer";
  await t.rejects(node.devices(one), {
    message:
      "device plugin PreStartContainer rpc failed with err: rpc error: code = Unknown desc = PreStartContainer fails",
  });
  failing = "Allocate";
  t.equal(await node.admit(pod("v", { [X]: "1" })), "rpc error: code = Unknown desc = Allocate fails");
  failing = "GetPreferredAllocation";
  t.match(await node.admit(pod("w", { [X]: "1" })), /^device plugin GetPreferredAllocation rpc failed with err: /);
  failing = "";
  t.equal(await node.admit(pod("x", { [X]: "2" })), undefined, "what failed took nothing");
});

t.test("no container starts without the hook before it, also while the plugin is away", async (t) => {
  const node = await Node.start(t);
  const plugin = await node.plugin(X, ["1"], { options: { preStartRequired: true } });
  await node.until(X, 1, 1);
  const one = pod("u", { [X]: "1" });
  t.equal(await node.admit(one), undefined);
  t.same(await node.devices(one), ["1"]);
  plugin.endLists();
  await node.until(X, 1, 0);
  await t.rejects(node.devices(one), {
    message: `device plugin PreStartContainer rpc failed with err: endpoint of ${X} has been stopped`,
  });
});

t.test("a pod that ends does not wait for a plugin that others wait for", async (t) => {
  const node = await Node.start(t);
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const plugin = await node.plugin(X, ["1", "2"], {
    hold: (call) => (call === "Allocate" ? answered : Promise.resolve()),
  });
  await node.until(X, 2, 2);
  const first = node.admit(pod("u", { [X]: "1" }));
  await eventually("the plugin is asked", () => plugin.calls.some((call) => call.startsWith("Allocate")));
  const end = new AbortController();
  const second = node.admit(pod("v", { [X]: "1" }), false, end.signal);
  end.abort(new Error("the pod is ended"));
  await t.rejects(second, { message: "the pod is ended" });
  answer();
  t.equal(await first, undefined);
  t.equal(await node.admit(pod("w", { [X]: "1" })), undefined, "it took nothing");
});

t.test("what a container gets", async (t) => {
  const node = await Node.start(t);
  await node.plugin(X, ["1"], {
    response: () => ({
      envs: { A: "x", B: "x" },
      mounts: [{ containerPath: "/lib/x", hostPath: "/host/x", readOnly: true }],
      devices: [{ containerPath: "/dev/x", hostPath: "/dev/null", permissions: "rw" }],
      annotations: { "example.com/x": "1" },
      cdiDevices: [{ name: "example.com/x=1" }, { name: "example.com/x=1" }],
    }),
  });
  await node.plugin(Y, ["1"], {
    response: () => ({
      envs: { B: "y", C: "y" },
      devices: [{ containerPath: "/dev/x", hostPath: "/dev/zero" }],
    }),
  });
  await node.until(X, 1, 1);
  await node.until(Y, 1, 1);
  const one = pod("u", { [X]: "1", [Y]: "1" });
  t.equal(await node.admit(one), undefined);
  const options = await node.manager.prepare({ pod: one, unscheduled: false }, one.spec.containers[0]!, never);
  t.same(Object.fromEntries(options?.env ?? []), { A: "x", B: "x", C: "y" }, "the first counts");
  t.match(options?.mounts, [{ containerPath: "/lib/x", hostPath: "/host/x", readOnly: true }]);
  t.match(options?.devices, [{ containerPath: "/dev/x", hostPath: "/dev/null", permissions: "rw" }]);
  t.equal(options?.devices.length, 1);
  t.same([...(options?.annotations ?? [])], [["example.com/x", "1"]]);
  t.same(options?.cdiDevices, ["example.com/x=1"]);
  const none = wanting("none", { cpu: "1" });
  t.same(await node.manager.prepare({ pod: one, unscheduled: true }, none, never), undefined);
  t.same(
    node.manager.health("u", "main").map(({ name, resources }) => [name, resources]),
    [X, Y].map((name) => [name, [{ resourceID: "1", health: "Healthy" }]]),
  );
});

t.test("over a restart of the agent pods keep their devices, and wait for the plugin", async (t) => {
  const node = await Node.start(t);
  const plugin = await node.plugin(X, ["1", "2"]);
  await node.until(X, 2, 2);
  const one = pod("u", { [X]: "1" });
  t.equal(await node.admit(one), undefined);
  const had = await node.devices(one);
  node.live = undefined;
  await node.restart();
  t.same(node.amounts(X), [0, 0], "none until the plugin is back");
  t.notOk(existsSync(plugin.socket), "plugins see that they are to register anew");
  t.equal(await node.admit(one), undefined, "it has what it had");
  await t.rejects(node.devices(one), { code: "unavailable" }, "a container of it waits for the plugin");
  const other = pod("v", { [X]: "2" });
  await t.rejects(node.admit(other), { code: "unavailable" }, "so does a pod that has none yet");
  await plugin.serve();
  await plugin.register();
  await node.until(X, 2, 2);
  t.same(await node.devices(one), had);
  t.match(await node.admit(other), /Requested: 2, Available: 1/, "nobody gets what it has");
});

t.test("a plugin that does not come back after a restart is forgotten", async (t) => {
  const node = await Node.start(t);
  const plugin = await node.plugin(X, ["1"]);
  await node.until(X, 1, 1);
  const one = pod("u", { [X]: "1" });
  await node.admit(one);
  await node.restart();
  t.notOk(node.manager.isNew);
  await node.clock.advance(GRACE_MS + 1_000);
  await eventually("it is forgotten", async () => {
    const error = await node.devices(one).catch((reason: unknown) => String(reason));
    return String(error).includes(`endpoint not found in cache for a registered resource: ${X}`);
  });
  t.equal(await node.admit(pod("v", { [X]: "1" })), `cannot allocate unregistered device ${X}`);
  await plugin.serve();
  await plugin.register();
  await node.until(X, 1, 1);
  t.same(await node.devices(one), ["1"]);
});

t.test("the agent's directory as it finds it", async (t) => {
  const node = await Node.start(t);
  t.ok(node.manager.isNew);
  await node.stop();
  t.notOk(existsSync(join(node.directory, "kubelet.sock")));
  const stale = join(node.directory, "stale.sock");
  const directory = join(node.directory, "kept");
  mkdirSync(directory);
  const left = createServer().listen(stale);
  await eventually("a socket is there", () => existsSync(stale));
  await node.restart();
  t.notOk(existsSync(stale), "sockets go");
  t.ok(existsSync(directory), "nothing else does");
  left.close();
  await node.stop();
  symlinkSync(directory, join(node.directory, "kubelet.sock"));
  await node.restart();
  t.ok(statSync(join(node.directory, "kubelet.sock")).isSocket(), "nothing that is no socket keeps ours away");
  const plugin = await node.plugin(X, ["1"]);
  await node.until(X, 1, 1);
  await eventually("it is recorded", () => {
    const path = join(node.directory, "kubelet_internal_checkpoint");
    return existsSync(path) && readFileSync(path, "utf8").includes(`"RegisteredDevices":{"${X}":["1"]}`);
  });
  plugin.endLists();
  await node.until(X, 1, 0);
});
