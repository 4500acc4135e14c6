// What a sandbox asks of the network, whoever answers: the built-in bridge or CNI plugins.

export interface PortMapping {
  readonly protocol: "tcp" | "udp" | "sctp";
  readonly containerPort: number;
  readonly hostPort: number;
  /** Empty: every address. */
  readonly hostIp: string;
}

/** What resolv.conf says: servers are addresses. */
export interface ResolverSettings {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface NetworkAttachment {
  readonly sandboxId: string;
  readonly podNamespace: string;
  readonly podName: string;
  readonly podUid: string;
  /** The pinned network namespace, `/run/netns/...`. */
  readonly netns: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly portMappings: readonly PortMapping[];
  /** What the pod's own configuration asks for. */
  readonly dns: ResolverSettings | undefined;
  /** Of the pod; empty for none. */
  readonly cgroupParent: string;
}

/** How a pod is connected, for people. */
export interface NetworkDetail {
  readonly network: string;
  /** Programs in the order in which they made it; none: made by nodelet itself. */
  readonly plugins: readonly string[];
  /** How long each of them took, in the same order; of nodelet itself all at once. Milliseconds. */
  readonly times?: readonly number[] | undefined;
  /** What nodelet itself made, in words. */
  readonly made?: readonly string[] | undefined;
  /** The plugins' result, in its own form. */
  readonly result?: Readonly<Record<string, unknown>> | undefined;
}

export interface NetworkResult {
  /** The primary address first, without prefix length. */
  readonly ips: readonly string[];
  readonly interfaces: readonly { readonly name: string; readonly mac: string }[];
  /** What the network wants pods to use, if it says. */
  readonly dns: ResolverSettings | undefined;
  readonly detail: NetworkDetail;
}

/** A network as a whole, for people. */
export interface NetworkDescription {
  readonly name: string;
  /** The configuration's file, if there is one. */
  readonly file?: string | undefined;
  readonly cniVersion?: string | undefined;
  readonly plugins?: readonly string[] | undefined;
}

export interface PodNetwork {
  /** Which one it is, for people: `builtin` or the CNI network's name. */
  readonly name: string;
  describe(): NetworkDescription;
  /** Answers at once from what is known. */
  readiness(): { readonly ready: boolean; readonly reason: string; readonly message: string };
  /**
   * Connects the sandbox; loopback is up already. Undone by itself when it fails. Repeating it for the same sandbox gives the same result, and
   * joins what is under way. Aborting ends the wait of the caller; what nobody waits for any more is undone when it is done.
   */
  attach(request: NetworkAttachment, options?: { signal?: AbortSignal | undefined }): Promise<NetworkResult>;
  /** Releases addresses, links and rules. Missing is success; works without the netns. */
  detach(sandboxId: string, options?: { signal?: AbortSignal | undefined }): Promise<void>;
  /** Called once at start with the sandboxes that live: everything held for others is released, theirs is put right. */
  restore(liveSandboxIds: ReadonlySet<string>): Promise<void>;
  /** Removes what the network keeps on the host while no pod is left (bridge, rule tables). */
  shutdown(): Promise<void>;
  close(): Promise<void>;
}
