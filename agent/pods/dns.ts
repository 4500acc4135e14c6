// Name resolution of a pod: its policy, the cluster's DNS if there is one, the node's resolver configuration.

import { readFile } from "node:fs/promises";

import { isErrno, NodeletError } from "../base/errors.ts";
import type { DNSConfig } from "../cri/runtime.ts";
import type { DecodedPod } from "./schema/decode.ts";

/** resolv.conf takes no more. */
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
/** systemd-resolved's list of real servers, beside the stub on the loopback that a pod cannot reach. */
const UPSTREAM_RESOLV_CONF = "/run/systemd/resolve/resolv.conf";
const DEFAULT_RESOLV_CONF = "/etc/resolv.conf";

export interface DnsSettings {
  /** Undefined: /etc/resolv.conf, or what stands behind it when that names only the loopback. Empty: none. */
  readonly resolvConf: string | undefined;
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
}

interface Resolver {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export function parseResolvConf(text: string): Resolver {
  const servers: string[] = [];
  let searches: string[] = [];
  let options: string[] = [];
  for (const line of text.split("\n")) {
    const [keyword, ...words] = line
      .replace(/[#;].*/, "")
      .trim()
      .split(/\s+/);
    if (keyword === "nameserver" && words[0] !== undefined) servers.push(words[0]);
    if (keyword === "search" || keyword === "domain") searches = words;
    if (keyword === "options") options = [...options, ...words];
  }
  return { servers, searches, options };
}

async function readResolver(path: string): Promise<Resolver> {
  try {
    return parseResolvConf(await readFile(path, "utf8"));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return { servers: [], searches: [], options: [] };
    throw error;
  }
}

export async function hostResolver(path: string | undefined): Promise<Resolver> {
  if (path === "") return { servers: [], searches: [], options: [] };
  if (path !== undefined) return await readResolver(path);
  const resolver = await readResolver(DEFAULT_RESOLV_CONF);
  const local = (server: string): boolean => server.startsWith("127.") || server === "::1";
  if (resolver.servers.length === 0 || !resolver.servers.every(local)) return resolver;
  const upstream = await readResolver(UPSTREAM_RESOLV_CONF);
  return upstream.servers.length > 0 ? upstream : resolver;
}

export async function dnsConfig(pod: DecodedPod, settings: DnsSettings): Promise<DNSConfig> {
  const { dnsPolicy, hostNetwork } = pod.spec;
  const wantsCluster =
    dnsPolicy === "ClusterFirstWithHostNet" || (dnsPolicy === "ClusterFirst" && hostNetwork !== true);
  let base: Resolver;
  if (dnsPolicy === "None") {
    base = { servers: [], searches: [], options: [] };
  } else if (wantsCluster && settings.clusterDns.length > 0) {
    const host = await hostResolver(settings.resolvConf);
    const domain = settings.clusterDomain;
    const searches = domain === "" ? [] : [`${pod.metadata.namespace}.svc.${domain}`, `svc.${domain}`, domain];
    base = { servers: settings.clusterDns, searches: [...searches, ...host.searches], options: ["ndots:5"] };
  } else {
    base = await hostResolver(settings.resolvConf);
  }
  const own = pod.spec.dnsConfig;
  const unique = (words: readonly string[]): string[] => [...new Set(words)];
  const options = new Map(base.options.map((option) => [option.split(":")[0] ?? option, option]));
  for (const option of own?.options ?? []) {
    const name = option.name ?? "";
    options.set(name, option.value === undefined || option.value === "" ? name : `${name}:${option.value}`);
  }
  return {
    servers: unique([...base.servers, ...(own?.nameservers ?? [])]).slice(0, MAX_NAMESERVERS),
    searches: unique([...base.searches, ...(own?.searches ?? [])]).slice(0, MAX_SEARCHES),
    options: [...options.values()],
  };
}

/** Of the kernel. */
const MAX_HOSTNAME = 64;

/**
 * Host name and, with a subdomain, the name under which the cluster's DNS knows the pod. Throws `invalid` for a name that the kernel
 * does not take.
 */
export function podHostname(
  pod: DecodedPod,
  clusterDomain: string,
): { readonly hostname: string; readonly fqdn: string } {
  // A pod's name may be longer than a host name can be, and end in what a host name cannot end in when cut.
  const short = pod.spec.hostname ?? pod.metadata.name.slice(0, 63).replace(/[-.]+$/, "");
  const { subdomain, hostnameOverride } = pod.spec;
  if (hostnameOverride !== undefined && hostnameOverride !== "") return { hostname: hostnameOverride, fqdn: "" };
  if (subdomain === undefined || subdomain === "") return { hostname: short, fqdn: "" };
  const fqdn = `${short}.${subdomain}.${pod.metadata.namespace}.svc.${clusterDomain}`;
  if (pod.spec.setHostnameAsFQDN !== true) return { hostname: short, fqdn };
  if (fqdn.length > MAX_HOSTNAME) {
    const message = `failed to construct FQDN from pod hostname and cluster domain, FQDN ${fqdn} is too long (${MAX_HOSTNAME} characters is the max, ${fqdn.length} characters requested)`;
    // Without the field before it: kubelet's users look for these words at the event's beginning.
    throw new NodeletError("invalid", message, {
      fix: "Shorten spec.hostname or spec.subdomain",
    });
  }
  return { hostname: fqdn, fqdn };
}
