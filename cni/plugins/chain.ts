// The operations on a network: each runs the plugins of its list, one after the other. SPEC.md, section 3.
import { describeError, NodeletError } from "../../agent/base/errors.ts";
import type { LoadedNetwork } from "./config-directory.ts";
import type { JsonObject, PluginConfig } from "./config.ts";
import { execute, PluginError, problemOf, type Invocation, type SpawningSystem } from "./execute.ts";
import {
  attachmentInput,
  environment,
  gcInput,
  statusInput,
  type Attachment,
  type Command,
  type ValidAttachment,
} from "./invocation.ts";
import { readResult, writeResult, type Result } from "./result.ts";
import { atLeast, isVersion, NEWEST, WITH_CHECK, WITH_STATUS_AND_GC } from "./version.ts";

export interface TimeLimits {
  /** ADD, DEL, CHECK and GC, for each plugin. @default 120 000 */
  readonly operationMs?: number | undefined;
  /** STATUS and VERSION, for each plugin. @default 10 000 */
  readonly questionMs?: number | undefined;
}

/** kubelet waits for two minutes at most for a sandbox. */
const OPERATION_MS = 120_000;
const QUESTION_MS = 10_000;

export interface ChainOptions {
  readonly pluginDirs: readonly string[];
  readonly limits?: TimeLimits | undefined;
  readonly system: SpawningSystem;
}

export class Chains {
  readonly #pluginDirs: readonly string[];
  readonly #limits: TimeLimits;
  readonly #system: SpawningSystem;

  constructor(options: ChainOptions) {
    this.#pluginDirs = options.pluginDirs;
    this.#limits = options.limits ?? {};
    this.#system = options.system;
  }

  #execute(invocation: Invocation): Promise<JsonObject | undefined> {
    return execute(invocation, this.#system);
  }

  #invocation(
    command: Command,
    network: LoadedNetwork,
    plugin: PluginConfig,
    input: JsonObject,
    attachment?: Attachment,
  ): Invocation {
    const question = command === "STATUS" || command === "VERSION";
    return {
      command,
      plugin: plugin.type,
      network: network.config.name,
      file: network.file,
      env: environment(command, attachment, this.#pluginDirs),
      input,
      pluginDirs: this.#pluginDirs,
      timeoutMs: question ? (this.#limits.questionMs ?? QUESTION_MS) : (this.#limits.operationMs ?? OPERATION_MS),
    };
  }

  /** The last plugin's result. Throws a PluginError; what the plugins before it made is the caller's to undo, by `del`. */
  async add(
    network: LoadedNetwork,
    attachment: Attachment,
    ran: (milliseconds: number) => void = () => undefined,
  ): Promise<Result> {
    const identity = identityOf(network);
    let result: Result | undefined;
    for (const plugin of network.config.plugins) {
      const previous = result === undefined ? undefined : writeResult(result);
      const input = attachmentInput(identity, plugin, attachment, previous);
      const invocation = this.#invocation("ADD", network, plugin, input, attachment);
      const began = performance.now();
      const output = await this.#execute(invocation);
      ran(performance.now() - began);
      if (output === undefined) throw new PluginError(invocation, "it ended well without a result");
      try {
        result = readResult(output, identity.version);
      } catch (error) {
        throw problemOf(invocation, error);
      }
    }
    if (result === undefined) throw new NodeletError("invalid", "The network has no plugins", { where: network.file });
    return result;
  }

  /** In reverse order, with the result of ADD if there was one. Missing is success, for plugins that keep to the specification. */
  async del(network: LoadedNetwork, attachment: Attachment, result: JsonObject | undefined): Promise<void> {
    const identity = identityOf(network);
    const previous = atLeast(identity.version, WITH_CHECK) ? this.#previous(result, identity.version) : undefined;
    let missing: PluginError | undefined;
    for (const plugin of network.config.plugins.toReversed()) {
      const input = attachmentInput(identity, plugin, attachment, previous);
      try {
        await this.#execute(this.#invocation("DEL", network, plugin, input, attachment));
      } catch (error) {
        // A program that is gone will not come back for being waited for: the others do their part.
        if (!(error instanceof PluginError && error.missing)) throw error;
        missing ??= error;
      }
    }
    if (missing !== undefined) throw missing;
  }

  /** Throws the first plugin's objection. Does nothing where the configuration forbids it, or its version has no CHECK. */
  async check(network: LoadedNetwork, attachment: Attachment, result: JsonObject): Promise<void> {
    const identity = identityOf(network);
    if (network.config.disableCheck || !atLeast(identity.version, WITH_CHECK)) return;
    const previous = this.#previous(result, identity.version);
    for (const plugin of network.config.plugins) {
      const input = attachmentInput(identity, plugin, attachment, previous);
      await this.#execute(this.#invocation("CHECK", network, plugin, input, attachment));
    }
  }

  /** What was kept, in the form of the configuration's version. One that cannot be written so is left out, as libcni does. */
  #previous(result: JsonObject | undefined, version: string): JsonObject | undefined {
    if (result === undefined) return undefined;
    try {
      return writeResult(readResult(result, version), version || undefined);
    } catch {
      return undefined;
    }
  }

  /** Throws the first plugin's reason why it cannot connect pods. */
  async status(network: LoadedNetwork): Promise<void> {
    const identity = identityOf(network);
    if (!atLeast(identity.version, WITH_STATUS_AND_GC)) return;
    for (const plugin of network.config.plugins) {
      await this.#execute(this.#invocation("STATUS", network, plugin, statusInput(identity, plugin)));
    }
  }

  /** Every plugin is asked; gives what those said that failed. */
  async gc(network: LoadedNetwork, valid: readonly ValidAttachment[]): Promise<unknown[]> {
    const identity = identityOf(network);
    if (network.config.disableGc || !atLeast(identity.version, WITH_STATUS_AND_GC)) return [];
    const problems: unknown[] = [];
    for (const plugin of network.config.plugins) {
      try {
        await this.#execute(this.#invocation("GC", network, plugin, gcInput(identity, plugin, valid)));
      } catch (error) {
        problems.push(error);
      }
    }
    return problems;
  }

  /** The versions that a plugin says it speaks. */
  async versions(network: LoadedNetwork, plugin: PluginConfig): Promise<string[]> {
    // Values for programs that were built before VERSION needed none of these.
    const env = {
      ...environment("VERSION", undefined, []),
      CNI_NETNS: "dummy",
      CNI_IFNAME: "dummy",
      CNI_PATH: "dummy",
    };
    const invocation = { ...this.#invocation("VERSION", network, plugin, { cniVersion: NEWEST }), env };
    let output: JsonObject | undefined;
    try {
      output = await this.#execute(invocation);
    } catch (error) {
      if (error instanceof PluginError && describeError(error).includes("unknown CNI_COMMAND: VERSION"))
        return ["0.1.0"];
      throw error;
    }
    const { supportedVersions } = output ?? {};
    if (!Array.isArray(supportedVersions))
      throw new PluginError(invocation, "it does not say which versions it speaks");
    return (supportedVersions as unknown[]).filter(
      (item): item is string => typeof item === "string" && isVersion(item),
    );
  }
}

function identityOf(network: LoadedNetwork): { name: string; version: string } {
  return { name: network.config.name, version: network.config.versions[0] };
}
