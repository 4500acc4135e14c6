// Hands devices of plugins to containers, and keeps who has which.
//
// The semantics, and the words of refusals, are those of kubelet's device manager (kubernetes, pkg/kubelet/cm/devicemanager).

import { lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { V1Container, V1ResourceStatus } from "@kubernetes/client-node";

import type { Clock } from "../agent/base/clock.ts";
import { describeError, NodeletError } from "../agent/base/errors.ts";
import type { Logger } from "../agent/base/log.ts";
import { unlessAborted } from "../agent/base/limits.ts";
import { quantityValue } from "../agent/base/quantity.ts";
import { SerialQueue } from "../agent/base/queue.ts";
import { createGrpcSocket, type GrpcSocket } from "../agent/cri-server/socket.ts";
import type { System } from "../agent/system/system.ts";
import { Allocations, idsOf, NO_NUMA_NODE } from "./allocations.ts";
import type { Allocation, DevicePod } from "./allocations.ts";
import { CHECKPOINT, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";
import type { ContainerDeviceOptions } from "./container-options.ts";
import { limited, Plugins } from "./plugins.ts";
import type { Amounts } from "./plugins.ts";
import { isExtendedResource } from "./resource-names.ts";

/** In the root directory. */
const DIRECTORY = "device-plugins";
const SOCKET = "kubelet.sock";
/** A plugin has two: one to register, one that it may keep. */
const CONNECTIONS_MAX = 128;

/** kubelet's. */
const PRE_START_LIMIT_MS = 30_000;
/** kubelet waits for ever; a plugin that takes longer than this does not answer at all. */
const ALLOCATE_LIMIT_MS = 120_000;

export interface DeviceManagerOptions {
  /** --root-dir. */
  readonly rootDir: string;
  readonly system: System;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface DeviceRequest {
  readonly pod: DevicePod;
  /**
   * Nobody knew what the node has when the pod was put here: it waits for the plugin of a resource that none has told of. Otherwise such a
   * resource is somebody else's affair, as a scheduler's.
   */
  readonly unscheduled: boolean;
}

export interface DeviceListeners {
  /** Uids of the pods that may use devices; undefined: not all are known yet. */
  readonly livePods: () => ReadonlySet<string> | undefined;
  /** What the node has of a resource changed. */
  readonly onChange: (resource: string) => void;
}

export class DeviceManager implements AsyncDisposable {
  readonly #options: DeviceManagerOptions;
  readonly #directory: string;
  readonly #plugins: Plugins;
  readonly #allocations = new Allocations();
  /** By resource: one choice of devices at a time. */
  readonly #choices = new SerialQueue<string>();
  readonly #writes = new SerialQueue<"checkpoint">();
  /** Has not begun: what changes until then goes with it. */
  #nextSave: Promise<void> | undefined;
  /** Healthy devices by resource, as the checkpoint has them. */
  #registered = "";
  /** There was a checkpoint: without one, what the node is said to have of devices is of another life of it. */
  #knownBefore = false;
  #listeners: DeviceListeners = { livePods: () => undefined, onChange: () => undefined };
  readonly #socket: GrpcSocket;

  constructor(options: DeviceManagerOptions) {
    this.#options = options;
    const { clock, log, system } = options;
    this.#directory = join(options.rootDir, DIRECTORY);
    this.#plugins = new Plugins({
      connect: async (endpoint) => {
        const socket = join(this.#directory, endpoint);
        if (!socket.startsWith(`${this.#directory}/`))
          throw new NodeletError("invalid", `the endpoint ${JSON.stringify(endpoint)} leaves the plugins' directory`);
        if (lstatSync(socket, { throwIfNoEntry: false })?.isSocket() === false)
          throw new NodeletError("invalid", `the endpoint ${JSON.stringify(endpoint)} is no socket`);
        const { connectPlugin } = await import("./connection.ts");
        return await connectPlugin(socket);
      },
      clock,
      log,
      onChange: (resource) => this.#changed(resource),
    });
    this.#socket = createGrpcSocket({
      load: async () => {
        const { createRegistration } = await import("./registration.ts");
        return createRegistration({ register: async (request) => (await this.#plugins.register(request), {}) }, log);
      },
      connectionsMax: CONNECTIONS_MAX,
      system,
      log,
    });
  }

  /** Reads what pods had, and takes registrations from now on. Plugins register anew when they see the socket come. */
  async start(listeners: DeviceListeners): Promise<void> {
    const { log } = this.#options;
    this.#listeners = listeners;
    mkdirSync(this.#directory, { recursive: true, mode: 0o750 });
    try {
      const found = await readCheckpoint(this.#checkpoint);
      this.#knownBefore = found !== undefined;
      for (const allocation of found?.allocations ?? []) this.#allocations.put(allocation);
      this.#plugins.expect(found?.registered.keys() ?? []);
    } catch (error) {
      // As kubelet goes on: pods that run have their devices, and one too many is better than none at all.
      this.#knownBefore = true;
      log.error({ path: this.#checkpoint, error: describeError(error) }, "which pod has which device is not known");
    }
    removeSockets(this.#directory, SOCKET);
    await this.#socket.listen(join(this.#directory, SOCKET), "--root-dir");
  }

  get #checkpoint(): string {
    return join(this.#directory, CHECKPOINT);
  }

  #changed(resource: string): void {
    this.#listeners.onChange(resource);
    if (this.#registeredText() !== this.#registered) this.#saveSoon();
  }

  #saveSoon(): void {
    this.#save().catch((error: unknown) => {
      this.#options.log.error({ path: this.#checkpoint, error: describeError(error) }, "devices could not be recorded");
    });
  }

  #registeredNow(): ReadonlyMap<string, readonly string[]> {
    return new Map(this.#plugins.names().map((name) => [name, [...this.#plugins.healthy(name)]]));
  }

  #registeredText(): string {
    return JSON.stringify([...this.#registeredNow()]);
  }

  #save(): Promise<void> {
    return (this.#nextSave ??= this.#writes.run("checkpoint", async () => {
      this.#nextSave = undefined;
      const text = this.#registeredText();
      const state = { allocations: this.#allocations.all, registered: this.#registeredNow() };
      await writeCheckpoint(this.#checkpoint, state);
      this.#registered = text;
    }));
  }

  /** What the node has of each resource, and what of it is for pods. One whose plugin went for good has none. */
  amounts(): ReadonlyMap<string, Amounts> {
    return this.#plugins.amounts();
  }

  /** Nothing is known of an earlier life of this node. */
  get isNew(): boolean {
    return !this.#knownBefore;
  }

  #isKnown(resource: string): boolean {
    return this.#plugins.has(resource) || this.#allocations.has(resource);
  }

  /**
   * Gives the containers of the pod their devices, where they have none yet. Resolves with why it cannot have them; rejects while a plugin
   * is awaited that may have them.
   */
  async admit(request: DeviceRequest, signal: AbortSignal): Promise<string | undefined> {
    try {
      for (const container of containersInOrder(request.pod)) await this.#allocateContainer(request, container, signal);
      return undefined;
    } catch (error) {
      if (signal.aborted || error instanceof PluginAwaited) throw error;
      return describeError(error);
    }
  }

  /** Nothing of the pod is left. */
  release(podUid: string): void {
    if (!this.#allocations.remove(podUid)) return;
    this.#saveSoon();
  }

  /** What of the container's resources is to come from plugins, and how many of each. */
  #wanted(container: V1Container, unscheduled: boolean): readonly (readonly [string, number])[] {
    const all = wanted(container);
    const unknown = all.find(([resource]) => !this.#isKnown(resource));
    if (unscheduled && unknown !== undefined) throw new PluginAwaited(unknown[0]);
    return all.filter(([resource]) => this.#isKnown(resource));
  }

  async #allocateContainer(
    { pod, unscheduled }: DeviceRequest,
    container: V1Container,
    signal: AbortSignal,
  ): Promise<void> {
    for (const [resource, count] of this.#wanted(container, unscheduled)) {
      const allocated = this.#choices.run(resource, async () => {
        signal.throwIfAborted();
        await this.#allocateResource(pod, container.name, resource, count, signal);
      });
      // A pod that ends does not wait until those before it have theirs.
      await unlessAborted(allocated, signal);
    }
  }

  async #allocateResource(
    pod: DevicePod,
    container: string,
    resource: string,
    count: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { uid = "" } = pod.metadata;
    const held = this.#allocations.get(uid, container, resource);
    if (held !== undefined) {
      const had = idsOf(held).size;
      if (had === count) return;
      const what = `pod ${JSON.stringify(uid)} container ${JSON.stringify(container)}`;
      throw refusal(`${what} changed request for resource ${JSON.stringify(resource)} from ${had} to ${count}`);
    }
    if (!this.#plugins.has(resource)) throw refusal(`cannot allocate unregistered device ${resource}`);
    if (this.#plugins.isAwaited(resource)) throw new PluginAwaited(resource);
    const live = this.#listeners.livePods();
    if (live !== undefined) this.#allocations.retain(new Set([...live, uid]));
    const healthy = this.#plugins.healthy(resource);
    if (healthy.size === 0) throw refusal(`no healthy devices present; cannot allocate unhealthy devices ${resource}`);
    const ids = await this.#choose(pod, resource, count, healthy, signal);
    const { plugin } = this.#reach(resource);
    const { containerResponses = [] } = await limited(ALLOCATE_LIMIT_MS, "Allocate", signal, (limit) =>
      plugin.allocate({ containerRequests: [{ devicesIds: [...ids] }] }, { signal: limit }),
    );
    const [response] = containerResponses;
    if (response === undefined) throw refusal("no containers return in allocation response");
    const { encodeResponse } = await import("./connection.ts");
    const devices = this.#byNumaNode(resource, ids);
    signal.throwIfAborted();
    this.#allocations.put({ podUid: uid, container, resource, devices, response: encodeResponse(response) });
    await this.#save();
  }

  /** First what init containers had, then what the plugin prefers, then the rest. */
  async #choose(
    pod: DevicePod,
    resource: string,
    count: number,
    healthy: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<ReadonlySet<string>> {
    const chosen = new Set([...this.#allocations.reusable(pod, resource)].slice(0, count));
    if (chosen.size === count) return chosen;
    const used = this.#allocations.used(resource);
    const available = [...healthy].filter((id) => !used.has(id));
    if (available.length < count - chosen.size) {
      const amounts = `Requested: ${count - chosen.size}, Available: ${available.length}`;
      throw refusal(`requested number of devices unavailable for ${resource}. ${amounts}`);
    }
    const preferred = await this.#preferred(resource, count, available, [...chosen], signal);
    const free = new Set(available);
    for (const id of [...preferred.filter((item) => free.has(item)), ...available]) {
      if (chosen.size === count) break;
      chosen.add(id);
    }
    return chosen;
  }

  async #preferred(
    resource: string,
    count: number,
    available: readonly string[],
    chosen: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const { plugin, options } = this.#reach(resource);
    if (options.getPreferredAllocationAvailable !== true) return [];
    const request = {
      availableDeviceIDs: [...available, ...chosen],
      mustIncludeDeviceIDs: [...chosen],
      allocationSize: count,
    };
    try {
      const { containerResponses = [] } = await limited(ALLOCATE_LIMIT_MS, "GetPreferredAllocation", signal, (limit) =>
        plugin.getPreferredAllocation({ containerRequests: [request] }, { signal: limit }),
      );
      return containerResponses[0]?.deviceIDs ?? [];
    } catch (error) {
      if (signal.aborted) throw error;
      throw refusal(`device plugin GetPreferredAllocation rpc failed with err: ${describeError(error)}`);
    }
  }

  #reach(resource: string): NonNullable<ReturnType<Plugins["plugin"]>> {
    const found = this.#plugins.plugin(resource);
    if (found === undefined) throw refusal(`endpoint of ${resource} has been stopped`);
    return found;
  }

  #byNumaNode(resource: string, ids: ReadonlySet<string>): ReadonlyMap<number, readonly string[]> {
    const found = new Map<number, string[]>();
    for (const id of ids) {
      const nodes = this.#plugins.numaNodes(resource, id);
      for (const node of nodes.length === 0 ? [NO_NUMA_NODE] : nodes) found.set(node, [...(found.get(node) ?? []), id]);
    }
    return found;
  }

  /**
   * What a container that is to be started gets for its devices; undefined: it has none. What it has not been given yet, as the plugin
   * came after it, it is given now.
   */
  async prepare(
    request: DeviceRequest,
    container: V1Container,
    signal: AbortSignal,
  ): Promise<ContainerDeviceOptions | undefined> {
    const { uid = "" } = request.pod.metadata;
    const resources = this.#wanted(container, request.unscheduled);
    if (resources.length === 0) return undefined;
    for (const [resource] of resources) {
      if (!this.#plugins.has(resource))
        throw refusal(`endpoint not found in cache for a registered resource: ${resource}`);
      if (this.#plugins.isAwaited(resource)) throw new PluginAwaited(resource);
    }
    await this.#allocateContainer(request, container, signal);
    for (const [resource] of resources) await this.#preStart(uid, container.name, resource, signal);
    const { containerOptions } = await import("./container-options.ts");
    return containerOptions(this.#allocations.ofContainer(uid, container.name).map(({ response }) => response));
  }

  async #preStart(uid: string, container: string, resource: string, signal: AbortSignal): Promise<void> {
    const held = this.#allocations.get(uid, container, resource);
    if (held === undefined || !this.#plugins.requiresPreStart(resource)) return;
    try {
      const { plugin } = this.#reach(resource);
      await limited(PRE_START_LIMIT_MS, "PreStartContainer", signal, (limit) =>
        plugin.preStartContainer({ devicesIds: [...idsOf(held)] }, { signal: limit }),
      );
    } catch (error) {
      if (signal.aborted) throw error;
      throw refusal(`device plugin PreStartContainer rpc failed with err: ${describeError(error)}`);
    }
  }

  /** Of core/v1 ContainerStatus: the devices of the container and how they are. */
  health(podUid: string, container: string): V1ResourceStatus[] {
    return this.#allocations.ofContainer(podUid, container).map((allocation) => ({
      name: allocation.resource,
      resources: [...idsOf(allocation)].toSorted().map((resourceID) => ({
        resourceID,
        health: this.#plugins.health(allocation.resource, resourceID),
      })),
    }));
  }

  /** What the container of a pod has. */
  ofContainer(podUid: string, container: string): readonly Allocation[] {
    return this.#allocations.ofContainer(podUid, container);
  }

  /** Healthy devices by resource, each with its NUMA nodes. */
  allocatable(): ReadonlyMap<string, ReadonlyMap<string, readonly number[]>> {
    return new Map(
      this.#plugins
        .names()
        .map((name) => [
          name,
          new Map([...this.#plugins.healthy(name)].map((id) => [id, this.#plugins.numaNodes(name, id)])),
        ]),
    );
  }

  /** Lets go of the plugins; containers keep their devices. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket.close();
    await this.#plugins[Symbol.asyncDispose]();
    await this.#writes.idle();
  }
}

/** Whether a container of the pod has devices of the resource, or is to have. */
export function wantsDevices(pod: DevicePod, resource: string): boolean {
  return containersInOrder(pod).some((container) => wanted(container).some(([name]) => name === resource));
}

/** Init containers first, as they run. */
function containersInOrder({ spec }: DevicePod): readonly V1Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** Extended resources and how many of each. */
function wanted({ resources }: V1Container): readonly (readonly [string, number])[] {
  return Object.entries(resources?.limits ?? {})
    .map(([name, quantity]): [string, number] => [name, Number(quantityValue(quantity) ?? 0n)])
    .filter(([name, count]) => isExtendedResource(name) && count > 0);
}

function refusal(message: string): NodeletError {
  return new NodeletError("exhausted", message);
}

class PluginAwaited extends NodeletError {
  constructor(resource: string) {
    super("unavailable", `the device plugin of ${resource} has not told its devices since the agent was started`, {
      fix: "Look whether it runs: it registers by itself then",
    });
  }
}

/**
 * What plugins left: they notice by it that they have to register anew. Our own is judged when it is made, as somebody may answer there; a
 * file or link that a plugin put in its place goes.
 */
function removeSockets(directory: string, own: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined || found.isDirectory()) continue;
    if (found.isSocket() !== (name === own)) rmSync(path, { force: true });
  }
}
