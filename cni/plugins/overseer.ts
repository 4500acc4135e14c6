// Knows at any time which network the configuration names and whether its plugins can connect pods: asked in the background, so that
// nobody who wants to know has to wait for a plugin.
import { setTimeout as sleep } from "node:timers/promises";
import { describeError, NodeletError } from "../../agent/base/errors.ts";
import type { Logger } from "../../agent/base/log.ts";
import type { Chains } from "./chain.ts";
import type { ConfigDirectory, Configuration, LoadedNetwork } from "./config-directory.ts";
import { withVersion } from "./config.ts";

export interface OverseerOptions {
  readonly directory: ConfigDirectory;
  readonly chains: Chains;
  readonly log: Logger;
  /** @default 10 000, as often as kubelet looks at its runtime */
  readonly intervalMs?: number | undefined;
  /** There may be no configuration: another network is used then. */
  readonly optional?: boolean | undefined;
  /** After each look that found the network able to connect pods. */
  readonly onReady: () => Promise<void>;
}

export interface NetworkState {
  readonly configuration: Configuration["kind"];
  /** In the version that its plugins speak. Undefined while there is no good configuration. */
  readonly network: LoadedNetwork | undefined;
  /** Why it cannot connect pods. */
  readonly problem: Error | undefined;
}

const INTERVAL_MS = 10_000;
/** While something is wrong it is looked at more often. */
const TROUBLED_MS = 2_000;
/** A file is often written in several steps, and directories are filled after they are made. */
const SETTLE_MS = 50;

export class Overseer {
  readonly #options: OverseerOptions;
  readonly #stop = new AbortController();
  #state: NetworkState = { configuration: "none", network: undefined, problem: undefined };
  /** As the files say it. */
  #seen: LoadedNetwork | undefined;
  /** The same in the version that its plugins speak, once they have said so. */
  #agreed: LoadedNetwork | undefined;
  #wake: () => void = () => undefined;
  #loop: Promise<void> = Promise.resolve();
  #looking: Promise<void> | undefined;
  #told = "";

  constructor(options: OverseerOptions) {
    this.#options = options;
  }

  get state(): NetworkState {
    return this.#state;
  }

  /** Reads the configuration; the plugins are asked behind that. */
  async start(): Promise<void> {
    await this.refresh();
    this.#loop = this.#run();
    this.#options.directory.watch(() => this.#wake());
  }

  async close(): Promise<void> {
    this.#options.directory.close();
    this.#stop.abort();
    this.#wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      await this.look();
      const { problem, configuration } = this.#state;
      const calm = problem === undefined || (configuration === "none" && this.#options.optional === true);
      const interval = this.#options.intervalMs ?? INTERVAL_MS;
      const rest = new AbortController();
      await Promise.race([
        woken,
        sleep(calm ? interval : Math.min(interval, TROUBLED_MS), undefined, { signal: rest.signal, ref: false }).catch(
          () => undefined,
        ),
      ]);
      rest.abort();
      if (!signal.aborted) await sleep(SETTLE_MS, undefined, { ref: false });
    }
  }

  /** Reads the files, without asking the plugins of a configuration that was there before. */
  async refresh(): Promise<void> {
    const { directory, optional } = this.#options;
    const configuration = await directory.read();
    const seen = configuration.kind === "good" ? configuration.network : undefined;
    if (seen !== undefined && seen === this.#seen) return;
    this.#seen = seen;
    this.#agreed = undefined;
    if (configuration.kind === "good") {
      const where = configuration.network.file;
      const problem = new NodeletError("unavailable", "The network's plugins have not answered yet", { where });
      this.#set({ configuration: "good", network: seen, problem }, { tell: false }); // soon it is known
    } else if (configuration.kind === "broken") {
      this.#set({ configuration: "broken", network: undefined, problem: configuration.error });
    } else {
      const problem = new NodeletError("unavailable", "There is no CNI configuration", {
        where: directory.path,
        fix: "Install a network plugin, which puts a .conflist there; or start with --network=builtin",
      });
      // Where there may be none it is no news, until there was one.
      const tell = optional !== true || this.#told !== "";
      this.#set({ configuration: "none", network: undefined, problem }, { tell });
    }
  }

  /** Reads the files and asks the plugins. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #look(): Promise<void> {
    await this.refresh();
    const seen = this.#seen;
    if (seen === undefined) return;
    let problem: Error | undefined;
    let network = seen;
    try {
      network = await this.#agree(seen);
      await this.#options.chains.status(network);
    } catch (error) {
      problem = error instanceof Error ? error : new Error(String(error));
    }
    if (this.#seen !== seen) return; // changed meanwhile: the next look tells
    this.#set({ configuration: "good", network, problem });
    if (problem !== undefined) return;
    try {
      await this.#options.onReady();
    } catch (error) {
      this.#options.log.warn({ error }, "The network could not be cleaned up");
    }
  }

  /** The newest of the configuration's versions that all its plugins speak. */
  async #agree(network: LoadedNetwork): Promise<LoadedNetwork> {
    if (this.#agreed !== undefined && this.#seen === network) return this.#agreed;
    const { chains } = this.#options;
    const { plugins, versions } = network.config;
    const spoken = await Promise.all(plugins.map((plugin) => chains.versions(network, plugin)));
    const version = versions.find((candidate) => spoken.every((own) => own.includes(candidate || "0.1.0")));
    if (version === undefined) {
      const told = plugins.map(({ type }, index) => `${type} speaks ${spoken[index]?.join(", ") || "none"}`).join("; ");
      throw new NodeletError(
        "unsupported",
        `The network's plugins do not speak the CNI version of its configuration, ${versions.join(" or ")}: ${told}`,
        {
          where: network.file,
          fix: "Install newer plugins, or write an earlier cniVersion",
        },
      );
    }
    const agreed = { ...network, config: withVersion(network.config, version) };
    if (this.#seen === network) this.#agreed = agreed;
    return agreed;
  }

  /** The network to connect a pod to, by what the files say at this moment. Throws why there is none. */
  async network(): Promise<LoadedNetwork> {
    await this.refresh();
    const seen = this.#seen;
    if (seen === undefined)
      throw this.#state.problem ?? new NodeletError("unavailable", "There is no CNI configuration");
    // With one version there is nothing to agree upon: a plugin that does not speak it refuses it.
    return seen.config.versions.length === 1 ? seen : await this.#agree(seen);
  }

  #set(state: NetworkState, options: { tell: boolean } = { tell: true }): void {
    this.#state = state;
    if (!options.tell) return;
    const told = state.problem === undefined ? "ready" : describeError(state.problem);
    if (told === this.#told) return;
    this.#told = told;
    const name = state.network?.config.name;
    if (state.problem === undefined) {
      if (name !== undefined)
        this.#options.log.info({ network: name, file: state.network?.file }, "The CNI network is ready");
    } else this.#options.log.warn({ network: name, error: state.problem }, "The CNI network is not ready");
  }
}
