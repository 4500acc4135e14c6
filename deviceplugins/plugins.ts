// The resources that device plugins have told of: whose they are, their devices, and what became of the plugin.
//
//              register                 first list               the list ends
//   (unknown) ─────────► connected ───────────────► devices ────────────────────► away ──── 5 min ────► gone
//                            ▲                                                     │
//   before the restart ──────┴──────────────────── register ◄─────────────────────┘
//
// A plugin is known by its connection: one that was followed by another of the same resource changes nothing when it ends.

import type { Clock } from "../agent/base/clock.ts";
import { describeError, NodeletError } from "../agent/base/errors.ts";
import { withTimeout } from "../agent/base/limits.ts";
import type { Logger } from "../agent/base/log.ts";
import type { PluginConnection } from "./connection.ts";
import type { Device, DevicePlugin, DevicePluginOptions, RegisterRequest } from "./deviceplugin.gen.ts";
import { isExtendedResource } from "./resource-names.ts";

export const VERSION = "v1beta1";
const HEALTHY = "Healthy";

/** The devices of a plugin that is away are counted for this long. */
const GRACE_MS = 5 * 60_000;
const OPTIONS_LIMIT_MS = 10_000;

export interface Amounts {
  readonly capacity: number;
  readonly allocatable: number;
}

/** Of core/v1 ResourceHealth. */
export type Health = "Healthy" | "Unhealthy" | "Unknown";

interface Resource {
  /** As the plugin told last, by id. */
  devices: ReadonlyMap<string, Device>;
  /** Undefined: it is away. */
  connection: PluginConnection | undefined;
  options: DevicePluginOptions;
  /** It told its devices since the agent started, or failed to. */
  told: boolean;
  /** Ends the time that an absent plugin has. */
  grace: AbortController;
}

export interface PluginsOptions {
  readonly connect: (endpoint: string) => Promise<PluginConnection>;
  readonly clock: Clock;
  readonly log: Logger;
  /** What there is of a resource changed. */
  readonly onChange: (resource: string) => void;
}

export class Plugins implements AsyncDisposable {
  readonly #options: PluginsOptions;
  readonly #resources = new Map<string, Resource>();
  /** Resources that went with their plugin: the node goes on to say that it has none. */
  readonly #gone = new Set<string>();
  readonly #stop = new AbortController();
  readonly #tasks = new Set<Promise<void>>();

  constructor(options: PluginsOptions) {
    this.#options = options;
  }

  /** Resources of plugins that were there before the agent was started anew: they have the grace time to come back. */
  expect(names: Iterable<string>): void {
    for (const name of names) {
      if (this.#resources.has(name)) continue;
      const resource = newResource();
      this.#resources.set(name, resource);
      this.#wait(name, resource);
    }
  }

  /** Takes a plugin on. Throws what the plugin is to be told when it cannot be used. */
  async register({ version = "", endpoint = "", resourceName: name = "" }: RegisterRequest): Promise<void> {
    if (version !== VERSION) {
      const message = `requested API version ${JSON.stringify(version)} is not supported by kubelet. Supported version is ["${VERSION}"]`;
      throw new NodeletError("invalid", message);
    }
    if (!isExtendedResource(name))
      throw new NodeletError("invalid", `the ResourceName ${JSON.stringify(name)} is invalid`);
    this.#stop.signal.throwIfAborted();
    const connection = await this.#options.connect(endpoint);
    let options: DevicePluginOptions;
    try {
      options = await limited(OPTIONS_LIMIT_MS, "GetDevicePluginOptions", this.#stop.signal, (signal) =>
        connection.plugin.getDevicePluginOptions({}, { signal }),
      );
      this.#stop.signal.throwIfAborted();
    } catch (error) {
      connection[Symbol.dispose]();
      throw new NodeletError("unavailable", "failed to get device plugin options", { cause: error });
    }
    this.#options.log.info({ resource: name, endpoint }, "a device plugin registered");
    const resource = this.#resources.get(name) ?? newResource();
    resource.grace.abort();
    resource.connection?.[Symbol.dispose]();
    resource.connection = connection;
    resource.options = options;
    this.#resources.set(name, resource);
    this.#gone.delete(name);
    this.#run(this.#watch(name, resource, connection));
  }

  /** Until the plugin's list ends, or another plugin of the resource takes its place. */
  async #watch(name: string, resource: Resource, connection: PluginConnection): Promise<void> {
    const { log, onChange } = this.#options;
    let reason = "it ended its list of devices";
    let begun = false;
    try {
      for await (const { devices = [] } of connection.plugin.listAndWatch({}, { signal: this.#stop.signal })) {
        if (resource.connection !== connection) return;
        const told = new Map(devices.map((device) => [device.ID ?? "", device]));
        // Many plugins tell the same again and again.
        const known = begun && healths(told) === healths(resource.devices);
        begun = true;
        resource.devices = told;
        resource.told = true;
        if (known) continue;
        log.debug({ resource: name, devices: devices.length, healthy: this.healthy(name).size }, "devices");
        onChange(name);
      }
    } catch (error) {
      reason = describeError(error);
    } finally {
      connection[Symbol.dispose]();
    }
    if (this.#stop.signal.aborted || resource.connection !== connection) return;
    log.warn({ resource: name, reason }, "a device plugin went away: its devices are no longer handed out");
    resource.connection = undefined;
    resource.told = true;
    this.#wait(name, resource);
    onChange(name);
  }

  /** Forgets the resource unless its plugin comes back in time. */
  #wait(name: string, resource: Resource): void {
    const { clock, log, onChange } = this.#options;
    resource.grace = new AbortController();
    const signal = AbortSignal.any([resource.grace.signal, this.#stop.signal]);
    this.#run(
      clock.sleep(GRACE_MS, { signal }).then(
        () => {
          if (resource.connection !== undefined) return;
          this.#resources.delete(name);
          this.#gone.add(name);
          log.warn({ resource: name }, "a device plugin did not come back");
          onChange(name);
        },
        () => undefined,
      ),
    );
  }

  #run(task: Promise<void>): void {
    const tracked = task.finally(() => this.#tasks.delete(tracked));
    this.#tasks.add(tracked);
  }

  /** A plugin has it, or had it and may come back. */
  has(name: string): boolean {
    return this.#resources.has(name);
  }

  /** Its plugin told nothing yet since the agent started. */
  isAwaited(name: string): boolean {
    return this.#resources.get(name)?.told === false;
  }

  /** Ids that may be handed out. */
  healthy(name: string): ReadonlySet<string> {
    const { connection, devices = new Map<string, Device>() } = this.#resources.get(name) ?? {};
    if (connection === undefined) return new Set();
    return new Set([...devices].flatMap(([id, { health }]) => (health === HEALTHY ? [id] : [])));
  }

  health(name: string, id: string): Health {
    const resource = this.#resources.get(name);
    const device = resource?.devices.get(id);
    if (resource?.connection === undefined || device === undefined) return "Unknown";
    return device.health === HEALTHY ? "Healthy" : "Unhealthy";
  }

  /** NUMA nodes that the device is near to. */
  numaNodes(name: string, id: string): readonly number[] {
    const nodes = this.#resources.get(name)?.devices.get(id)?.topology?.nodes ?? [];
    return nodes.map(({ ID = 0n }) => Number(ID));
  }

  /** For calls; undefined: the plugin is away. */
  plugin(name: string): { readonly plugin: DevicePlugin; readonly options: DevicePluginOptions } | undefined {
    const { connection, options = {} } = this.#resources.get(name) ?? {};
    return connection === undefined ? undefined : { plugin: connection.plugin, options };
  }

  /** Of a plugin that is away too. */
  requiresPreStart(name: string): boolean {
    return this.#resources.get(name)?.options.preStartRequired === true;
  }

  names(): readonly string[] {
    return [...this.#resources.keys()];
  }

  amounts(): ReadonlyMap<string, Amounts> {
    const amounts = new Map<string, Amounts>();
    for (const name of this.#gone) amounts.set(name, { capacity: 0, allocatable: 0 });
    for (const [name, { devices }] of this.#resources)
      amounts.set(name, { capacity: devices.size, allocatable: this.healthy(name).size });
    return amounts;
  }

  /** Lets go of the plugins. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new NodeletError("cancelled", "the agent is stopping"));
    for (const { connection } of this.#resources.values()) connection?.[Symbol.dispose]();
    await Promise.all(this.#tasks);
  }
}

function healths(devices: ReadonlyMap<string, Device>): string {
  return JSON.stringify([...devices].map(([id, { health }]) => JSON.stringify([id, health])).toSorted());
}

function newResource(): Resource {
  return { devices: new Map(), connection: undefined, options: {}, told: false, grace: new AbortController() };
}

/** A call to a plugin that must be answered in time. */
export function limited<T>(
  milliseconds: number,
  what: string,
  signal: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withTimeout({ milliseconds, what: `the device plugin's ${what}`, signal }, call);
}
