// What a sandbox asks of the network, whoever answers: the built-in bridge or CNI plugins.

export interface PortMapping {
  readonly protocol: "tcp" | "udp" | "sctp";
  readonly containerPort: number;
  readonly hostPort: number;
  /** Empty: every address. */
  readonly hostIp: string;
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
}

export interface NetworkResult {
  /** The primary address first, without prefix length. */
  readonly ips: readonly string[];
  readonly interfaces: readonly { readonly name: string; readonly mac: string }[];
  /** Name servers the network wants pods to use, if it says. */
  readonly nameservers: readonly string[];
}

export interface PodNetwork {
  /** Which one it is, for people: `builtin` or the CNI network's name. */
  readonly name: string;
  /** Answers at once from what is known. */
  readiness(): { readonly ready: boolean; readonly reason: string; readonly message: string };
  /** Connects the sandbox; loopback is up already. Undone by itself when it fails. Repeating it for the same sandbox gives the same result. */
  attach(request: NetworkAttachment, options?: { signal?: AbortSignal | undefined }): Promise<NetworkResult>;
  /** Releases addresses, links and rules. Missing is success; works without the netns. */
  detach(sandboxId: string, options?: { signal?: AbortSignal | undefined }): Promise<void>;
  /** Called once at start with the sandboxes that live: everything held for others is released, theirs is put right. */
  restore(liveSandboxIds: ReadonlySet<string>): Promise<void>;
  /** Removes what the network keeps on the host while no pod is left (bridge, rule tables). */
  shutdown(): Promise<void>;
  close(): Promise<void>;
}
