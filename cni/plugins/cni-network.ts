// The pod network that CNI plugins make.
//
// What a container holds is written down before the first plugin runs and forgotten when the last has undone its part (cache.ts). An
// operation that was begun is finished, whoever waits for it. For one container there is one operation at a time, and none
// while plugins collect garbage.
import { statfs } from "node:fs/promises";
import { describeError, isErrno, NodeletError } from "../../agent/base/errors.ts";
import { Semaphore, unlessAborted, withTimeout } from "../../agent/base/limits.ts";
import { silentLogger, type Logger } from "../../agent/base/log.ts";
import { SerialQueue } from "../../agent/base/queue.ts";
import { checkSandboxId } from "../names.ts";
import type { NetworkAttachment, NetworkDescription, NetworkResult, PodNetwork } from "../network.ts";
import { ResultCache, type CacheEntry } from "./cache.ts";
import { Chains, type ChainOptions } from "./chain.ts";
import { ConfigDirectory, type LoadedNetwork } from "./config-directory.ts";
import { parseNetworkList, withVersion } from "./config.ts";
import { PLUGIN_CODE, PluginError } from "./execute.ts";
import { Overseer } from "./overseer.ts";
import { attachmentOf } from "./request.ts";
import { readResult, writeResult } from "./result.ts";
import { SharedLock } from "./shared-lock.ts";
import { podNetworkResult } from "./summary.ts";
import { endStragglers } from "./stragglers.ts";

export interface CniNetworkOptions extends ChainOptions {
  readonly confDir: string;
  /** Results are kept in its `results`. */
  readonly cacheDir: string;
  /** Tells the daemons of a host apart, the same after a reboot. */
  readonly owner: string;
  /** The same until the next reboot. */
  readonly bootId: string;
  readonly logger?: Logger | undefined;
  /** There may be no configuration: then another network is used. */
  readonly optional?: boolean | undefined;
  /** How often STATUS is asked, and the configuration looked at besides being watched. @default 10 000 */
  readonly intervalMs?: number | undefined;
}

/** How many sandboxes that are gone are released at a time at start. */
const RELEASES_AT_ONCE = 4;
/** How long the start of the daemon waits for that; the rest goes on behind it. */
const RESTORE_MS = 10_000;

const OBJECTIONS_TOLD = 3;

/** Less than systemd waits for a service to stop. */
const CLOSE_MS = 30_000;

/** linux/magic.h: what a network namespace is a file of. */
const NSFS_MAGIC = 0x6e736673;

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

interface Attaching {
  readonly netns: string;
  readonly result: Promise<NetworkResult>;
  /** Callers that still want it. */
  waiting: number;
}

/** Reads the records; `start` follows the configuration. Without it what earlier daemons attached can be detached. */
export async function openCniNetwork(options: CniNetworkOptions): Promise<CniNetwork> {
  return new CniNetwork(options, await ResultCache.open(options.cacheDir, options.owner));
}

export class CniNetwork implements PodNetwork {
  readonly #options: CniNetworkOptions;
  readonly #log: Logger;
  readonly #cache: ResultCache;
  readonly #chains: Chains;
  readonly #overseer: Overseer;
  readonly #queue = new SerialQueue<string>();
  readonly #lock = new SharedLock();
  readonly #attaching = new Map<string, Attaching>();
  /** Containers that a plugin which is not installed has still to let go of. */
  readonly #owed = new Set<string>();
  /** Set by `restore`: the plugins have not been asked yet to collect garbage. */
  #garbageDue = false;
  #started = false;
  #checking: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: CniNetworkOptions, cache: ResultCache) {
    this.#options = options;
    this.#log = options.logger ?? silentLogger;
    this.#cache = cache;
    this.#chains = new Chains(options);
    this.#overseer = new Overseer({
      directory: new ConfigDirectory(options.confDir),
      chains: this.#chains,
      log: this.#log,
      intervalMs: options.intervalMs,
      optional: options.optional,
      onReady: () => this.#onReady(),
    });
  }

  /** Follows the configuration; the first answer of the plugins is not waited for. */
  async start(): Promise<void> {
    this.#started = true;
    await this.#overseer.start();
  }

  get name(): string {
    const { network } = this.#overseer.state;
    return network === undefined ? "cni" : network.config.name;
  }

  /** Whether there is a configuration, good or not. */
  get configured(): boolean {
    return this.#overseer.state.configuration !== "none";
  }

  /** Whether the sandbox has, or is being given, anything of it. */
  holds(sandboxId: string): boolean {
    return this.#cache.get(sandboxId) !== undefined || this.#attaching.has(sandboxId);
  }

  describe(): NetworkDescription {
    const { network } = this.#overseer.state;
    if (network === undefined) return { name: this.name };
    return {
      name: network.config.name,
      file: network.file,
      cniVersion: network.config.versions[0],
      plugins: network.config.plugins.map(({ type }) => type),
    };
  }

  readiness(): { readonly ready: boolean; readonly reason: string; readonly message: string } {
    const { problem } = this.#overseer.state;
    if (problem === undefined) return { ready: true, reason: "", message: "" };
    return { ready: false, reason: "NetworkPluginNotReady", message: describeError(problem) };
  }

  async attach(request: NetworkAttachment, options: CallOptions = {}): Promise<NetworkResult> {
    options.signal?.throwIfAborted();
    checkSandboxId(request.sandboxId);
    const joined = this.#attaching.get(request.sandboxId);
    const attaching = joined?.netns === request.netns ? joined : this.#begin(request);
    attaching.waiting++;
    try {
      return await unlessAborted(attaching.result, options.signal);
    } finally {
      attaching.waiting--;
    }
  }

  #begin(request: NetworkAttachment): Attaching {
    const { sandboxId, netns } = request;
    const attaching: Attaching = {
      netns,
      waiting: 0,
      result: this.#run(sandboxId, async () => {
        const result = await this.#attach(request);
        if (attaching.waiting > 0) return result;
        const pod = podOf(request);
        this.#log.info({ pod, sandbox: sandboxId }, "Nobody waits for the pod's network any more: it is undone");
        await this.#release(sandboxId);
        throw new NodeletError("cancelled", `Nobody waits for the network of pod ${pod} any more`);
      }).finally(() => {
        if (this.#attaching.get(sandboxId) === attaching) this.#attaching.delete(sandboxId);
      }),
    };
    attaching.result.catch((error: unknown) => {
      if (attaching.waiting === 0)
        this.#log.warn({ sandbox: sandboxId, error }, "A pod's network that nobody waits for any more failed");
    });
    this.#attaching.set(sandboxId, attaching);
    return attaching;
  }

  async detach(sandboxId: string, options: CallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    await unlessAborted(
      this.#run(sandboxId, () => this.#release(sandboxId)),
      options.signal,
    );
  }

  /** Asks the plugins whether the container is still connected as they left it. Throws what the first one objects to. */
  async check(sandboxId: string): Promise<void> {
    await this.#run(sandboxId, async () => {
      const entry = this.#cache.get(sandboxId);
      if (entry?.result === undefined)
        throw new NodeletError("not-found", `Sandbox ${sandboxId} is not connected to a CNI network`);
      await this.#chains.check(networkOf(entry), entry.attachment, entry.result);
    });
  }

  async restore(liveSandboxIds: ReadonlySet<string>): Promise<void> {
    const dead = this.#cache
      .all()
      .filter(
        ({ attachment, bootId }) => bootId !== this.#options.bootId || !liveSandboxIds.has(attachment.containerId),
      );
    const work = this.#collect(dead);
    try {
      await withTimeout({ milliseconds: RESTORE_MS, what: "releasing the networks of earlier pods" }, () => work);
    } catch (error) {
      this.#log.warn({ error }, "Networks of earlier pods are still being released");
    }
  }

  async #collect(dead: readonly CacheEntry[]): Promise<void> {
    const killed = await endStragglers(new Set(this.#cache.all().map(({ attachment }) => attachment.containerId)));
    if (killed.length > 0)
      this.#log.warn({ pids: killed }, "CNI plugins of an earlier nodelet were still running; killed");
    const releases = new Semaphore(RELEASES_AT_ONCE);
    await Promise.all(
      dead.map(({ attachment: { containerId }, pod }) =>
        releases.run(async () => {
          try {
            await this.#run(containerId, () => this.#release(containerId));
          } catch (error) {
            this.#log.warn(
              { sandbox: containerId, pod, error },
              "What a pod that is gone holds of the network is not released yet",
            );
          }
        }),
      ),
    );
    this.#garbageDue = true;
    if (this.#started) await this.#overseer.look();
    this.#checking = this.#checkAll();
  }

  /** After a restart: what was changed meanwhile is at least told. One at a time, as nobody waits for it. */
  async #checkAll(): Promise<void> {
    const objections: string[] = [];
    for (const { attachment, pod, result } of this.#cache.all()) {
      if (this.#closed || result === undefined) continue;
      try {
        await this.check(attachment.containerId);
      } catch (error) {
        // Those that were released meanwhile are none.
        if (this.#cache.get(attachment.containerId) !== undefined) objections.push(`${pod}: ${describeError(error)}`);
      }
    }
    if (objections.length === 0) return;
    // In one line: some plugins object to what they have made themselves.
    const first = objections.slice(0, OBJECTIONS_TOLD);
    this.#log.warn(
      { pods: objections.length, first },
      "Pods are not connected any more as their CNI plugins left them, say these",
    );
  }

  async shutdown(): Promise<void> {
    await this.#queue.idle(); // what plugins keep on the host is theirs
  }

  /** Operations that were begun come to their end, if they do so soon; the next daemon sees to what is left. */
  async close(): Promise<void> {
    this.#closed = true;
    try {
      await withTimeout({ milliseconds: CLOSE_MS, what: "ending CNI plugins" }, async () => {
        await this.#overseer.close();
        await this.#checking;
        await this.#queue.idle();
      });
    } catch (error) {
      this.#log.warn({ error }, "CNI plugins are still running");
    }
  }

  #run<T>(sandboxId: string, task: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new NodeletError("unavailable", "The pod network is closed"));
    return this.#queue.run(sandboxId, () => this.#lock.shared(task));
  }

  async #attach(request: NetworkAttachment): Promise<NetworkResult> {
    const { sandboxId } = request;
    const held = this.#cache.get(sandboxId);
    if (held?.result !== undefined && held.attachment.netns === request.netns && held.bootId === this.#options.bootId) {
      return resultOf(held);
    }
    if (held !== undefined) await this.#release(sandboxId);
    const attachment = attachmentOf(request);
    const network = await this.#overseer.network();
    const entry: CacheEntry = {
      network: network.config.name,
      attachment,
      config: network.config.text,
      file: network.file,
      result: undefined,
      bootId: this.#options.bootId,
      pod: podOf(request),
    };
    await this.#cache.put(entry);
    try {
      const times: number[] = [];
      const result = await this.#chains.add(network, attachment, (milliseconds) => times.push(milliseconds));
      const summary = podNetworkResult(network, attachment, result);
      await this.#cache.put({ ...entry, result: writeResult(result) });
      return { ...summary, detail: { ...summary.detail, times } };
    } catch (error) {
      await this.#undo(entry, error);
      throw error;
    }
  }

  async #undo(entry: CacheEntry, cause: unknown): Promise<void> {
    if (cause instanceof PluginError && cause.pluginCode === PLUGIN_CODE.unknownContainer) {
      await this.#cache.remove(entry); // it says that there is nothing to undo
      return;
    }
    try {
      await this.#release(entry.attachment.containerId);
    } catch (error) {
      // The record stays: the next attach, detach or start tries again.
      this.#log.warn({ pod: entry.pod, error }, "The network of a pod that failed could not be undone yet");
    }
  }

  /** By the configuration of its ADD. The record goes last; can be repeated when it fails. */
  async #release(containerId: string): Promise<void> {
    const entry = this.#cache.get(containerId);
    if (entry === undefined) return;
    const { attachment, result } = entry;
    const netns = (await isNetns(attachment.netns)) ? attachment.netns : "";
    try {
      await this.#chains.del(networkOf(entry), { ...attachment, netns }, result);
    } catch (error) {
      if (!(error instanceof PluginError && error.missing)) throw error;
      // The pod must be able to go. What the missing program holds, it lets go of when it is there again.
      this.#owed.add(containerId);
      this.#log.warn(
        { pod: entry.pod, error },
        "A pod is disconnected without one of its plugins, which will be asked when it is there",
      );
      return;
    }
    await this.#cache.remove(entry);
    this.#owed.delete(containerId);
  }

  /** The plugins are there and can connect pods. */
  async #onReady(): Promise<void> {
    for (const containerId of this.#owed) await this.#run(containerId, () => this.#release(containerId));
    const { network } = this.#overseer.state;
    if (!this.#garbageDue || network === undefined) return;
    this.#garbageDue = false;
    await this.#lock.exclusive(async () => {
      const own = this.#cache.all().filter((entry) => entry.network === network.config.name);
      // Another runtime's are no garbage either.
      const foreign = await this.#cache.foreign(network.config.name);
      const valid = [
        ...own.map(({ attachment: { containerId, ifName } }) => ({ containerID: containerId, ifname: ifName })),
        ...foreign.map(({ containerId, ifName }) => ({ containerID: containerId, ifname: ifName })),
      ];
      for (const error of await this.#chains.gc(network, valid)) {
        this.#log.warn({ network: network.config.name, error }, "A CNI plugin could not collect garbage");
      }
    });
  }
}

function podOf({ podNamespace, podName }: NetworkAttachment): string {
  return `${podNamespace}/${podName}`;
}

function networkOf(entry: CacheEntry): LoadedNetwork {
  const config = parseNetworkList(entry.config, entry.file);
  return { config: withVersion(config, config.versions[0]), file: entry.file };
}

function resultOf(entry: CacheEntry): NetworkResult {
  return podNetworkResult(
    networkOf(entry),
    entry.attachment,
    readResult(entry.result, networkOf(entry).config.versions[0]),
  );
}

/** A mount that was undone leaves a plain file, or nothing; plugins would fail at it. */
async function isNetns(path: string): Promise<boolean> {
  if (path === "") return false;
  try {
    return (await statfs(path)).type === NSFS_MAGIC;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return false;
    throw error;
  }
}
