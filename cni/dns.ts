// The host's resolv.conf, as pods with dnsPolicy Default get it.
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { isIP } from "node:net";
import { isErrno, NodeletError } from "../agent/base/errors.ts";

export interface DnsConfig {
  /** In order; resolvers ask at most the first three. */
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  /** As written, such as `ndots:5`. */
  readonly options: readonly string[];
}

export const RESOLV_CONF = "/etc/resolv.conf";

/** Real files are far smaller; more than this is not a resolv.conf. */
const MAX_SIZE = 64 * 1024;

/** Where a caching resolver of the host answers, such as systemd-resolved. */
const STUB = /^127\./;

/**
 * resolv.conf(5). Lines start with their keyword; the last `search` or `domain` line wins, options add up. Name servers that are
 * not addresses, and lines that are nothing known, are passed over, as resolvers do.
 */
export function parseResolvConf(text: string): DnsConfig {
  const nameservers: string[] = [];
  let searches: string[] = [];
  const options: string[] = [];
  for (const line of text.split("\n")) {
    const [keyword, ...words] = line
      .replace(/[#;].*$/, "")
      .trim()
      .split(/\s+/);
    if (/^\s/.test(line)) continue;
    if (words.some((word) => /\p{Cc}/u.test(word))) continue;
    if (keyword === "nameserver") {
      const server = words[0] ?? "";
      if (isIP(server.replace(/%.*$/, "")) !== 0 && !nameservers.includes(server)) nameservers.push(server);
    } else if (keyword === "search" || keyword === "domain") {
      const names = keyword === "domain" ? words.slice(0, 1) : words;
      searches = names.filter((name) => name !== ".").map((name) => name.replace(/\.$/, ""));
    } else if (keyword === "options") {
      for (const word of words) if (!options.includes(word)) options.push(word);
    }
  }
  return { nameservers, searches, options };
}

/** Reads the file; a missing one is empty. Throws `invalid` when it is too large or no regular file. */
export function readResolvConf(path: string = RESOLV_CONF): DnsConfig {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return { nameservers: [], searches: [], options: [] };
    throw new NodeletError("internal", "Cannot open the resolver configuration", { where: path, cause: error });
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > MAX_SIZE) {
      const what = stat.isFile() ? `it has ${stat.size} bytes` : "it is no regular file";
      throw new NodeletError("invalid", `Cannot use the resolver configuration: ${what}`, {
        where: path,
        fix: `Name a regular file of at most ${MAX_SIZE} bytes.`,
      });
    }
    const buffer = Buffer.alloc(MAX_SIZE);
    return parseResolvConf(buffer.subarray(0, readSync(fd, buffer)).toString("utf8"));
  } finally {
    closeSync(fd);
  }
}

/** Whether each name server is one that answers on the host's loopback only, which a pod of its own network cannot reach. */
export function onlyLoopback(config: DnsConfig): boolean {
  return config.nameservers.length > 0 && config.nameservers.every((server) => STUB.test(server) || server === "::1");
}
