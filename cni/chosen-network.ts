// The network that new pods are connected to: the built-in one or that of CNI plugins; and both for pods that were connected before
// the choice was another one.
import type { Logger } from "../agent/base/log.ts";
import { createBuiltinNetwork, hasBuiltinRecords, type BuiltinNetworkOptions } from "./builtin.ts";
import type { NetworkAttachment, NetworkDescription, NetworkResult, PodNetwork } from "./network.ts";
import { openCniNetwork, type CniNetwork, type CniNetworkOptions } from "./plugins/cni-network.ts";

export interface ChosenNetworkOptions {
  /**
   * `auto`: CNI plugins where there is a configuration, good or not; else the built-in one while no API server is joined. A
   * configuration that appears later counts from then on, and one that disappears is waited for.
   */
  readonly mode: "auto" | "builtin" | "cni";
  readonly standalone: boolean;
  readonly builtin: BuiltinNetworkOptions;
  readonly cni: Omit<CniNetworkOptions, "optional" | "logger">;
  readonly log: Logger;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export async function openChosenNetwork(options: ChosenNetworkOptions): Promise<PodNetwork> {
  const { mode, standalone, log } = options;
  const optional = mode === "auto" && standalone;
  const cni = await openCniNetwork({ ...options.cni, optional, logger: log });
  if (mode !== "builtin") await cni.start();
  const builtinIsFallback = mode === "builtin" || (optional && !cni.configured);
  const builtin =
    builtinIsFallback || hasBuiltinRecords(options.builtin.directory)
      ? await createBuiltinNetwork({ ...options.builtin, logger: log })
      : undefined;
  return new ChosenNetwork({ cni, builtin, follow: mode === "auto", useBuiltin: builtinIsFallback, log });
}

class ChosenNetwork implements PodNetwork {
  readonly #cni: CniNetwork;
  readonly #builtin: PodNetwork | undefined;
  /** A CNI configuration that appears changes the choice. */
  readonly #follow: boolean;
  readonly #log: Logger;
  #useBuiltin: boolean;

  constructor(parts: {
    cni: CniNetwork;
    builtin: PodNetwork | undefined;
    follow: boolean;
    useBuiltin: boolean;
    log: Logger;
  }) {
    this.#cni = parts.cni;
    this.#builtin = parts.builtin;
    this.#follow = parts.follow;
    this.#log = parts.log;
    this.#useBuiltin = parts.useBuiltin;
  }

  /** For whoever is connected now. */
  #choose(): PodNetwork {
    if (this.#useBuiltin && this.#follow && this.#cni.configured) {
      this.#useBuiltin = false;
      this.#log.info({ ...this.#cni.describe() }, "A CNI configuration has appeared: new pods are connected by it");
    }
    return this.#useBuiltin && this.#builtin !== undefined ? this.#builtin : this.#cni;
  }

  get name(): string {
    return this.#choose().name;
  }

  describe(): NetworkDescription {
    return this.#choose().describe();
  }

  readiness(): { readonly ready: boolean; readonly reason: string; readonly message: string } {
    return this.#choose().readiness();
  }

  attach(request: NetworkAttachment, options?: CallOptions): Promise<NetworkResult> {
    return this.#choose().attach(request, options);
  }

  async detach(sandboxId: string, options?: CallOptions): Promise<void> {
    if (this.#cni.holds(sandboxId)) await this.#cni.detach(sandboxId, options);
    await this.#builtin?.detach(sandboxId, options);
    if (this.#choose() !== this.#builtin) await this.#builtin?.shutdown(); // with its last pod
  }

  async restore(liveSandboxIds: ReadonlySet<string>): Promise<void> {
    await Promise.all([this.#cni.restore(liveSandboxIds), this.#builtin?.restore(liveSandboxIds)]);
    if (this.#choose() !== this.#builtin) await this.#builtin?.shutdown();
  }

  async shutdown(): Promise<void> {
    await Promise.all([this.#cni.shutdown(), this.#builtin?.shutdown()]);
  }

  async close(): Promise<void> {
    await Promise.all([this.#cni.close(), this.#builtin?.close()]);
  }
}
