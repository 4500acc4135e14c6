// A sandbox's /etc/resolv.conf: what the CRI asks for, else what the network offers, else the host's.

import { readFile } from "node:fs/promises";

import { isErrno, NodeletError } from "../base/errors.ts";
import type { DNSConfig } from "../cri/runtime.ts";
import type { ResolverSettings } from "../../cni/network.ts";

/** A larger one is not a configuration that people wrote. */
const HOST_FILE_BYTES_MAX = 64 * 1024;

export async function resolvConfText(
  dns: DNSConfig | undefined,
  offered: ResolverSettings | undefined,
  hostFile = "/etc/resolv.conf",
): Promise<string> {
  const servers = dns?.servers ?? [];
  const searches = dns?.searches ?? [];
  const options = dns?.options ?? [];
  if (servers.length > 0 || searches.length > 0 || options.length > 0) return format(servers, searches, options);
  if (offered !== undefined) return format(offered.servers, offered.searches, offered.options);
  return await hostFileText(hostFile);
}

/** A small file of the host, as a pod without wishes of its own gets it; empty when there is none. */
export async function hostFileText(path: string): Promise<string> {
  try {
    const text = await readFile(path, "utf8");
    return text.length <= HOST_FILE_BYTES_MAX ? text : "";
  } catch (error) {
    if (isErrno(error, "ENOENT")) return "";
    throw error;
  }
}

function format(servers: readonly string[], searches: readonly string[], options: readonly string[]): string {
  for (const word of [...servers, ...searches, ...options]) {
    if (/[\s\0]/.test(word)) {
      throw new NodeletError("invalid", `"${word}" holds white space or NUL`, {
        where: "dns_config",
        fix: "give one word an entry",
      });
    }
  }
  return [
    ...(searches.length > 0 ? [`search ${searches.join(" ")}`] : []),
    ...servers.map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(" ")}`] : []),
    "",
  ].join("\n");
}
